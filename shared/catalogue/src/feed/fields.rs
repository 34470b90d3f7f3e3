//! The fields of one entry.

use std::collections::BTreeMap;

/// Most bytes of a field that are kept; the rest is left out. Nothing longer is used.
pub(super) const MAX_FIELD_LEN: usize = 4 * 1024;

/// One product as a feed tells it: its fields by their names, without `g:`. Of a field that comes several times the first one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeedEntry {
    /// Which entry it is, from 1 on.
    pub number: u64,
    pub(super) fields: BTreeMap<String, String>,
}

impl FeedEntry {
    /// Keeps a field, unless it is empty or known already.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        let value = value.trim();
        let name = name.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        if !value.is_empty() && !name.is_empty() && !self.fields.contains_key(&name) {
            let cut = value.floor_char_boundary(MAX_FIELD_LEN);
            self.fields.insert(name, value[..cut].to_owned());
        }
    }
}
