//! Scores from 1 to 5.

use super::cuts::QuintileCuts;
use super::facts::RfmFacts;
use crate::statistics::whole_days;
use crate::thresholds::{CLASSES, Class, ThresholdsReport};
use serde::{Deserialize, Serialize};

/// How scores are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// By fifths of the customers. Comparable with other tools, but a fifth is always called the best, however they are.
    Quintile(QuintileCuts),
    /// Recency by how long customers who return are silent, frequency by fixed numbers: a score means the same in every shop.
    Anchored(AnchoredCuts),
}

/// The limits of an anchored scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnchoredCuts {
    /// For each class of customers the days by which 50, 80 and 95 % of those who return have returned.
    pub silence: [[u32; 3]; 3],
    /// The cut points of value, which is scored by fifths on this scale too; in minor units.
    pub value: [i128; 4],
}

/// Scores of a customer, each from 1 to 5; 5 is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scores {
    /// Recency.
    pub r: u8,
    /// Frequency.
    pub f: u8,
    /// Money. It marks big spenders and does not decide a segment: a single large order would look loyal.
    pub m: u8,
}

impl Scores {
    /// Whether the customer is among the fifth who spent most.
    #[must_use]
    pub const fn is_big_spender(&self) -> bool {
        self.m == 5
    }
}

impl AnchoredCuts {
    /// The limits that were learned; where too little is known, those of `otherwise`.
    #[must_use]
    pub fn learned(thresholds: &ThresholdsReport, otherwise: [u32; 3], value: [i128; 4]) -> Self {
        let silence = CLASSES.map(|class| {
            let of = thresholds.of(class);
            match (of.q50.value, of.q80.value, of.q95.value) {
                (Some(q50), Some(q80), Some(q95)) => [q50, q80, q95].map(whole_days),
                _ => otherwise,
            }
        });
        Self { silence, value }
    }
}

impl Scale {
    /// The scores of a customer: 1 throughout for who has not ordered for a year. Equal values have equal scores, so that a score
    /// may be given to nobody.
    #[must_use]
    pub fn scores(&self, facts: &RfmFacts) -> Scores {
        if !facts.is_in_window() {
            return Scores { r: 1, f: 1, m: 1 };
        }
        match self {
            Self::Quintile(cuts) => {
                let f = 1 + exceeded(&cuts.frequency, facts.frequency);
                Scores {
                    r: 5 - exceeded(&cuts.silence, facts.silence),
                    // One or two orders are not frequent, however rare more are.
                    f: if facts.frequency < 3 { f.min(3) } else { f },
                    m: 1 + exceeded(&cuts.value, facts.value),
                }
            }
            Self::Anchored(cuts) => Scores {
                r: anchored_recency(cuts.silence[Class::from_occasions(facts.occasions).index()], facts.silence),
                f: anchored_frequency(facts.frequency),
                m: 1 + exceeded(&cuts.value, facts.value),
            },
        }
    }

    /// The row of the table of segments that a frequency score means: 1 (once), 2 (sometimes) or 4 (often).
    pub(super) const fn frequency_row(&self, scores: Scores) -> u8 {
        match (self, scores.f) {
            (Self::Quintile(_), 4..) | (Self::Anchored(_), 3..) => 4,
            (_, 2..) => 2,
            _ => 1,
        }
    }
}

fn exceeded<V: PartialOrd + Copy>(cuts: &[V; 4], value: V) -> u8 {
    cuts.iter().map(|cut| u8::from(value > *cut)).sum()
}

fn anchored_recency([q50, q80, q95]: [u32; 3], silence: u32) -> u8 {
    [q50, q80, q95, q95.saturating_mul(2)].iter().fold(5, |score, cut| score - u8::from(silence > *cut))
}

const fn anchored_frequency(occasions: u64) -> u8 {
    match occasions {
        10.. => 5,
        5..=9 => 4,
        3..=4 => 3,
        2 => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(silence: u32, frequency: u64, value: i128, occasions: u64) -> RfmFacts {
        RfmFacts { silence, frequency, value, occasions }
    }

    fn scores(scale: Scale, facts: RfmFacts) -> [u8; 3] {
        let Scores { r, f, m } = scale.scores(&facts);
        [r, f, m]
    }

    #[test]
    fn fifths_count_the_cut_points_that_a_value_exceeds() {
        let cuts = QuintileCuts { silence: [10, 20, 30, 40], frequency: [1, 1, 2, 3], value: [5, 6, 7, 8], n: 50 };
        let scale = Scale::Quintile(cuts);
        assert_eq!(scores(scale, facts(10, 4, 9, 4)), [5, 5, 5]);
        assert!(scale.scores(&facts(10, 4, 9, 4)).is_big_spender());
        assert!(!scale.scores(&facts(10, 4, 8, 4)).is_big_spender());
        assert_eq!(scores(scale, facts(11, 3, 8, 3)), [4, 4, 4]);
        assert_eq!(scores(scale, facts(41, 1, 5, 9)), [1, 1, 1]);
        assert_eq!(scores(scale, facts(400, 0, 0, 9)), [1, 1, 1], "no order within the year");
    }

    #[test]
    fn two_orders_are_not_frequent() {
        let cuts = QuintileCuts { silence: [10, 20, 30, 40], frequency: [1, 1, 1, 1], value: [5, 6, 7, 8], n: 50 };
        assert_eq!(scores(Scale::Quintile(cuts), facts(10, 2, 9, 2))[1], 3);
        assert_eq!(scores(Scale::Quintile(cuts), facts(10, 3, 9, 3))[1], 5);
    }

    #[test]
    fn an_anchored_scale_takes_the_limits_of_the_class() {
        let scale =
            Scale::Anchored(AnchoredCuts { silence: [[50, 160, 290], [40, 150, 280], [7, 14, 28]], value: [5; 4] });
        let recency = |silence, occasions| scores(scale, facts(silence, 1, 0, occasions))[0];
        assert_eq!([7, 8, 14, 15, 28, 29, 56, 57].map(|silence| recency(silence, 3)), [5, 4, 4, 3, 3, 2, 2, 1]);
        assert_eq!((recency(50, 1), recency(51, 1), recency(41, 2)), (5, 4, 4));
        let frequency = |times| scores(scale, facts(1, times, 0, 12))[1];
        assert_eq!([1, 2, 3, 4, 5, 9, 10].map(frequency), [1, 2, 3, 3, 4, 4, 5]);
    }
}
