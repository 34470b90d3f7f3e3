//! What could not be carried over.

use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt;

/// One thing that has no place here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Where it stands in Pinpoint.
    pub place: String,
    /// What it is, and what to do about it.
    pub what: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// All of them, each once, in the order in which they were met.
#[derive(Debug, Clone, Default)]
pub struct Notes(Vec<Note>);

impl Notes {
    /// Adds one. Names of Pinpoint are in it, so it is made one line.
    pub fn add(&mut self, place: &str, what: &str) {
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let note = Note { place: line(place), what: line(what) };
        if !self.0.contains(&note) {
            self.0.push(note);
        }
    }

    /// Adds one for each field that is not empty and neither known here nor bookkeeping.
    pub(super) fn leftovers(&mut self, place: &str, object: &Value, known: &[&str]) {
        let none = Map::new();
        for (field, value) in object.as_object().unwrap_or(&none) {
            if !known.contains(&field.as_str()) && !is_empty(value) {
                let value: String = value.to_string().chars().take(120).collect();
                self.add(place, &format!("{field} is not carried over: {value}"));
            }
        }
    }

    /// All of them.
    #[must_use]
    pub fn list(&self) -> &[Note] {
        &self.0
    }

    pub(super) fn into_list(self) -> Vec<Note> {
        self.0
    }
}

/// Whether a field says nothing: a limit of 0 is none.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.trim().is_empty(),
        Value::Array(values) => values.iter().all(is_empty),
        Value::Object(fields) => fields.values().all(is_empty),
    }
}
