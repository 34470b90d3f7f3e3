//! What is gathered about delivered messages.

use crate::history::History;
use crate::stored::{Kind, Stored};
use crate::summary::Mismatch;
use serde::{Deserialize, Serialize};

/// A message that was delivered to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delivered {
    /// When, in seconds since 1970.
    pub at: i64,
    /// Whether the person unsubscribed or complained because of it.
    pub left: bool,
}

/// Windows before a message in which others count, in days.
pub const PRESSURE_DAYS: [u32; 2] = [7, 30];
/// So many messages before, or more, are one row.
pub const MOST_BEFORE: usize = 4;

/// Delivered messages by how many had been delivered to the same person shortly before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendingPressure {
    history: History,
    /// For each window and number before: messages delivered, and those after which the person left.
    pub(super) rows: [[(u64, u64); MOST_BEFORE + 1]; 2],
}

impl SendingPressure {
    /// An empty summary of this history.
    #[must_use]
    pub fn new(history: History) -> Self {
        Self { history, rows: Default::default() }
    }

    /// Adds all messages that were delivered to a person, in any order; those after the last complete day are for the caller to
    /// leave out, who knows the zone. Those within the window before the first one must be there, too.
    pub fn add(&mut self, messages: &[Delivered]) {
        let mut messages = messages.to_vec();
        messages.sort_unstable();
        for (rows, days) in self.rows.iter_mut().zip(PRESSURE_DAYS) {
            let window = i64::from(days) * 86_400;
            let mut oldest = 0;
            for (place, message) in messages.iter().enumerate() {
                while message.at.saturating_sub(messages[oldest].at) >= window {
                    oldest += 1;
                }
                let (delivered, left) = &mut rows[(place - oldest).min(MOST_BEFORE)];
                *delivered += 1;
                *left += u64::from(message.left);
            }
        }
    }

    /// Adds the messages of other people.
    ///
    /// # Errors
    /// The other summary looks at another history.
    pub fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
        Mismatch::unless_equal(&self.history, &other.history)?;
        for (mine, other) in self.rows.iter_mut().flatten().zip(other.rows.iter().flatten()) {
            *mine = (mine.0 + other.0, mine.1 + other.1);
        }
        Ok(())
    }
}

impl Stored for SendingPressure {
    const KIND: Kind = Kind::SendingPressure;
    const VERSION: u8 = 1;
}
