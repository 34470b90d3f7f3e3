//! Notes about everything that could not be carried over.

use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt;

/// Something that could not be carried over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Where it is in Pinpoint.
    pub place: String,
    /// What it is, and what to do about it.
    pub what: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Notes without duplicates, in the order in which they were added.
#[derive(Debug, Clone, Default)]
pub struct Notes(Vec<Note>);

impl Notes {
    /// Adds a note. It may contain names from Pinpoint, so white space in it is normalised to one line.
    pub fn add(&mut self, place: &str, what: &str) {
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let note = Note { place: line(place), what: line(what) };
        if !self.0.contains(&note) {
            self.0.push(note);
        }
    }

    /// Adds a note for each field of an object that is neither empty nor among `known`.
    pub(super) fn leftovers(&mut self, place: &str, object: &Value, known: &[&str]) {
        let none = Map::new();
        for (field, value) in object.as_object().unwrap_or(&none) {
            if !known.contains(&field.as_str()) && !is_empty(value) {
                let value: String = value.to_string().chars().take(120).collect();
                self.add(place, &format!("{field} is not carried over: {value}"));
            }
        }
    }

    /// All notes.
    #[must_use]
    pub fn list(&self) -> &[Note] {
        &self.0
    }

    pub(super) fn into_list(self) -> Vec<Note> {
        self.0
    }
}

/// Whether a field has no meaning: a limit of 0, for example, is no limit.
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
