//! Message attributes: what a caller sends along with a body.

use base64ct::{Base64, Encoding};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Message attributes, sorted by name.
#[derive(Deserialize, Serialize, Default, Clone)]
#[serde(transparent)]
pub(super) struct MessageAttributes(BTreeMap<String, MessageAttribute>);

#[derive(Deserialize, Serialize, Clone)]
#[serde(rename_all = "PascalCase")]
struct MessageAttribute {
    data_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<String>,
    /// In base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
}

impl MessageAttribute {
    fn value(&self) -> Vec<u8> {
        match (&self.string_value, &self.binary_value) {
            (Some(text), _) => text.clone().into_bytes(),
            (None, Some(binary)) => Base64::decode_vec(binary).unwrap_or_default(),
            (None, None) => Vec::new(),
        }
    }
}

impl MessageAttributes {
    /// Parses what [`MessageAttributes::to_json`] wrote; anything else counts as no attributes.
    pub(super) fn from_json(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }

    /// JSON to store, or `None` without attributes.
    pub(super) fn to_json(&self) -> Option<String> {
        if self.0.is_empty() { None } else { serde_json::to_string(self).ok() }
    }

    /// Names and values of the attributes with a text value.
    pub(super) fn texts(&self) -> Vec<(String, String)> {
        let text = |(name, value): (&String, &MessageAttribute)| Some((name.clone(), value.string_value.clone()?));
        self.0.iter().filter_map(text).collect()
    }

    /// The attributes whose names a filter accepts.
    pub(super) fn filter(mut self, wanted: impl Fn(&str) -> bool) -> Self {
        self.0.retain(|name, _| wanted(name));
        self
    }

    /// Their share of a message's size: names, types and values.
    pub(super) fn bytes(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len() + value.data_type.len() + value.value().len()).sum()
    }

    /// The checksum that SQS's developer guide defines: sorted by name; name, type and value each after their length,
    /// and one byte that tells text from binary. `None` without attributes.
    pub(super) fn checksum(&self) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        let mut context = md5::Context::new();
        for (name, attribute) in &self.0 {
            let kind = if attribute.binary_value.is_some() { 2 } else { 1 };
            let value = attribute.value();
            let parts: [(&[u8], &[u8]); 3] =
                [(&[], name.as_bytes()), (&[], attribute.data_type.as_bytes()), (&[kind], &value)];
            for (prefix, part) in parts {
                context.consume(prefix);
                context.consume(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
                context.consume(part);
            }
        }
        Some(format!("{:x}", context.compute()))
    }
}
