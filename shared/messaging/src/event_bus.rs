//! Events for the platform team's other systems: CloudEvents on an EventBridge bus.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::DateTime;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
use rekindle_platform::{Parts, SettingError};
use serde_json::{Value, json};

/// Most bytes of an event, as EventBridge counts them: the limit of one call, less some room for the names.
const MAX_EVENT_BYTES: usize = 256 * 1024 - 1024;

/// Codes by which EventBridge says "not now" of a single event.
const FOR_NOW: [&str; 3] = ["InternalFailure", "InternalException", "ThrottlingException"];

/// An event as CloudEvents 1.0 has it. `source` and `id` together identify it, so receivers
/// can drop a repetition.
#[derive(Clone, PartialEq)]
pub struct CloudEvent {
    /// What makes the event the same when it is published again: derived from what happened, never random.
    pub id: String,
    /// Whose event it is: `rekindle/{shop}`.
    pub source: String,
    /// What happened, such as `rekindle.sending.paused`.
    pub kind: String,
    /// What it happened to, within the source.
    pub subject: Option<String>,
    /// When it happened.
    pub time: Timestamp,
    /// The details, a JSON object.
    pub data: Value,
}

impl CloudEvent {
    /// An event of a shop.
    #[must_use]
    pub fn of_shop(shop: &ShopId, kind: &str, id: String, time: Timestamp, data: Value) -> Self {
        Self { id, source: format!("rekindle/{shop}"), kind: kind.to_owned(), subject: None, time, data }
    }

    /// The event about one thing of the shop, such as a customer or a message.
    #[must_use]
    pub fn about(self, subject: impl Into<String>) -> Self {
        Self { subject: Some(subject.into()), ..self }
    }

    /// The event in the JSON format of CloudEvents.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut json = json!({
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.kind,
        });
        if let Some(subject) = &self.subject {
            json["subject"] = subject.as_str().into();
        }
        json["time"] = self.time.to_string().into();
        json["datacontenttype"] = "application/json".into();
        json["data"] = self.data.clone();
        json
    }
}

/// The details may be about a customer, so they are left out.
impl std::fmt::Debug for CloudEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { id, source, kind, .. } = self;
        write!(f, "CloudEvent({kind} {id} of {source})")
    }
}

/// An event is not on the bus, as far as is known.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The bus did not answer, or takes nothing at the moment: publish the same event again later.
    #[error("the event bus takes nothing at the moment ({code}); publish the event again")]
    NotNow {
        /// The error code, or what is known of the failure.
        code: String,
    },
    /// The bus will never accept the event, or the role may not publish: correct the deployment or the event.
    #[error("the event bus refused the event ({code})")]
    Refused {
        /// The error code.
        code: String,
    },
    /// The event is larger than the bus takes.
    #[error("the event is {bytes} bytes long; the bus takes at most {MAX_EVENT_BYTES}")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
}

impl PublishError {
    /// Whether the same event can be published later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::NotNow { .. })
    }
}

/// Publishes events on one bus; without a bus in the deployment, it publishes nothing. Cheap to clone.
#[derive(Debug, Clone)]
pub struct EventBus(Option<Bus>);

#[derive(Debug, Clone)]
struct Bus {
    client: Client,
    name: String,
}

impl EventBus {
    /// The bus that `EVENT_BUS_NAME` names; no bus if it is not set.
    ///
    /// # Errors
    /// The variable is malformed.
    pub fn from_parts(parts: &Parts) -> Result<Self, SettingError> {
        let name = parts.environment.event_bus_name()?;
        Ok(name.map_or_else(Self::none, |name| Self::named(parts.clients.eventbridge(), name)))
    }

    /// A bus by its name or ARN.
    #[must_use]
    pub fn named(client: Client, name: String) -> Self {
        Self(Some(Bus { client, name }))
    }

    /// No bus: the deployment names none, and publishing does nothing.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    /// Publishes an event. Once this returns, it is on the bus (at least once: the client repeats a call whose
    /// answer was lost, and the receiver knows the repetition by source and id).
    ///
    /// # Errors
    /// The event may or may not be on the bus; [`PublishError::is_passing`] tells whether to publish it again.
    pub async fn publish(&self, event: &CloudEvent) -> Result<(), PublishError> {
        let Some(Bus { client, name }) = &self.0 else { return Ok(()) };
        let detail = event.to_json().to_string();
        if detail.len() > MAX_EVENT_BYTES {
            return Err(PublishError::TooLong { bytes: detail.len() });
        }
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(name)
            .source(&event.source)
            .detail_type(&event.kind)
            .time(DateTime::from_secs(event.time.as_second()))
            .detail(detail)
            .build();
        let answer = client.put_events().entries(entry).send().await.map_err(|error| sort(&error))?;
        // A call can succeed while the event in it failed.
        if answer.failed_entry_count() == 0 {
            return Ok(());
        }
        let code = answer.entries().iter().find_map(PutEventsResultEntry::error_code).unwrap_or("no code").to_owned();
        Err(if FOR_NOW.contains(&code.as_str()) {
            PublishError::NotNow { code }
        } else {
            PublishError::Refused { code }
        })
    }
}

fn sort<E: ProvideErrorMetadata>(
    error: &SdkError<E, aws_smithy_runtime_api::client::orchestrator::HttpResponse>,
) -> PublishError {
    match error {
        SdkError::ServiceError(answer) => {
            let (status, code) = (answer.raw().status().as_u16(), answer.err().code().unwrap_or("no code").to_owned());
            if (400..500).contains(&status)
                && status != 429
                && !code.contains("Throttl")
                && !FOR_NOW.contains(&code.as_str())
            {
                PublishError::Refused { code }
            } else {
                PublishError::NotNow { code }
            }
        }
        SdkError::ConstructionFailure(_) => PublishError::Refused { code: "the request could not be built".to_owned() },
        _ => PublishError::NotNow { code: "no answer".to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> CloudEvent {
        let shop = ShopId::parse("vinyl").expect("an id");
        let time = "2026-11-22T10:00:00Z".parse().expect("an instant");
        CloudEvent::of_shop(&shop, "rekindle.sending.paused", "p1".to_owned(), time, json!({ "mails": 1000 }))
    }

    #[test]
    fn an_event_has_every_attribute_that_cloudevents_asks_for() {
        let expected = json!({
            "specversion": "1.0", "id": "p1", "source": "rekindle/vinyl", "type": "rekindle.sending.paused",
            "time": "2026-11-22T10:00:00Z", "datacontenttype": "application/json", "data": { "mails": 1000 },
        });
        assert_eq!(event().to_json(), expected);
        assert_eq!(event().about("anna").to_json()["subject"], "anna");
        assert_eq!(format!("{:?}", event()), "CloudEvent(rekindle.sending.paused p1 of rekindle/vinyl)");
    }

    #[tokio::test]
    async fn without_a_bus_nothing_is_published_and_nothing_fails() {
        assert!(EventBus::none().publish(&event()).await.is_ok());
    }
}
