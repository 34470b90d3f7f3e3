//! When one customer comes next.

use super::gap_prior::{GapPrior, Predicted};
use super::own_gaps::OwnGaps;
use serde::{Deserialize, Serialize};

/// What a shop's history says about its customers' rhythms: what the engine keeps to forecast single customers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rhythms {
    /// How gaps scatter.
    pub prior: GapPrior,
    /// The share of forecasts for regular customers that were within 20 % in this shop; `None` if too few could be checked.
    pub regular_hit_rate: Option<f64>,
    /// Whether that is more than it would be if gaps were purely random. Without it nobody is reminded.
    pub better_than_chance: bool,
}

/// When a customer is expected, in days after the last day with an order, and never before today.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NextVisitForecast {
    /// The customer's rhythm is regular.
    Date {
        /// Days after the last order.
        days: f64,
        /// The days between which the visit falls with 80 %.
        window: (f64, f64),
        /// When to remind: one in four such visits has come by then. `None` if that is over, or if forecasts in this shop hold
        /// no more often than by chance.
        remind_after: Option<f64>,
        /// How many of such forecasts were within 20 % in this shop.
        hit_rate: f64,
    },
    /// The customer's gaps differ, or nobody could be checked.
    Window {
        /// The days between which the visit falls with 80 %.
        window: (f64, f64),
    },
    /// Nothing can be said: no gap is known, or the customer has been silent for longer than 99 of 100 of their gaps would be.
    Nothing,
}

/// The share of visits that have come by the day of the reminder: better early than late.
const REMIND_AT: f64 = 0.25;
/// A customer who has been silent for longer than this share of gaps has given up the rhythm.
const GIVEN_UP: f64 = 0.99;

impl Rhythms {
    /// When a customer with these gaps comes next, who has been silent for `silence` days.
    #[must_use]
    pub fn forecast(&self, own: &OwnGaps, silence: u32) -> NextVisitForecast {
        let silence = f64::from(silence);
        let predicted = self.prior.predict(own);
        if own.count == 0 || predicted.chance_within(silence) > GIVEN_UP {
            return NextVisitForecast::Nothing;
        }
        let after = |share| predicted.quantile_after(silence, share);
        let window = (after(0.1), after(0.9));
        match self.regular_hit_rate {
            Some(hit_rate) if own.is_regular() => {
                let remind_after = reminder(&predicted, silence).filter(|_| self.better_than_chance);
                NextVisitForecast::Date { days: after(0.5), window, remind_after, hit_rate }
            }
            _ => NextVisitForecast::Window { window },
        }
    }
}

fn reminder(predicted: &Predicted, silence: f64) -> Option<f64> {
    let day = predicted.quantile_after(0.0, REMIND_AT);
    (day > silence).then_some(day)
}
