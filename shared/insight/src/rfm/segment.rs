//! Segments of customers.

use super::facts::RfmFacts;
use super::scale::Scale;
use crate::buyer::Buyer;
use crate::day::Day;
use crate::language::Language;
use serde::{Deserialize, Serialize};

/// A segment. The names are those of Shopify's `CustomerRfmGroup`; the rule that gives them is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "what they are is the table of `from_scores`")]
pub enum Segment {
    Champions,
    Loyal,
    Active,
    New,
    Promising,
    NeedsAttention,
    AtRisk,
    AlmostLost,
    PreviouslyLoyal,
    Dormant,
    /// No order yet.
    Prospects,
}

/// All segments, prospects last.
pub const SEGMENTS: [Segment; 11] = [
    Segment::Champions,
    Segment::Loyal,
    Segment::Active,
    Segment::New,
    Segment::Promising,
    Segment::NeedsAttention,
    Segment::AtRisk,
    Segment::AlmostLost,
    Segment::PreviouslyLoyal,
    Segment::Dormant,
    Segment::Prospects,
];

impl Segment {
    /// The segment of a customer on the evening of a day.
    #[must_use]
    pub fn of_buyer(buyer: &Buyer, day: Day, scale: &Scale) -> Self {
        RfmFacts::new(buyer, day).map_or(Self::Prospects, |facts| Self::from_facts(&facts, scale))
    }

    /// The segment of a customer who has ordered: by recency and frequency.
    #[must_use]
    pub fn from_facts(facts: &RfmFacts, scale: &Scale) -> Self {
        let scores = scale.scores(facts);
        match (scale.frequency_row(scores), scores.r) {
            (4.., 5..) => Self::Champions,
            (4.., 3 | 4) => Self::Loyal,
            (4.., 2) => Self::AtRisk,
            (4.., _) => Self::PreviouslyLoyal,
            (2 | 3, 4..) => Self::Active,
            (_, 5..) if facts.occasions == 1 => Self::New,
            (_, 4..) => Self::Promising,
            (_, 3) => Self::NeedsAttention,
            (_, 2) => Self::AlmostLost,
            _ => Self::Dormant,
        }
    }

    /// Its place among [`SEGMENTS`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The name in JSON.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Champions => "champions",
            Self::Loyal => "loyal",
            Self::Active => "active",
            Self::New => "new",
            Self::Promising => "promising",
            Self::NeedsAttention => "needs_attention",
            Self::AtRisk => "at_risk",
            Self::AlmostLost => "almost_lost",
            Self::PreviouslyLoyal => "previously_loyal",
            Self::Dormant => "dormant",
            Self::Prospects => "prospects",
        }
    }

    /// The name for people.
    #[must_use]
    pub const fn name(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Champions, Language::English) => "champions",
            (Self::Loyal, Language::English) => "loyal",
            (Self::Active, Language::English) => "active",
            (Self::New, Language::English) => "new",
            (Self::Promising, Language::English) => "promising",
            (Self::NeedsAttention, Language::English) => "in need of attention",
            (Self::AtRisk, Language::English) => "at risk",
            (Self::AlmostLost, Language::English) => "almost lost",
            (Self::PreviouslyLoyal, Language::English) => "previously loyal",
            (Self::Dormant, Language::English) => "dormant",
            (Self::Prospects, Language::English) => "prospects",
            (Self::Champions, Language::Russian) => "лучшие",
            (Self::Loyal, Language::Russian) => "лояльные",
            (Self::Active, Language::Russian) => "активные",
            (Self::New, Language::Russian) => "новые",
            (Self::Promising, Language::Russian) => "перспективные",
            (Self::NeedsAttention, Language::Russian) => "требующие внимания",
            (Self::AtRisk, Language::Russian) => "под угрозой ухода",
            (Self::AlmostLost, Language::Russian) => "почти потерянные",
            (Self::PreviouslyLoyal, Language::Russian) => "лояльные в прошлом",
            (Self::Dormant, Language::Russian) => "спящие",
            (Self::Prospects, Language::Russian) => "ещё не покупавшие",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::scale::AnchoredCuts;
    use super::*;

    #[test]
    fn recency_and_frequency_give_the_segment() {
        use Segment::{
            Active, AlmostLost, AtRisk, Champions, Dormant, Loyal, NeedsAttention, New, PreviouslyLoyal, Promising,
        };
        let scale = Scale::Anchored(AnchoredCuts { silence: [[10, 20, 30]; 3], value: [0; 4] });
        let row = |frequency, occasions| {
            [10, 20, 30, 60, 61]
                .map(|silence| Segment::from_facts(&RfmFacts { silence, frequency, value: 0, occasions }, &scale))
        };
        assert_eq!(row(3, 3), [Champions, Loyal, Loyal, AtRisk, PreviouslyLoyal]);
        assert_eq!(row(2, 2), [Active, Active, NeedsAttention, AlmostLost, Dormant]);
        assert_eq!(row(1, 1), [New, Promising, NeedsAttention, AlmostLost, Dormant]);
        assert_eq!(row(1, 2), [Promising, Promising, NeedsAttention, AlmostLost, Dormant]);
    }

    #[test]
    fn names_and_places_agree() {
        for (place, segment) in SEGMENTS.into_iter().enumerate() {
            assert_eq!(segment.index(), place);
            assert_eq!(serde_json::to_value(segment).expect("JSON"), segment.code());
        }
    }
}
