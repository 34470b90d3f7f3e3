//! How well an early score holds for customers it did not learn from.

use super::newcomer::Newcomer;
use super::ridge;
use super::score_model::{ScoreBand, ScoreModel};
use crate::estimate::{Because, Estimate, Needs};
use crate::numeric::{Errors, area_under_curve};
use crate::statistics::{Z, wilson};
use serde::Serialize;

/// What a score said of newer customers, and what became of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoreTest {
    /// The chance that a customer who became loyal had a higher score than one who did not.
    pub test_auc: Estimate,
    /// The same of the number of further days with an order alone.
    pub test_auc_occasions_only: Estimate,
    /// The same of the value of the first day alone.
    pub test_auc_first_amount_only: Estimate,
    /// The mean squared error of the scores.
    pub test_brier: Estimate,
    /// The same if everybody's score were the share of loyal customers.
    pub test_brier_of_base_rate: Estimate,
    /// The mean score.
    pub mean_predicted: Estimate,
    /// The share of customers who became loyal.
    pub mean_actual: Estimate,
    /// The mean score as a share of that.
    pub predicted_to_actual: Estimate,
    /// Intercept of a logistic regression of the outcome on the logarithm of the score's odds; 0 if the score is right.
    pub calibration_intercept: Estimate,
    /// Its slope; 1 if the score is right, below 1 if it exaggerates.
    pub calibration_slope: Estimate,
    /// The chance that a customer who left had a lower score than one who did not.
    pub auc_leaves: Estimate,
    /// The share of customers who left: no order in the late days.
    pub share_leaves: Estimate,
    /// What became of the customers in each band, the most likely first.
    pub bands: [BandResult; 3],
}

/// What became of the customers in a band of scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BandResult {
    /// Which band.
    pub band: ScoreBand,
    /// The share of them who became loyal.
    pub loyal: Estimate,
}

impl ScoreTest {
    pub(super) fn new(model: &ScoreModel, newcomers: &[&Newcomer]) -> Self {
        let cases: Vec<(f64, &Newcomer)> =
            newcomers.iter().map(|newcomer| (model.score(&newcomer.first_days), *newcomer)).collect();
        let n = cases.len() as u64;
        let loyal = count(&cases, |newcomer| newcomer.is_loyal());
        let share = loyal as f64 / n as f64;
        let (mut brier, mut scores, mut base) = (Errors::default(), Errors::default(), Errors::default());
        for (score, newcomer) in &cases {
            let outcome = if newcomer.is_loyal() { 1.0 } else { 0.0 };
            brier.add((score - outcome) * (score - outcome));
            base.add((share - outcome) * (share - outcome));
            scores.add(*score);
        }
        let mean_actual = wilson(loyal, n);
        let (intercept, slope) = calibration(&cases);
        let area =
            |score: &dyn Fn(f64, &Newcomer) -> f64, is: fn(&Newcomer) -> bool| {
                area_under_curve(cases.iter().map(|(found, newcomer)| {
                    (score(*found, newcomer), u64::from(is(newcomer)), u64::from(!is(newcomer)))
                }))
            };
        let loyal_by = |score: &dyn Fn(f64, &Newcomer) -> f64| area(score, Newcomer::is_loyal);
        Self {
            test_auc: loyal_by(&|score, _| score),
            test_auc_occasions_only: loyal_by(&|_, newcomer| f64::from(newcomer.first_days.more)),
            test_auc_first_amount_only: loyal_by(&|_, newcomer| newcomer.first_days.first_value as f64),
            test_brier: brier.mean(),
            test_brier_of_base_rate: base.mean(),
            mean_predicted: scores.mean(),
            mean_actual,
            predicted_to_actual: ratio(&scores.mean(), &mean_actual),
            calibration_intercept: intercept,
            calibration_slope: slope,
            auc_leaves: area(&|score, _| -score, Newcomer::has_left),
            share_leaves: wilson(count(&cases, |newcomer| newcomer.has_left()), n),
            bands: [ScoreBand::Likely, ScoreBand::Possible, ScoreBand::Unlikely].map(|band| {
                let within: Vec<_> = cases.iter().filter(|(score, _)| model.band(*score) == band).copied().collect();
                BandResult { band, loyal: wilson(count(&within, |newcomer| newcomer.is_loyal()), within.len() as u64) }
            }),
        }
    }

    pub(super) fn missing(none: Estimate) -> Self {
        let band = |band| BandResult { band, loyal: none };
        Self {
            test_auc: none,
            test_auc_occasions_only: none,
            test_auc_first_amount_only: none,
            test_brier: none,
            test_brier_of_base_rate: none,
            mean_predicted: none,
            mean_actual: none,
            predicted_to_actual: none,
            calibration_intercept: none,
            calibration_slope: none,
            auc_leaves: none,
            share_leaves: none,
            bands: [band(ScoreBand::Likely), band(ScoreBand::Possible), band(ScoreBand::Unlikely)],
        }
    }

    /// Whether the score holds for customers it did not learn from, in order and in size.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        let within =
            |estimate: Estimate, from: f64, to: f64| estimate.value.is_some_and(|value| value >= from && value <= to);
        within(self.test_auc, 0.65, 1.0)
            && within(self.calibration_slope, 0.7, 1.4)
            && within(self.predicted_to_actual, 0.8, 1.25)
    }
}

fn count(cases: &[(f64, &Newcomer)], of: impl Fn(&Newcomer) -> bool) -> u64 {
    cases.iter().filter(|(_, newcomer)| of(newcomer)).count() as u64
}

/// With the interval of the share below the line; the mean above it is known well.
fn ratio(predicted: &Estimate, actual: &Estimate) -> Estimate {
    match (predicted.value, actual.numbers()) {
        (Some(mean), Some((share, lo, hi))) => Estimate::shown(mean / share, mean / hi, mean / lo, actual.n),
        _ => Estimate { n: actual.n, ..*actual },
    }
}

/// Intercept and slope of the outcome on the logarithm of the score's odds.
fn calibration(cases: &[(f64, &Newcomer)]) -> (Estimate, Estimate) {
    let n = cases.len() as u64;
    let rows: Vec<Vec<f64>> = cases.iter().map(|(score, _)| vec![ridge::log_odds(*score)]).collect();
    let outcomes: Vec<bool> = cases.iter().map(|(_, newcomer)| newcomer.is_loyal()).collect();
    match ridge::fit(&rows, &outcomes, 0.0) {
        Ok(found) => {
            let estimate = |place: usize| {
                let (value, half) = (found.point[place], Z * found.covariance.at(place, place).sqrt());
                Estimate::from_enough(value, value - half, value + half, n)
            };
            (estimate(0), estimate(1))
        }
        Err(_) => {
            let none = Estimate::not_yet(n, Because::ModelDoesNotFit, Needs::OtherData);
            (none, none)
        }
    }
}
