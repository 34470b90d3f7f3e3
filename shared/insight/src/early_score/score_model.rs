//! The early score's model.

use super::features::features;
use super::newcomer::{FirstDays, Newcomer};
use super::ridge;
use crate::numeric::Minimum;
use serde::{Deserialize, Serialize};

/// A learned model: scores a customer 30 days after the first order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreModel {
    /// The logarithm of the odds of a customer whose features are all average.
    pub intercept: f64,
    /// The weights of the features.
    pub weights: Vec<Weight>,
    /// Minor units in one unit of the currency.
    pub minor_units: f64,
    /// Scores from the first on are possible, from the second on likely.
    pub band_starts: [f64; 2],
}

/// The weight of a feature, after it was shifted and scaled to mean 0 and standard deviation 1 over the customers learned from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Weight {
    /// Which feature.
    pub feature: String,
    /// The weight.
    pub weight: f64,
    /// The feature's mean.
    pub mean: f64,
    /// The feature's standard deviation.
    pub sd: f64,
}

/// How likely a customer is to become loyal, compared with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreBand {
    /// A score as the lower half of those learned from have it.
    Unlikely,
    /// Between the two.
    Possible,
    /// A score as the best fifth of those learned from have it.
    Likely,
}

/// The penalty on the weights.
pub(super) const PENALTY: f64 = 1.0;

impl ScoreModel {
    /// Learns from customers. Nothing if they do not determine a model. Beside it the search's result, intercept first.
    pub(super) fn learn(newcomers: &[&Newcomer], minor_units: f64) -> Option<(Self, Minimum)> {
        let rows: Vec<Vec<(&str, f64)>> =
            newcomers.iter().map(|newcomer| features(&newcomer.first_days, minor_units)).collect();
        let mut weights = Vec::new();
        let mut columns = Vec::new();
        for (column, (feature, _)) in rows.first()?.iter().enumerate() {
            let values = || rows.iter().map(|row| row[column].1);
            let mean = values().sum::<f64>() / rows.len() as f64;
            let variance = values().map(|value| (value - mean) * (value - mean)).sum::<f64>() / rows.len() as f64;
            let sd = variance.sqrt();
            // What is the same for everybody tells nothing; only rounding is left of its deviation.
            if sd > 1e-9 * mean.abs().max(1.0) {
                columns.push(column);
                weights.push(Weight { feature: (*feature).to_owned(), weight: 0.0, mean, sd });
            }
        }
        let scaled: Vec<Vec<f64>> = rows
            .iter()
            .map(|row| columns.iter().zip(&weights).map(|(column, of)| (row[*column].1 - of.mean) / of.sd).collect())
            .collect();
        let outcomes: Vec<bool> = newcomers.iter().map(|newcomer| newcomer.is_loyal()).collect();
        let found = ridge::fit(&scaled, &outcomes, PENALTY).ok()?;
        weights.iter_mut().zip(&found.point[1..]).for_each(|(of, weight)| of.weight = *weight);
        let mut model = Self { intercept: found.point[0], weights, minor_units, band_starts: [0.0; 2] };
        let mut scores: Vec<f64> = newcomers.iter().map(|newcomer| model.score(&newcomer.first_days)).collect();
        scores.sort_by(f64::total_cmp);
        // The lower half is unlikely, the best fifth likely.
        model.band_starts = [scores[scores.len() / 2], scores[scores.len() * 4 / 5]];
        Some((model, found))
    }

    /// The chance that the customer becomes loyal.
    #[must_use]
    pub fn score(&self, first_days: &FirstDays) -> f64 {
        let features = features(first_days, self.minor_units);
        let scaled = self.weights.iter().map(|of| {
            let value = features.iter().find(|(feature, _)| *feature == of.feature).map_or(of.mean, |found| found.1);
            of.weight * (value - of.mean) / of.sd
        });
        ridge::chance(&[self.intercept + scaled.sum::<f64>()], &[])
    }

    /// The band of a score.
    #[must_use]
    pub fn band(&self, score: f64) -> ScoreBand {
        let [possible, likely] = self.band_starts;
        match score {
            score if score >= likely => ScoreBand::Likely,
            score if score >= possible => ScoreBand::Possible,
            _ => ScoreBand::Unlikely,
        }
    }
}
