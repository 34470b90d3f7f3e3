//! Reading fields of a body that may be of any form.

use crate::amount::Amount;
use crate::reading::FieldError;
use jiff::Timestamp;
use serde_json::Value;

/// Most warnings of one delivery.
const MAX_WARNINGS: usize = 50;
/// Longest text that is taken, in characters; a longer one is cut.
const MAX_TEXT_LEN: usize = 500;
/// Longest id that is taken, in characters; a longer one is none.
const MAX_ID_LEN: usize = 100;

/// A field of the body, which may be absent, and its path.
#[derive(Debug, Clone)]
pub(crate) struct Node<'v> {
    value: &'v Value,
    path: String,
}

/// What was left out of a delivery.
#[derive(Debug, Default)]
pub(crate) struct Warnings(pub(crate) Vec<FieldError>);

impl Warnings {
    pub(crate) fn add(&mut self, field: impl Into<String>, reason: impl Into<String>) {
        if self.0.len() < MAX_WARNINGS {
            self.0.push(FieldError::new(field, reason));
        }
    }
}

impl<'v> Node<'v> {
    pub(crate) fn root(value: &'v Value) -> Self {
        Self { value, path: String::new() }
    }

    /// A member. Of anything but an object every member is absent: shop systems write `[]` for an empty object.
    pub(crate) fn get(&self, name: &str) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self { value: self.value.get(name).unwrap_or(&Value::Null), path }
    }

    /// A member of a member.
    pub(crate) fn at(&self, names: &[&str]) -> Self {
        names.iter().fold(self.clone(), |node, name| node.get(name))
    }

    pub(crate) fn value(&self) -> &'v Value {
        self.value
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn is_null(&self) -> bool {
        self.value.is_null()
    }

    /// The elements of a list; none of anything else.
    pub(crate) fn list(&self) -> Vec<Self> {
        let elements = self.value.as_array().map(Vec::as_slice).unwrap_or_default();
        let node = |(place, value)| Self { value, path: format!("{}[{place}]", self.path) };
        elements.iter().enumerate().map(node).collect()
    }

    /// A text that says something, trimmed; a number as text.
    pub(crate) fn text(&self) -> Option<String> {
        let text = match self.value {
            Value::String(text) => text.trim().chars().take(MAX_TEXT_LEN).collect(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// A word in lower case, for comparison.
    pub(crate) fn word(&self) -> Option<String> {
        self.text().map(|text| text.to_lowercase())
    }

    /// An id with all its digits; the last part of `gid://shopify/Order/1`. Zero is how shop systems write that there is none.
    pub(crate) fn id(&self) -> Option<String> {
        let id = match self.value {
            Value::String(text) => id_of_text(text),
            // A number with decimals has lost its last digits.
            Value::Number(number) if !number.is_f64() => number.to_string(),
            _ => return None,
        };
        let is_id = !id.is_empty() && id.len() <= MAX_ID_LEN && id.parse::<i128>().map_or(true, |number| number > 0);
        is_id.then_some(id)
    }

    pub(crate) fn truth(&self) -> Option<bool> {
        match self.value {
            Value::Bool(truth) => Some(*truth),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    pub(crate) fn integer(&self) -> Option<i64> {
        match self.value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// An amount. One that is none is left out with a warning.
    pub(crate) fn amount(&self, warnings: &mut Warnings) -> Option<Amount> {
        let is_blank = self.value.as_str().is_some_and(|text| text.trim().is_empty());
        if self.is_null() || is_blank {
            return None;
        }
        let amount = Amount::from_json(self.value);
        if amount.is_none() {
            warnings.add(&self.path, "is not a decimal amount such as 12.50, and is left out");
        }
        amount
    }

    /// An amount that must not be negative.
    pub(crate) fn positive(&self, warnings: &mut Warnings) -> Option<Amount> {
        let amount = self.amount(warnings)?;
        if amount.is_negative() {
            warnings.add(&self.path, "is negative, and is left out");
            return None;
        }
        Some(amount)
    }

    /// An instant with an offset. One that cannot be read is left out with a warning.
    pub(crate) fn time(&self, warnings: &mut Warnings) -> Option<Timestamp> {
        let text = self.text()?;
        let time = parse_time(&text);
        if time.is_none() {
            warnings.add(&self.path, "is not a time such as 2026-03-01T12:00:00Z, and is left out");
        }
        time
    }

    /// An instant without offset, which is UTC.
    pub(crate) fn time_utc(&self, warnings: &mut Warnings) -> Option<Timestamp> {
        let text = self.text()?;
        let time = parse_time(&text).or_else(|| {
            let civil: jiff::civil::DateTime = text.parse().ok()?;
            civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
        });
        if time.is_none() {
            warnings.add(&self.path, "is not a time such as 2026-03-01T12:00:00, and is left out");
        }
        time
    }

    /// Seconds since 1970.
    pub(crate) fn seconds(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.integer()?).ok()
    }
}

/// Reads an instant with an offset, with or without a colon in it.
pub(crate) fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse()
        .ok()
        .or_else(|| jiff::fmt::strtime::parse("%Y-%m-%dT%H:%M:%S%z", text).ok()?.to_timestamp().ok())
        .or_else(|| jiff::fmt::strtime::parse("%Y-%m-%d %H:%M:%S %z", text).ok()?.to_timestamp().ok())
}

/// The id in a text: all of it, or what follows the last slash of a global id.
pub(crate) fn id_of_text(text: &str) -> String {
    let text = text.trim();
    let Some(global) = text.strip_prefix("gid://") else { return text.to_owned() };
    let last = global.rsplit('/').next().unwrap_or_default();
    last.split('?').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ids_keep_all_their_digits_whatever_their_form() {
        let id = |value: &Value| Node::root(value).id();
        assert_eq!(id(&json!(820_982_911_946_154_508_u64)).as_deref(), Some("820982911946154508"));
        assert_eq!(id(&json!("gid://shopify/Order/7095411376299?x=1")).as_deref(), Some("7095411376299"));
        for none in
            [json!(null), json!(0), json!("0"), json!(""), json!(" "), json!(-1), json!(1.5e20), json!([]), json!(true)]
        {
            assert_eq!(id(&none), None, "{none}");
        }
    }

    #[test]
    fn members_of_a_list_where_an_object_is_expected_are_absent() {
        let body = json!({ "shipping_address": [], "customer": null });
        let root = Node::root(&body);
        assert!(root.at(&["shipping_address", "phone"]).is_null());
        assert!(root.at(&["customer", "id"]).is_null());
        assert!(root.get("nothing").list().is_empty());
    }

    #[test]
    fn times_have_an_offset_or_are_said_to_be_utc() {
        let mut warnings = Warnings::default();
        let (offset, civil, wrong) =
            (json!("2026-02-04T15:25:46+11:00"), json!("2017-03-22T19:28:02"), json!("yesterday"));
        assert_eq!(Node::root(&offset).time(&mut warnings), "2026-02-04T04:25:46Z".parse().ok());
        assert_eq!(Node::root(&civil).time_utc(&mut warnings), "2017-03-22T19:28:02Z".parse().ok());
        assert!(warnings.0.is_empty());
        assert_eq!(Node::root(&wrong).time(&mut warnings), None);
        assert_eq!(Node::root(&civil).time(&mut warnings), None, "a time without an offset is no instant");
        assert_eq!(warnings.0.len(), 2);
    }
}
