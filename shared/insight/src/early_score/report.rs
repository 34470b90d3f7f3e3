//! What is said about the early score.

use super::newcomer::{EARLY_DAYS, Newcomer};
use super::score_model::{PENALTY, ScoreModel};
use super::score_test::ScoreTest;
use super::summary::EarlyScore;
use crate::day::Day;
use crate::estimate::{Because, Estimate, MIN_AT_RISK, Needs, Shown};
use crate::numeric::Minimum;
use crate::statistics::Z;
use serde::Serialize;
use std::collections::BTreeMap;

/// A score for customers 30 days after their first order, beside how well it held for newer customers than those it learned from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EarlyScoreReport {
    /// Days after the first order that the score knows of.
    pub early_days: u32,
    /// What loyal means.
    pub label: &'static str,
    /// Days at the start of an incomplete history whose new customers are left out.
    pub burn_in: u32,
    /// The last first day of the customers learned from; the newer ones are for the test.
    pub train_first_day_to: Option<Day>,
    /// Customers learned from.
    pub train: u64,
    /// Customers of the test.
    pub test: u64,
    /// Whether all customers learned from had shown what they are before the first one of the test was scored. If not, a season
    /// that both share can make the test look better than it is.
    pub test_is_later: bool,
    /// The features that differ between customers.
    pub features: Vec<String>,
    /// The penalty on the weights.
    pub l2: f64,
    /// The weights, with features scaled to mean 0 and standard deviation 1, and the intercept.
    pub coef: BTreeMap<String, Estimate>,
    /// The features' means.
    pub feature_mean: BTreeMap<String, f64>,
    /// The features' standard deviations.
    pub feature_sd: BTreeMap<String, f64>,
    /// How the score held for newer customers.
    #[serde(flatten)]
    pub held: ScoreTest,
    /// Whether the score may be shown. Otherwise customers are put in order by the chance to order of
    /// [`orders_to_come`](crate::orders_to_come).
    pub shown: Shown,
    /// The model, if it may be used.
    pub model: Option<ScoreModel>,
}

impl EarlyScoreReport {
    /// Learns and tests.
    #[must_use]
    pub fn new(summary: &EarlyScore) -> Self {
        let minor_units = 10.0_f64.powi(summary.history().decimal_places.into());
        let newcomers: Vec<&Newcomer> = summary.newcomers.iter().collect();
        let split = last_day_to_learn_from(&newcomers);
        let (train, test): (Vec<&Newcomer>, Vec<&Newcomer>) =
            newcomers.iter().partition(|newcomer| split.is_some_and(|split| newcomer.first_day <= split));
        let learned = enough(&train, &test).and_then(|()| {
            let (n, because) = (newcomers.len() as u64, Because::ModelDoesNotFit);
            ScoreModel::learn(&train, minor_units).ok_or(Estimate::not_yet(n, because, Needs::OtherData))
        });
        let mut report = Self {
            early_days: EARLY_DAYS,
            label: "at least 2 occasions on days 31..210",
            burn_in: if summary.history().complete_from.is_some() { summary.history().burn_in } else { 0 },
            train_first_day_to: split.map(Day::from_number),
            train: train.len() as u64,
            test: test.len() as u64,
            test_is_later: is_later(&train, &test),
            features: Vec::new(),
            l2: PENALTY,
            coef: BTreeMap::new(),
            feature_mean: BTreeMap::new(),
            feature_sd: BTreeMap::new(),
            held: ScoreTest::missing(Estimate::too_few(0)),
            shown: Shown::NotYet { because: Because::BackTestFailed, needs: Needs::OtherData },
            model: None,
        };
        match learned {
            Ok((model, found)) => {
                report.describe(&model, &found);
                report.held = ScoreTest::new(&model, &test);
                if report.held.is_passed() {
                    report.shown = Shown::Yes;
                    report.model = Some(model);
                }
            }
            Err(none) => {
                report.held = ScoreTest::missing(none);
                report.shown = none.shown;
            }
        }
        report
    }

    fn describe(&mut self, model: &ScoreModel, found: &Minimum) {
        let estimate = |place: usize| {
            let (value, half) = (found.point[place], Z * found.covariance.at(place, place).sqrt());
            Estimate::from_enough(value, value - half, value + half, self.train)
        };
        self.coef = [("intercept".to_owned(), estimate(0))].into();
        for (place, of) in model.weights.iter().enumerate() {
            self.coef.insert(of.feature.clone(), estimate(place + 1));
        }
        self.features = model.weights.iter().map(|of| of.feature.clone()).collect();
        self.feature_mean = model.weights.iter().map(|of| (of.feature.clone(), of.mean)).collect();
        self.feature_sd = model.weights.iter().map(|of| (of.feature.clone(), of.sd)).collect();
    }
}

/// The smallest first day such that at least two thirds of the customers came until then.
fn last_day_to_learn_from(newcomers: &[&Newcomer]) -> Option<i32> {
    let mut days: Vec<i32> = newcomers.iter().map(|newcomer| newcomer.first_day).collect();
    days.sort_unstable();
    let two_thirds = (2 * days.len()).div_ceil(3);
    days.get(two_thirds.checked_sub(1)?).copied()
}

/// Learning and testing both need 30 customers of either kind.
fn enough(train: &[&Newcomer], test: &[&Newcomer]) -> Result<(), Estimate> {
    let n = (train.len() + test.len()) as u64;
    for part in [train, test] {
        let all = part.len() as u64;
        let loyal = part.iter().filter(|newcomer| newcomer.is_loyal()).count() as u64;
        if let missing @ 1.. = (2 * MIN_AT_RISK).saturating_sub(all) {
            return Err(Estimate::not_yet(n, Because::TooFewAtRisk, Needs::Customers(missing)));
        }
        if let missing @ 1.. = MIN_AT_RISK.saturating_sub(loyal) {
            return Err(Estimate::not_yet(n, Because::TooFewReturned, Needs::Returned(missing)));
        }
        if let missing @ 1.. = MIN_AT_RISK.saturating_sub(all - loyal) {
            return Err(Estimate::not_yet(n, Because::NothingToCompare, Needs::Customers(missing)));
        }
    }
    Ok(())
}

fn is_later(train: &[&Newcomer], test: &[&Newcomer]) -> bool {
    let last = train.iter().map(|newcomer| newcomer.first_day).max();
    let first = test.iter().map(|newcomer| newcomer.first_day).min();
    let late_days = i32::try_from(super::newcomer::LATE_DAYS).unwrap_or(i32::MAX);
    // Both are scored equally long after their first day.
    last.zip(first).is_some_and(|(last, first)| last.saturating_add(late_days) <= first)
}
