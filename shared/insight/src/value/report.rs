//! What is said about the value of customers.

use super::curve::{AGE_STEP, ValueCurve};
use crate::estimate::{Because, Estimate, MIN_AT_RISK, Needs};
use crate::language::Language;
use crate::statistics::{MeanSums, float, whole_days};
use serde::Serialize;

/// What the shop says of its costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// What is left of a value before the cost of winning the customer, as a share.
    pub margin: f64,
    /// The cost of winning a customer, in major units.
    pub cac: f64,
    /// What customers will still spend on average, in major units, where a forecast says it.
    pub future: Option<Estimate>,
}

/// The value of customers against their cost, in major units.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LtvReport {
    /// The margin as a share.
    pub margin: f64,
    /// The cost of winning a customer.
    pub cac: f64,
    /// The value by age.
    pub curve: Vec<AgeValue>,
    /// The first age by which the margin has paid for the customer; its ends are those of the ends of the curve's interval.
    pub payback_age_days: Estimate,
    /// The margin at the last age over the cost.
    pub ltv_to_cac_at_last: Estimate,
    /// The margin at the last age, and what is still expected, over the cost; absent without a forecast.
    pub ltv_to_cac_with_forecast: Option<Estimate>,
}

/// The value of customers of an age.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AgeValue {
    /// The age in days.
    pub age_days: u32,
    /// Customers known for all these days.
    pub customers: u64,
    /// What they have spent.
    pub revenue: Estimate,
    /// What is left of it.
    pub margin: Estimate,
    /// The standard error of the margin.
    pub se_margin: f64,
}

/// The curve ends where more than a fifth of the customers of one age are not known for the next: a mean of others would be joined
/// to it there, and a value that only ever grows could seem to fall.
const MIN_CONTINUING: f64 = 0.8;

impl LtvReport {
    /// Computes it.
    #[must_use]
    pub fn new(summary: &ValueCurve, terms: &Terms) -> Self {
        let minor = summary.history.minor_unit();
        let age = |(place, sums): (u32, &MeanSums)| {
            let revenue = sums.estimate().times(minor);
            AgeValue {
                age_days: (place + 1) * AGE_STEP,
                customers: sums.n,
                revenue,
                margin: revenue.times(terms.margin),
                se_margin: sums.standard_error() * minor * terms.margin.abs(),
            }
        };
        let curve: Vec<AgeValue> = (0..).zip(comparable(&summary.ages)).map(age).collect();
        let customers = summary.ages.first().map_or(0, |sums| sums.n);
        let last = curve.last().map_or(Estimate::too_few(customers), |age| age.margin);
        let with_forecast = terms.future.map(|future| sum(last, future.times(terms.margin)));
        Self {
            margin: terms.margin,
            cac: terms.cac,
            payback_age_days: payback(&curve, terms.cac, last),
            ltv_to_cac_at_last: over(last, terms.cac),
            ltv_to_cac_with_forecast: with_forecast.map(|ltv| over(ltv, terms.cac)),
            curve,
        }
    }

    /// Whether the usual conventions hold: a customer brings three times their cost, and has paid for it within a year.
    #[must_use]
    pub fn meets_conventions(&self) -> Option<bool> {
        let ltv = self.ltv_to_cac_with_forecast.unwrap_or(self.ltv_to_cac_at_last).value?;
        Some(ltv >= 3.0 && self.payback_age_days.value.is_some_and(|days| days <= 365.0))
    }

    /// When a customer has paid for their cost.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let (Some(last), Some(ratio)) = (self.curve.last(), self.ltv_to_cac_at_last.value) else {
            return self.ltv_to_cac_at_last.shown.sentence(language).unwrap_or_default();
        };
        let (ratio, age) = (language.decimal(ratio, 1), language.days(u64::from(last.age_days)));
        let payback = self.payback_age_days.value.map(|days| language.within_days(u64::from(whole_days(days))));
        match (language, payback) {
            (Language::English, Some(payback)) => {
                format!("A customer pays back their cost {payback}, and has brought {ratio} times it after {age}.")
            }
            (Language::English, None) => {
                format!(
                    "A customer has brought {ratio} times their cost after {age}; that does not clearly pay it back."
                )
            }
            (Language::Russian, Some(payback)) => {
                format!(
                    "Затраты на привлечение покупателя окупаются {payback}; через {age} он приносит {ratio} таких затрат."
                )
            }
            (Language::Russian, None) => {
                format!("Через {age} покупатель приносит {ratio} затрат на его привлечение; окупаемость не доказана.")
            }
        }
    }
}

/// The ages up to which the customers are nearly the same, and enough.
fn comparable(ages: &[MeanSums]) -> &[MeanSums] {
    let next = ages
        .windows(2)
        .take_while(|pair| float(pair[1].n) >= MIN_CONTINUING * float(pair[0].n) && pair[1].n >= MIN_AT_RISK);
    let first = usize::from(ages.first().is_some_and(|sums| sums.n >= MIN_AT_RISK));
    &ages[..first * (1 + next.count()).min(ages.len())]
}

fn payback(curve: &[AgeValue], cac: f64, last: Estimate) -> Estimate {
    let Some((.., n)) = curve.last().map(|age| ((), age.customers)) else { return last };
    let first = |end: fn(&Estimate) -> Option<f64>| {
        curve.iter().find(|age| end(&age.margin).is_some_and(|margin| margin >= cac)).map(|age| f64::from(age.age_days))
    };
    // The upper end of the margin pays back earliest.
    match (first(|margin| margin.value), first(|margin| margin.hi), first(|margin| margin.lo)) {
        (Some(value), Some(lo), Some(hi)) => Estimate::shown(value, lo, hi, n),
        (Some(_), ..) => Estimate::not_yet(n, Because::TooUncertain, Needs::OtherData),
        _ => Estimate::not_yet(n, Because::HistoryTooShort, Needs::Days(u64::from(AGE_STEP))),
    }
}

fn over(margin: Estimate, cac: f64) -> Estimate {
    match margin.numbers() {
        Some((value, lo, hi)) if cac > 0.0 => Estimate::shown(value / cac, lo / cac, hi / cac, margin.n),
        Some(_) => Estimate::not_yet(margin.n, Because::NothingToCompare, Needs::OtherData),
        None => margin,
    }
}

/// Both together, as uncertain as both together are at worst.
fn sum(one: Estimate, other: Estimate) -> Estimate {
    match (one.numbers(), other.numbers()) {
        (Some(a), Some(b)) => Estimate::shown(a.0 + b.0, a.1 + b.1, a.2 + b.2, one.n.min(other.n)),
        (None, _) => one,
        (_, None) => other,
    }
}
