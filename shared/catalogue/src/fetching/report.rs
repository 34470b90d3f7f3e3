//! What became of a fetch, for the people of the shop.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Most reasons that a report has.
pub const MAX_REASONS: usize = 10;
/// Longest reason, in characters.
const MAX_REASON_LEN: usize = 200;

rekindle_lifecycle::stored_codes! {
    /// How a fetch ended.
    pub enum FetchOutcome {
        /// The whole feed was taken in.
        Taken = "taken",
        /// The server says that it is the one which was taken in before.
        Unchanged = "unchanged",
        /// The time was over; the rest follows with the next fetch.
        Unfinished = "unfinished",
        /// It ended before its end. What came before that was taken in.
        Cut = "cut",
        /// There was no feed to take in.
        Failed = "failed",
    }
}

/// What a feed had, up to where it was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FetchCounts {
    /// Entries that state something of a product.
    pub entries: u64,
    /// Entries that cannot be used.
    pub refused: u64,
    /// Fields that were left out.
    pub warnings: u64,
    /// Products and variants that are another now.
    pub changed: u64,
    /// Products and variants that the feed has no more.
    pub discontinued: u64,
}

/// What became of a fetch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchReport {
    /// When it ended.
    pub at: Timestamp,
    /// How.
    pub outcome: FetchOutcome,
    /// Why, in a sentence, if it did not go as it should.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What the feed had.
    #[serde(flatten)]
    pub counts: FetchCounts,
    /// Why entries and fields cannot be used, the first of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

impl FetchReport {
    /// A report without counts.
    #[must_use]
    pub fn new(at: Timestamp, outcome: FetchOutcome, detail: Option<String>) -> Self {
        Self { at, outcome, detail, counts: FetchCounts::default(), reasons: Vec::new() }
    }

    /// Notes why an entry or a field cannot be used, if there is room.
    pub fn note(reasons: &mut Vec<String>, reason: &str) {
        if reasons.len() < MAX_REASONS {
            reasons.push(reason.chars().take(MAX_REASON_LEN).collect());
        }
    }
}
