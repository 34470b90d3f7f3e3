//! The values of a row, by field.

use super::field::Field;
use super::items::ItemColumn;
use super::mapping::{Mapping, Target};
use crate::file::Row;
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;

/// A value and the name of its column.
pub(crate) type Cell<'r> = (&'r Arc<str>, &'r Value);

/// The values of a row, by field. Of several columns of a field the first that is not empty.
pub(crate) struct RowFields<'r> {
    by_field: [Option<(usize, Cell<'r>)>; Field::ALL.len()],
    /// Columns of numbered lines.
    pub(crate) items: Vec<(ItemColumn, Cell<'r>)>,
    /// What is kept as it is.
    pub(crate) others: Vec<Cell<'r>>,
}

impl<'r> RowFields<'r> {
    pub(crate) fn new(row: &'r Row, mapping: &Mapping) -> Self {
        let mut found = Self { by_field: [None; Field::ALL.len()], items: Vec::new(), others: Vec::new() };
        for (name, value) in &row.cells {
            if is_blank(value) {
                continue;
            }
            match mapping.target(name) {
                Target::Field(field, place) => {
                    let known = &mut found.by_field[field as usize];
                    if known.is_none_or(|(before, _)| place < before) {
                        *known = Some((place, (name, value)));
                    }
                }
                Target::Item(item) => found.items.push((item, (name, value))),
                Target::Property => found.others.push((name, value)),
                Target::Nothing => {}
            }
        }
        found
    }

    /// The value of a field, if there is one.
    pub(crate) fn value(&self, field: Field) -> Option<&'r Value> {
        self.by_field[field as usize].map(|(_, (_, value))| value)
    }

    /// The text of a field; empty if there is none.
    pub(crate) fn text(&self, field: Field) -> Cow<'r, str> {
        self.value(field).map(plain).unwrap_or_default()
    }

    /// The column that a field is read from; the field's own name if there is none.
    pub(crate) fn column(&self, field: Field) -> String {
        self.by_field[field as usize].map_or_else(|| field.word().to_owned(), |(_, (name, _))| name.to_string())
    }

    /// Fields that are read from several columns of text, in the order of the file.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (Field, Cell<'r>)> {
        Field::ALL.iter().filter_map(|field| self.by_field[*field as usize].map(|(_, cell)| (*field, cell)))
    }
}

/// A value as text, without white space around it and without the apostrophe with which spreadsheets mark numbers as text.
pub(crate) fn plain(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => {
            let text = text.trim();
            // A formula that keeps a number as text: `="00123"`.
            let text = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
            let marked = text
                .strip_prefix('\'')
                .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || "+-=@(".contains(c)));
            Cow::Borrowed(marked.unwrap_or(text))
        }
        Value::Null => Cow::Borrowed(""),
        other => Cow::Owned(other.to_string()),
    }
}

/// Whether a value says nothing: empty, or what data tools write where there is none.
fn is_blank(value: &Value) -> bool {
    const NOTHING: [&str; 6] = ["nan", "null", "#n/a", "n/a", "none", "nat"];
    match value {
        Value::Null => true,
        Value::String(text) => {
            let text = text.trim();
            text.is_empty() || (text.len() <= 4 && NOTHING.iter().any(|word| text.eq_ignore_ascii_case(word)))
        }
        _ => false,
    }
}
