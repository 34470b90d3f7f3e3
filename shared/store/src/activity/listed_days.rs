//! The days with refused events that a process has listed, so that it lists each only once.

use jiff::civil::Date;
use rekindle_lifecycle::id::ShopId;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Most days that a process remembers to have listed.
const MAX_REMEMBERED: usize = 1_024;

/// The days that this process has listed. A day stays listed for as long as its events are kept.
#[derive(Debug, Default)]
pub(crate) struct ListedDays(Mutex<HashSet<(ShopId, Date)>>);

impl ListedDays {
    pub(crate) fn has(&self, shop: &ShopId, day: Date) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&(shop.clone(), day))
    }

    pub(crate) fn add(&self, shop: &ShopId, days: &[Date]) {
        let mut listed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if listed.len() + days.len() > MAX_REMEMBERED {
            listed.clear();
        }
        listed.extend(days.iter().map(|day| (shop.clone(), *day)));
    }
}
