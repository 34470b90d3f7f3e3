//! The Net Promoter Score of many answers: the share of promoters less that of detractors, with its margin.
//!
//! An answer of 9 or 10 counts 100, one of 7 or 8 nothing, one of 0 to 6 minus 100; the score is the mean of these values.
//! Its margin at 95 % is 1.96 standard errors of that mean (sample standard deviation over the square root of the count),
//! the plain Wald interval that B. Rocks, "Interval Estimation for the Net Promoter Score", The American Statistician
//! 70:4 (2016), starts from; with few answers, or answers that all agree, it is too narrow.

use serde::{Serialize, Serializer};

/// How the answers to the NPS question are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NpsGroup {
    /// 0 to 6.
    Detractor,
    /// 7 and 8.
    Passive,
    /// 9 and 10.
    Promoter,
}

impl NpsGroup {
    /// Every group, from the lowest score to the highest.
    pub const ALL: [Self; 3] = [Self::Detractor, Self::Passive, Self::Promoter];

    /// The group of an answer (0 to 10).
    #[must_use]
    pub fn from_score(score: u8) -> Self {
        match score {
            0..=6 => Self::Detractor,
            7..=8 => Self::Passive,
            _ => Self::Promoter,
        }
    }

    /// The name used in policy, and for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Detractor => "detractor",
            Self::Passive => "passive",
            Self::Promoter => "promoter",
        }
    }
}

/// Half the width of the middle 95 % of a normal distribution, in standard deviations.
const Z: f64 = 1.96;

/// Answers to the NPS question, counted by group. As JSON: `score`, `margin` (one decimal, or `null`), `answers`,
/// `promoters`, `passives`, `detractors`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NpsScore {
    /// 9 and 10.
    pub promoters: u64,
    /// 7 and 8.
    pub passives: u64,
    /// 0 to 6.
    pub detractors: u64,
}

impl NpsScore {
    /// Counts an answer, 0 to 10.
    pub fn add(&mut self, answer: u8) {
        *match NpsGroup::from_score(answer) {
            NpsGroup::Promoter => &mut self.promoters,
            NpsGroup::Passive => &mut self.passives,
            NpsGroup::Detractor => &mut self.detractors,
        } += 1;
    }

    /// How many answers there are.
    #[must_use]
    pub fn answers(self) -> u64 {
        self.promoters + self.passives + self.detractors
    }

    /// From −100 to 100; nothing without answers.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "no shop has 2⁵³ answers")]
    pub fn score(self) -> Option<f64> {
        let score = 100.0 * (self.promoters as f64 - self.detractors as f64) / self.answers() as f64;
        (self.answers() > 0).then_some(score)
    }

    /// At 95 %; nothing with fewer than two answers, which do not show how much answers differ.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "no shop has 2⁵³ answers")]
    pub fn margin(self) -> Option<f64> {
        let (mean, count) = (self.score()?, self.answers() as f64);
        let extremes = (self.promoters + self.detractors) as f64 * 100.0 * 100.0;
        let variance = (extremes - count * mean * mean) / (count - 1.0);
        (self.answers() > 1).then(|| Z * variance.max(0.0).sqrt() / count.sqrt())
    }
}

impl Serialize for NpsScore {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Described {
            score: Option<f64>,
            margin: Option<f64>,
            answers: u64,
            promoters: u64,
            passives: u64,
            detractors: u64,
        }
        let rounded = |value: Option<f64>| value.map(|value| (value * 10.0).round() / 10.0);
        let described = Described {
            score: rounded(self.score()),
            margin: rounded(self.margin()),
            answers: self.answers(),
            promoters: self.promoters,
            passives: self.passives,
            detractors: self.detractors,
        };
        described.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn described(promoters: u64, passives: u64, detractors: u64) -> Value {
        json!(NpsScore { promoters, passives, detractors })
    }

    #[test]
    fn the_score_is_promoters_less_detractors_and_its_margin_shrinks_with_the_count() {
        // Mean 30, variance (70 × 10,000 − 100 × 900) / 99, margin 1.96 × √(that / 100).
        let of_hundred = described(50, 30, 20);
        assert_eq!((&of_hundred["score"], &of_hundred["margin"]), (&json!(30.0), &json!(15.4)));
        assert_eq!(described(5_000, 3_000, 2_000)["margin"], 1.5);
        assert_eq!(described(1, 0, 1)["score"], 0.0);
    }

    #[test]
    fn too_few_answers_have_no_margin_and_none_have_no_score() {
        assert_eq!((NpsScore::default().score(), NpsScore::default().margin()), (None, None));
        assert_eq!(described(0, 0, 0)["score"], Value::Null);
        let one = described(0, 0, 1);
        assert_eq!((&one["score"], &one["margin"]), (&json!(-100.0), &Value::Null));
        let mut counted = NpsScore::default();
        (0..=10).for_each(|answer| counted.add(answer));
        assert_eq!((counted.promoters, counted.passives, counted.detractors), (2, 2, 7));
    }
}
