//! How customers move between segments.

use super::facts::RfmFacts;
use super::scale::Scale;
use super::segment::{SEGMENTS, Segment};
use crate::buyer::Buyer;
use crate::day::Day;
use crate::history::History;
use crate::stored::{Kind, Stored};
use crate::summary::{Mismatch, Summary};
use serde::{Deserialize, Serialize};

/// Customers by their segments on two days. Both are found with the same limits, those of the earlier day: otherwise limits that
/// move would move customers who did nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentMoves {
    asked: Asked,
    /// By the segment on the earlier and on the later day.
    pub(super) moves: [[u64; SEGMENTS.len()]; SEGMENTS.len()],
    /// By score on the earlier day, for R, F and M; of customers who had ordered.
    pub(super) scores: [[u64; 5]; 3],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    history: History,
    before: Day,
    after: Day,
    scale: Scale,
}

impl SegmentMoves {
    /// Days between the two by default.
    pub const DEFAULT_DAYS: u32 = 28;

    /// An empty summary for two days of this history.
    #[must_use]
    pub fn new(history: History, before: Day, after: Day, scale: Scale) -> Self {
        let (before, after) = (before.min(history.through), after.min(history.through));
        Self { asked: Asked { history, before, after, scale }, moves: Default::default(), scores: Default::default() }
    }

    /// The earlier and the later day.
    #[must_use]
    pub const fn days(&self) -> (Day, Day) {
        (self.asked.before, self.asked.after)
    }

    /// The scale of both days.
    #[must_use]
    pub const fn scale(&self) -> &Scale {
        &self.asked.scale
    }
}

impl Stored for SegmentMoves {
    const KIND: Kind = Kind::SegmentMoves;
    const VERSION: u8 = 1;
}

impl Summary for SegmentMoves {
    fn add(&mut self, buyer: &Buyer) {
        let Asked { before, after, scale, .. } = self.asked;
        let [from, to] = [before, after].map(|day| Segment::of_buyer(buyer, day, &scale));
        self.moves[from.index()][to.index()] += 1;
        if let Some(facts) = RfmFacts::new(buyer, before) {
            let scores = scale.scores(&facts);
            for (counts, score) in self.scores.iter_mut().zip([scores.r, scores.f, scores.m]) {
                counts[usize::from(score) - 1] += 1;
            }
        }
    }

    fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
        Mismatch::unless_equal(&self.asked, &other.asked)?;
        let mine = self.moves.iter_mut().flatten().chain(self.scores.iter_mut().flatten());
        mine.zip(other.moves.iter().flatten().chain(other.scores.iter().flatten()))
            .for_each(|(mine, other)| *mine += other);
        Ok(())
    }
}
