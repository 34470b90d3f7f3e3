//! Events in the form of `POST /v1/track` and `/v1/identify`.

use crate::digest::digest;
use crate::fields::Warnings;
use crate::members::put;
use crate::person::Person;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Longest event, in bytes of JSON, below the 32 KB that the API takes.
const MAX_EVENT_BYTES: usize = 30_000;
/// Longest message id, in bytes.
const MAX_MESSAGE_ID_LEN: usize = 100;

/// An event under way.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// The name; none for an identification.
    pub(crate) event: Option<&'static str>,
    /// Parts of its message id: the same when the event is reported again.
    pub(crate) identity: Vec<String>,
    pub(crate) timestamp: Option<Timestamp>,
    pub(crate) person: Person,
    /// `context` without `traits`.
    pub(crate) context: Map<String, Value>,
    pub(crate) properties: Map<String, Value>,
}

impl Draft {
    pub(crate) fn track(event: &'static str, timestamp: Option<Timestamp>, person: Person) -> Self {
        Self { event: Some(event), timestamp, person, ..Self::default() }
    }

    pub(crate) fn identify(timestamp: Option<Timestamp>, person: Person) -> Self {
        Self { timestamp, person, ..Self::default() }
    }

    /// Sets a property, if there is a value.
    pub(crate) fn property(&mut self, name: &str, value: Option<impl Into<Value>>) {
        put(&mut self.properties, name, value);
    }

    /// The event as JSON. Of very many lines the first are kept, so that it is short enough to be taken.
    pub(crate) fn build(self, system: &str, warnings: &mut Warnings) -> Value {
        let mut event = Map::new();
        event.insert("type".into(), json!(if self.event.is_some() { "track" } else { "identify" }));
        put(&mut event, "event", self.event);
        event.insert("messageId".into(), json!(message_id(system, &self)));
        put(&mut event, "timestamp", self.timestamp.map(|at| at.to_string()));
        put(&mut event, "userId", self.person.user_id.clone());
        put(&mut event, "anonymousId", self.person.anonymous_id.clone());
        let traits = self.person.traits();
        let mut context = self.context;
        put(&mut context, "locale", self.person.locale.clone());
        if self.event.is_none() {
            event.insert("traits".into(), traits.into());
            // What is said of a person does not depend on the page they were on.
            context.retain(|name, _| name == "locale");
        } else {
            if !traits.is_empty() {
                context.insert("traits".into(), traits.into());
            }
            event.insert("properties".into(), self.properties.into());
        }
        if !context.is_empty() {
            event.insert("context".into(), context.into());
        }
        let mut event = Value::Object(event);
        shorten(&mut event, warnings);
        event
    }
}

fn message_id(system: &str, draft: &Draft) -> String {
    let mut id = system.to_owned();
    for part in &draft.identity {
        id.push(':');
        id.push_str(part);
    }
    // Without a time of its own, what it says tells it from others of the same object.
    if draft.timestamp.is_none() {
        id.push(':');
        id.push_str(&digest(format!("{:?}", draft.properties).as_bytes()));
    }
    if id.len() <= MAX_MESSAGE_ID_LEN {
        return id;
    }
    format!("{system}:{}", digest(id.as_bytes()))
}

/// Drops lines from the end until the event is short enough.
fn shorten(event: &mut Value, warnings: &mut Warnings) {
    let length = |event: &Value| event.to_string().len();
    let all = event.pointer("/properties/products").and_then(Value::as_array).map_or(0, Vec::len);
    let mut kept = all;
    while kept > 0 && length(event) > MAX_EVENT_BYTES {
        kept = (kept * 3 / 4).min(kept - 1);
        if let Some(lines) = event.pointer_mut("/properties/products").and_then(Value::as_array_mut) {
            lines.truncate(kept);
        }
    }
    if kept < all {
        warnings.add("", format!("has {all} lines, of which the first {kept} are kept; its totals are those of all"));
    }
}
