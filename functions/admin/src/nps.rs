//! The NPS by month: of all who answered, the share of promoters less that of detractors, with its margin.
//!
//! An answer of 9 or 10 counts 100, one of 7 or 8 nothing, one of 0 to 6 minus 100; the score is the mean of these values.
//! Its margin at 95 % is 1.96 standard errors of that mean (sample standard deviation over the square root of the count),
//! the plain Wald interval that B. Rocks, "Interval Estimation for the Net Promoter Score", The American Statistician
//! 70:4 (2016), starts from; with few answers, or answers that all agree, it is too narrow.
//!
//! Each customer counts once, with their latest answer, in the month in which they gave it; so do those who were erased.

use crate::Admin;
use crate::call::Call;
use crate::problem::Problem;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Customers looked at unless asked for more or fewer.
const USUAL: u32 = 100_000;
/// Customers looked at at most.
const MOST: u32 = 1_000_000;
/// Half the width of the middle 95 % of a normal distribution, in standard deviations.
const Z: f64 = 1.96;

/// The report, months in order.
pub(crate) async fn by_month(admin: &Admin, call: &Call) -> Result<Value, Problem> {
    if let Some(by) = call.asked("by").filter(|by| *by != "month") {
        let by: String = by.chars().take(40).collect();
        return Err(Problem::bad_request(format!("by must be month, not {by:?}.")));
    }
    let limit = usize::try_from(call.number("limit", USUAL, MOST)?).unwrap_or(usize::MAX);
    let policy = admin.store.policy(&call.shop, admin.clock.now()).await?;
    let month_of = |at| policy.calendar.day(at).strftime("%Y-%m").to_string();
    let (mut all, mut months) = (Answers::default(), BTreeMap::<String, Answers>::new());
    let examined = admin.store.examine_customers(&call.shop, limit, |customer| {
        let Some(answer) = &customer.folded.nps else { return };
        months.entry(month_of(answer.at)).or_default().add(answer.value.score);
        all.add(answer.value.score);
    });
    let examined = examined.await?;
    for (score, at) in admin.store.kept_answers(&call.shop).await? {
        months.entry(month_of(at)).or_default().add(score);
        all.add(score);
    }
    let months = months.into_iter().map(|(month, answers)| {
        let mut told = answers.told();
        told["month"] = month.into();
        told
    });
    Ok(json!({
        "examined": examined.customers,
        "complete": examined.complete,
        "all": all.told(),
        "months": months.collect::<Vec<_>>(),
    }))
}

/// Answers, counted by kind.
#[derive(Debug, Clone, Copy, Default)]
struct Answers {
    promoters: u32,
    passives: u32,
    detractors: u32,
}

impl Answers {
    fn add(&mut self, score: u8) {
        match score {
            9.. => self.promoters += 1,
            7 | 8 => self.passives += 1,
            0..=6 => self.detractors += 1,
        }
    }

    fn count(self) -> u32 {
        self.promoters + self.passives + self.detractors
    }

    /// From −100 to 100; nothing without answers.
    fn score(self) -> Option<f64> {
        let score = 100.0 * (f64::from(self.promoters) - f64::from(self.detractors)) / f64::from(self.count());
        (self.count() > 0).then_some(score)
    }

    /// At 95 %; nothing with fewer than two answers, which tell nothing of how much answers differ.
    fn margin(self) -> Option<f64> {
        let (mean, count) = (self.score()?, f64::from(self.count()));
        let extremes = f64::from(self.promoters + self.detractors) * 100.0 * 100.0;
        let variance = (extremes - count * mean * mean) / (count - 1.0);
        (self.count() > 1).then(|| Z * variance.max(0.0).sqrt() / count.sqrt())
    }

    fn told(self) -> Value {
        let rounded = |value: Option<f64>| value.map(|value| (value * 10.0).round() / 10.0);
        json!({
            "score": rounded(self.score()),
            "margin": rounded(self.margin()),
            "answers": self.count(),
            "promoters": self.promoters,
            "passives": self.passives,
            "detractors": self.detractors,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(promoters: u32, passives: u32, detractors: u32) -> Answers {
        Answers { promoters, passives, detractors }
    }

    #[test]
    fn the_score_is_promoters_less_detractors_and_its_margin_shrinks_with_the_count() {
        let told = answers(50, 30, 20).told();
        // Mean 30, variance (70 × 10,000 − 100 × 900) / 99, margin 1.96 × √(that / 100).
        assert_eq!((&told["score"], &told["margin"]), (&json!(30.0), &json!(15.4)));
        assert_eq!(answers(5_000, 3_000, 2_000).told()["margin"], 1.5);
        assert_eq!(answers(1, 0, 1).told()["score"], 0.0);
    }

    #[test]
    fn too_few_answers_have_no_margin_and_none_have_no_score() {
        assert_eq!(answers(0, 0, 0).told()["score"], Value::Null);
        let one = answers(0, 0, 1).told();
        assert_eq!((&one["score"], &one["margin"]), (&json!(-100.0), &Value::Null));
        let mut counted = Answers::default();
        (0..=10).for_each(|score| counted.add(score));
        assert_eq!((counted.promoters, counted.passives, counted.detractors), (2, 2, 7));
    }
}
