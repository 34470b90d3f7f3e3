//! What is gathered about the categories that customers buy.

use crate::buyer::Buyer;
use crate::day::Day;
use crate::history::History;
use crate::rfm::{Scale, Segment, WINDOW_DAYS};
use crate::sample::Sample;
use crate::stored::{Kind, Stored};
use crate::summary::Mismatch;
use serde::{Deserialize, Serialize};

/// The code of a category; its name is the caller's.
pub type CategoryCode = u32;

/// Categories of one customer that are looked at.
pub const MAX_CATEGORIES: usize = 16;

/// The categories that customers of each segment have bought in the last 365 days, in a sample of the customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdealProfile {
    asked: (History, Scale),
    pub(super) sample: Sample<Entry>,
}

/// A customer: their segment and categories, sorted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) segment: Segment,
    pub(super) categories: Vec<CategoryCode>,
}

impl IdealProfile {
    /// An empty summary of this history, with segments by this scale.
    #[must_use]
    pub fn new(history: History, scale: Scale) -> Self {
        Self { asked: (history, scale), sample: Sample::default() }
    }

    /// Adds a customer with the categories that they have ever bought and the last day of each. Of more than [`MAX_CATEGORIES`]
    /// the latest count.
    pub fn add(&mut self, buyer: &Buyer, categories: &[(CategoryCode, Day)]) {
        let (history, scale) = &self.asked;
        let through = history.through;
        if buyer.as_of(through).is_none() {
            return;
        }
        self.sample.offer(buyer.hash(), || {
            let since = through.plus(-i32::try_from(WINDOW_DAYS).unwrap_or(0));
            let mut latest: Vec<(CategoryCode, Day)> =
                categories.iter().filter(|(_, day)| since < *day && *day <= through).copied().collect();
            latest.sort_unstable_by_key(|(code, day)| (std::cmp::Reverse(*day), *code));
            let mut categories = Vec::new();
            for (code, _) in latest {
                if !categories.contains(&code) && categories.len() < MAX_CATEGORIES {
                    categories.push(code);
                }
            }
            categories.sort_unstable();
            Entry { segment: Segment::of_buyer(buyer, through, scale), categories }
        });
    }

    /// Adds the customers of another summary.
    ///
    /// # Errors
    /// The other summary looks at another history.
    pub fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
        Mismatch::unless_equal(&self.asked, &other.asked)?;
        self.sample.merge(&other.sample);
        Ok(())
    }
}

impl Stored for IdealProfile {
    const KIND: Kind = Kind::IdealProfile;
    const VERSION: u8 = 1;
}
