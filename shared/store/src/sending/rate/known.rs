//! The items of limits as a process saw them last: this saves the read before each lease.

use super::item::Seen;
use super::slots::SendingLimit;
use std::collections::HashMap;
use std::sync::Mutex;

/// The items as this process saw them last.
#[derive(Debug, Default)]
pub(crate) struct KnownRates(Mutex<HashMap<SendingLimit, Seen>>);

impl KnownRates {
    pub(super) fn get(&self, limit: &SendingLimit) -> Option<Seen> {
        self.0.lock().ok()?.get(limit).cloned()
    }

    pub(super) fn put(&self, limit: &SendingLimit, seen: Seen) {
        if let Ok(mut known) = self.0.lock() {
            known.insert(limit.clone(), seen);
        }
    }
}
