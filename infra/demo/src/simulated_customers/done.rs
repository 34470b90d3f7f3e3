//! Counts of what simulated customers did.

use serde::Serialize;
use std::collections::BTreeMap;

/// What simulated customers did in this process, and which pages failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Done {
    /// Actions by kind.
    #[serde(rename = "acts")]
    pub actions: BTreeMap<&'static str, u64>,
    /// Links that programs followed.
    pub links_scanned: u64,
    /// Tasks that the shop's people closed.
    pub tasks_closed: u64,
    /// Pages that failed.
    #[serde(rename = "troubles")]
    pub failures: u64,
    /// The first of these failures.
    #[serde(rename = "first_trouble", skip_serializing_if = "Option::is_none")]
    pub first_failure: Option<String>,
}

impl Done {
    /// Counts a page that failed.
    pub(super) fn add_failure(&mut self, error: &dyn std::error::Error) {
        self.failures += 1;
        self.first_failure.get_or_insert_with(|| error.to_string());
    }
}
