//! The events of a call, and the fields that concern all of them.

use crate::limits;
use crate::repair;
use crate::route::Call;
use crate::split;
use jiff::Timestamp;
use rekindle_inbound::{Fields, Rejection, RejectionKind};
use rekindle_intake::SentEvent;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A call's body. A call with one event is a batch of one, without a frame.
#[derive(Debug)]
pub(crate) struct Batch {
    /// The fields beside the events.
    frame: Map<String, Value>,
    elements: Vec<SentEvent>,
}

impl Batch {
    /// Reads a body. Only what concerns the whole call is an error: the text, or the list of events.
    /// `is_repaired` says whether characters of it were replaced.
    pub(crate) fn parse(body: &str, is_repaired: bool, call: Call) -> Result<Self, Rejection> {
        if !call.is_batch() {
            let element = match parse_event(body) {
                SentEvent::Json(value) if is_repaired => SentEvent::Repaired(value),
                SentEvent::Broken { rejection, .. } => return Err(rejection),
                element => element,
            };
            Fields::from_value(element.value()?, "")?;
            return Ok(Self { frame: Map::new(), elements: vec![element] });
        }
        let value: Value = match serde_json::from_str(body) {
            Ok(value) if !is_repaired => value,
            other => {
                let error = other.err().as_ref().map(not_json);
                let damaged = || Rejection::new("", "is not JSON in UTF-8").of_kind(RejectionKind::NotJson);
                return Self::parse_apart(body, is_repaired).unwrap_or_else(|| Err(error.unwrap_or_else(damaged)));
            }
        };
        let mut frame = match value {
            Value::Object(frame) => frame,
            other => return Err(Rejection::wrong_type("", &other, "an object")),
        };
        match frame.remove("batch") {
            Some(Value::Array(events)) => Self::bounded(frame, events.into_iter().map(SentEvent::Json).collect()),
            Some(other) => Err(Rejection::wrong_type("batch", &other, "a list of events")),
            None => {
                let missing = Rejection::new("batch", "is missing; it should be a list of events");
                Err(missing.of_kind(RejectionKind::Missing))
            }
        }
    }

    /// Reads a body that is not JSON as a whole, event by event.
    fn parse_apart(body: &str, is_repaired: bool) -> Option<Result<Self, Rejection>> {
        let element = |text: &str| match parse_event(text) {
            SentEvent::Json(value) if is_repaired && text.contains(repair::REPLACEMENT) => SentEvent::Repaired(value),
            element => element,
        };
        let (mut frame, mut elements) = (Map::new(), None);
        for (name, text) in split::members(body)? {
            if name == "batch" {
                elements = Some(split::elements(text)?.into_iter().map(element).collect());
            } else if let Ok(value) = serde_json::from_str(text) {
                frame.insert(name.to_owned(), value);
            }
        }
        Some(Self::bounded(frame, elements?))
    }

    fn bounded(frame: Map<String, Value>, elements: Vec<SentEvent>) -> Result<Self, Rejection> {
        if elements.len() > limits::MAX_BATCH_EVENTS {
            let reason = format!("has {} events; at most {} are allowed", elements.len(), limits::MAX_BATCH_EVENTS);
            return Err(Rejection::too_large("batch", reason));
        }
        Ok(Self { frame, elements })
    }

    /// The events, in their order.
    pub(crate) fn elements(&self) -> &[SentEvent] {
        &self.elements
    }

    /// The key in the body.
    pub(crate) fn write_key(&self) -> Option<&str> {
        let own = match self.elements.as_slice() {
            [SentEvent::Json(event) | SentEvent::Repaired(event)] => event.get("writeKey"),
            _ => None,
        };
        self.frame.get("writeKey").or(own)?.as_str()
    }

    /// When the sender's clock said that the batch was sent.
    pub(crate) fn sent_at(&self) -> Option<Timestamp> {
        self.frame.get("sentAt")?.as_str()?.parse().ok()
    }

    /// The context of all events; fields of an event's own context come first.
    pub(crate) fn context(&self) -> Fields<'_> {
        self.frame
            .get("context")
            .and_then(|context| Fields::from_value(context, "context").ok())
            .unwrap_or(Fields::EMPTY)
    }
}

/// Reads the text of one event.
fn parse_event(text: &str) -> SentEvent {
    let error = match serde_json::from_str(text) {
        Ok(value) => return SentEvent::Json(value),
        Err(error) => error,
    };
    match repair::surrogates(text) {
        Cow::Owned(repaired) if let Ok(value) = serde_json::from_str(&repaired) => SentEvent::Repaired(value),
        _ => SentEvent::Broken { text: text.to_owned(), rejection: not_json(&error) },
    }
}

/// The parser's message names the line and the column, and shows nothing of the text.
fn not_json(error: &serde_json::Error) -> Rejection {
    Rejection::new("", format!("is not JSON: {error}")).of_kind(RejectionKind::NotJson)
}
