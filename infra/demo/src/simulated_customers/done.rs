//! What was done, counted.

use serde::Serialize;
use std::collections::BTreeMap;

/// What readers did in this process, by kind, and what went wrong on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Done {
    /// Acts by kind.
    pub acts: BTreeMap<&'static str, u64>,
    /// Links that programs followed.
    pub links_scanned: u64,
    /// Tasks that the shop's people closed.
    pub tasks_closed: u64,
    /// Pages that did not answer as they should.
    pub troubles: u64,
    /// The first of them, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_trouble: Option<String>,
}

impl Done {
    pub(super) fn trouble(&mut self, error: &dyn std::error::Error) {
        self.troubles += 1;
        self.first_trouble.get_or_insert_with(|| error.to_string());
    }
}
