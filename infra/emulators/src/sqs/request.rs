//! What SQS calls look like on the wire, and what SQS refuses in them.

use super::outgoing;
use super::reply::Refusal;
use crate::{Outgoing, QueueSettings, Redrive, storage};
use base64ct::{Base64, Encoding};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// The longest message, and the longest batch: 1 MiB of body and attributes.
pub(super) const LONGEST_MESSAGE: usize = 1 << 20;
const LONGEST_VISIBILITY: u64 = 12 * 3_600;
const LONGEST_WAIT: u64 = 20;

/// The members of all actions together; none means different things in two of them.
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

/// Message attributes, sorted by name.
#[derive(Deserialize, Serialize, Default, Clone)]
#[serde(transparent)]
pub(super) struct MessageAttributes(pub(super) BTreeMap<String, MessageAttribute>);

#[derive(Deserialize, Serialize, Clone)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MessageAttribute {
    pub(super) data_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<String>,
    /// In base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) binary_value: Option<String>,
}

impl MessageAttribute {
    pub(super) fn value(&self) -> Vec<u8> {
        match (&self.string_value, &self.binary_value) {
            (Some(text), _) => text.clone().into_bytes(),
            (None, Some(binary)) => Base64::decode_vec(binary).unwrap_or_default(),
            (None, None) => Vec::new(),
        }
    }
}

impl MessageAttributes {
    /// Those with a text as value.
    pub(super) fn texts(&self) -> Vec<(String, String)> {
        let text = |(name, value): (&String, &MessageAttribute)| Some((name.clone(), value.string_value.clone()?));
        self.0.iter().filter_map(text).collect()
    }

    pub(super) fn keep(mut self, wanted: impl Fn(&str) -> bool) -> Self {
        self.0.retain(|name, _| wanted(name));
        self
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len() + value.data_type.len() + value.value().len()).sum()
    }

    pub(super) fn to_json(&self) -> Option<String> {
        if self.0.is_empty() { None } else { serde_json::to_string(self).ok() }
    }
}

impl Input {
    /// The name of the queue: the last part of its URL.
    pub(super) fn queue(&self) -> Result<&str, Refusal> {
        let url = self.queue_url.as_deref().ok_or_else(|| Refusal::missing("QueueUrl"))?;
        Ok(url.rsplit('/').next().unwrap_or(url))
    }

    pub(super) fn outgoing(&self) -> Result<Outgoing, Refusal> {
        outgoing(self.message_body.as_deref(), self.delay_seconds, &self.message_attributes)
    }

    pub(super) fn receipt(&self) -> Result<&str, Refusal> {
        let receipt = self.receipt_handle.as_deref().ok_or_else(|| Refusal::missing("ReceiptHandle"))?;
        if storage::is_receipt(receipt) { Ok(receipt) } else { Err(Refusal::receipt()) }
    }

    pub(super) fn visibility_timeout(&self) -> Result<Option<Duration>, Refusal> {
        self.visibility_timeout.map(|given| seconds("VisibilityTimeout", given, LONGEST_VISIBILITY)).transpose()
    }

    pub(super) fn wait_time(&self) -> Duration {
        Duration::from_secs(self.wait_time_seconds.unwrap_or_default().min(LONGEST_WAIT))
    }

    pub(super) fn wants_system_attribute(&self, name: &str) -> bool {
        let mut wanted = self.attribute_names.iter().chain(&self.message_system_attribute_names);
        wanted.any(|given| given == "All" || given == name)
    }

    pub(super) fn wants_message_attribute(&self, name: &str) -> bool {
        self.message_attribute_names.iter().any(|given| {
            given == "All" || given == name || given.strip_suffix(".*").is_some_and(|prefix| name.starts_with(prefix))
        })
    }

    /// The queue that a `CreateQueue` asks for. Attributes that the local queues do not have are refused, not ignored.
    pub(super) fn queue_settings(&self) -> Result<QueueSettings, Refusal> {
        let name = self.queue_name.as_deref().ok_or_else(|| Refusal::missing("QueueName"))?;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !(1..=80).contains(&name.len()) || !name.bytes().all(allowed) {
            let told = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
            return Err(Refusal::parameter(told));
        }
        let mut settings = QueueSettings::new(name);
        for (attribute, value) in &self.attributes {
            let number = |longest| {
                let given = value.parse().map_err(|_| invalid_value(attribute))?;
                seconds(attribute, given, longest).map_err(|_| invalid_value(attribute))
            };
            match attribute.as_str() {
                "VisibilityTimeout" => settings.visibility = number(LONGEST_VISIBILITY)?,
                "DelaySeconds" => settings.delay = number(900)?,
                "RedrivePolicy" => settings.redrive = Some(redrive(value).ok_or_else(|| invalid_value(attribute))?),
                _ => {
                    let told = format!("{attribute} is no queue attribute that the local stack plays");
                    return Err(Refusal::new("InvalidAttributeName", told));
                }
            }
        }
        Ok(settings)
    }
}

fn invalid_value(attribute: &str) -> Refusal {
    Refusal::new("InvalidAttributeValue", format!("Invalid value for the parameter {attribute}."))
}

/// `{"deadLetterTargetArn": "arn:…:name", "maxReceiveCount": 5}`, the number as a number or a text.
fn redrive(policy: &str) -> Option<Redrive> {
    let policy: serde_json::Value = serde_json::from_str(policy).ok()?;
    let max_receives = match &policy["maxReceiveCount"] {
        serde_json::Value::String(text) => text.parse().ok()?,
        number => u32::try_from(number.as_u64()?).ok()?,
    };
    let dead_letter_queue = policy["deadLetterTargetArn"].as_str()?.rsplit(':').next()?.to_owned();
    (1..=1_000).contains(&max_receives).then_some(Redrive { dead_letter_queue, max_receives })
}

/// A number of seconds from 0 to `longest`.
pub(super) fn seconds(parameter: &str, given: i64, longest: u64) -> Result<Duration, Refusal> {
    let seconds = u64::try_from(given).ok().filter(|seconds| *seconds <= longest);
    let told = || {
        Refusal::parameter(format!(
            "Value {given} for parameter {parameter} is invalid. Reason: must be between 0 and {longest}."
        ))
    };
    seconds.map(Duration::from_secs).ok_or_else(told)
}

/// Characters that XML 1.0 allows; SQS takes no others.
pub(super) fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}
