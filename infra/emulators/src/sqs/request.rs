//! Calls in the forms of SQS, and the checks of their parameters.

use super::attributes::MessageAttributes;
use super::reply::Refusal;
use crate::{Outgoing, QueueSettings, Redrive, storage};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// Most bytes of body and attributes in a message, and in a whole batch: 1 MiB.
pub(super) const MAX_MESSAGE_BYTES: usize = 1 << 20;
const MAX_VISIBILITY_SECONDS: u64 = 12 * 3_600;
const MAX_DELAY_SECONDS: u64 = 900;
const MAX_WAIT_SECONDS: u64 = 20;

/// The parameters of all actions together; no name means different things in two of them.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Input {
    queue_url: Option<String>,
    pub(super) queue_name: Option<String>,
    message_body: Option<String>,
    delay_seconds: Option<i64>,
    pub(super) message_attributes: MessageAttributes,
    pub(super) entries: Vec<Entry>,
    pub(super) max_number_of_messages: Option<usize>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<u64>,
    receipt_handle: Option<String>,
    attribute_names: Vec<String>,
    message_system_attribute_names: Vec<String>,
    message_attribute_names: Vec<String>,
    pub(super) attributes: BTreeMap<String, String>,
}

/// An entry of a batch.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) message_body: Option<String>,
    pub(super) delay_seconds: Option<i64>,
    #[serde(default)]
    pub(super) message_attributes: MessageAttributes,
    pub(super) receipt_handle: Option<String>,
}

impl Input {
    /// The name of the queue: the last part of its URL.
    pub(super) fn queue(&self) -> Result<&str, Refusal> {
        let url = self.queue_url.as_deref().ok_or_else(|| Refusal::missing("QueueUrl"))?;
        Ok(url.rsplit('/').next().unwrap_or(url))
    }

    /// The message of a `SendMessage`.
    pub(super) fn outgoing(&self) -> Result<Outgoing, Refusal> {
        outgoing(self.message_body.as_deref(), self.delay_seconds, &self.message_attributes)
    }

    /// The receipt handle, if a receive may have given it out.
    pub(super) fn receipt(&self) -> Result<&str, Refusal> {
        let receipt = self.receipt_handle.as_deref().ok_or_else(|| Refusal::missing("ReceiptHandle"))?;
        if storage::is_receipt(receipt) { Ok(receipt) } else { Err(Refusal::invalid_receipt()) }
    }

    /// How long a message stays hidden, if the caller says.
    pub(super) fn visibility_timeout(&self) -> Result<Option<Duration>, Refusal> {
        self.visibility_timeout.map(|given| seconds("VisibilityTimeout", given, MAX_VISIBILITY_SECONDS)).transpose()
    }

    /// How long a receive waits for messages.
    pub(super) fn wait_time(&self) -> Duration {
        Duration::from_secs(self.wait_time_seconds.unwrap_or_default().min(MAX_WAIT_SECONDS))
    }

    /// Whether the caller asks for an attribute that SQS sets.
    pub(super) fn wants_system_attribute(&self, name: &str) -> bool {
        let mut wanted = self.attribute_names.iter().chain(&self.message_system_attribute_names);
        wanted.any(|given| given == "All" || given == name)
    }

    /// Whether the caller asks for an attribute that the sender set; `prefix.*` asks for all with that prefix.
    pub(super) fn wants_message_attribute(&self, name: &str) -> bool {
        self.message_attribute_names.iter().any(|given| {
            given == "All" || given == name || given.strip_suffix(".*").is_some_and(|prefix| name.starts_with(prefix))
        })
    }

    /// The queue that a `CreateQueue` asks for. Attributes that the emulated queues do not have are refused, not ignored.
    pub(super) fn queue_settings(&self) -> Result<QueueSettings, Refusal> {
        let name = self.queue_name.as_deref().ok_or_else(|| Refusal::missing("QueueName"))?;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !(1..=80).contains(&name.len()) || !name.bytes().all(allowed) {
            return Err(Refusal::invalid_parameter(
                "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
            ));
        }
        let mut settings = QueueSettings::new(name);
        for (attribute, value) in &self.attributes {
            let number = |max| {
                let given = value.parse().map_err(|_| invalid_value(attribute))?;
                seconds(attribute, given, max).map_err(|_| invalid_value(attribute))
            };
            match attribute.as_str() {
                "VisibilityTimeout" => settings.visibility = number(MAX_VISIBILITY_SECONDS)?,
                "DelaySeconds" => settings.delay = number(MAX_DELAY_SECONDS)?,
                "RedrivePolicy" => settings.redrive = Some(redrive(value).ok_or_else(|| invalid_value(attribute))?),
                _ => {
                    let message = format!("{attribute} is no queue attribute that the local stack plays");
                    return Err(Refusal::new("InvalidAttributeName", message));
                }
            }
        }
        Ok(settings)
    }
}

fn invalid_value(attribute: &str) -> Refusal {
    Refusal::new("InvalidAttributeValue", format!("Invalid value for the parameter {attribute}."))
}

/// Parses `{"deadLetterTargetArn": "arn:…:name", "maxReceiveCount": 5}`; the count may be a number or a string.
fn redrive(policy: &str) -> Option<Redrive> {
    let policy: serde_json::Value = serde_json::from_str(policy).ok()?;
    let max_receives = match &policy["maxReceiveCount"] {
        serde_json::Value::String(text) => text.parse().ok()?,
        number => u32::try_from(number.as_u64()?).ok()?,
    };
    let dead_letter_queue = policy["deadLetterTargetArn"].as_str()?.rsplit(':').next()?.to_owned();
    (1..=1_000).contains(&max_receives).then_some(Redrive { dead_letter_queue, max_receives })
}

/// A number of seconds from 0 to `max`.
fn seconds(parameter: &str, given: i64, max: u64) -> Result<Duration, Refusal> {
    let seconds = u64::try_from(given).ok().filter(|seconds| *seconds <= max);
    seconds.map(Duration::from_secs).ok_or_else(|| {
        Refusal::invalid_parameter(format!(
            "Value {given} for parameter {parameter} is invalid. Reason: must be between 0 and {max}."
        ))
    })
}

/// A message to store, of a call of its own or of a batch entry.
pub(super) fn outgoing(
    body: Option<&str>,
    delay_seconds: Option<i64>,
    attributes: &MessageAttributes,
) -> Result<Outgoing, Refusal> {
    let body = body.filter(|body| !body.is_empty()).ok_or_else(|| Refusal::missing("MessageBody"))?;
    if body.len() + attributes.bytes() > MAX_MESSAGE_BYTES {
        return Err(Refusal::invalid_parameter(format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {MAX_MESSAGE_BYTES} bytes."
        )));
    }
    if !body.chars().all(is_allowed) {
        return Err(Refusal::new("InvalidMessageContents", "The message contains characters outside the allowed set."));
    }
    let delay = delay_seconds.map(|given| seconds("DelaySeconds", given, MAX_DELAY_SECONDS)).transpose()?;
    Ok(Outgoing { body: body.to_owned(), attributes: attributes.to_json(), delay })
}

/// Whether XML 1.0 allows a character; SQS takes no others.
fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}
