//! What a fitted model expects of one customer.

use super::expected_orders::{Alive, expected_orders};
use super::group::{Standing, weeks};
use super::model::{Model, Parameters};

impl Model {
    /// The chance that the customer still is one.
    #[must_use]
    pub fn chance_alive(self, parameters: Parameters, standing: &Standing) -> f64 {
        if !self.may_be_lost(standing.repeats) {
            return 1.0;
        }
        let Parameters { r, alpha, a, b } = parameters;
        let events = r + f64::from(standing.repeats);
        let silence = ((alpha + standing.age) / (alpha + standing.recency)).ln();
        let odds = (a / (b + f64::from(self.survived(standing.repeats)))).ln() + events * silence;
        // Overflow of the exponential is a chance of zero.
        1.0 / (1.0 + odds.exp())
    }

    /// The chance that the customer orders at least once in the next days: the chance to be alive, times the chance that a
    /// customer who is alive does not wait longer than that.
    ///
    /// ```text
    /// P(alive) * (1 - ((alpha+T) / (alpha+T+t))^(r+repeats))
    /// ```
    #[must_use]
    pub fn chance_of_order(self, parameters: Parameters, standing: &Standing, days: f64) -> f64 {
        let waiting = (weeks(days).max(0.0) / (parameters.alpha + standing.age)).ln_1p();
        let silent = -(parameters.r + f64::from(standing.repeats)) * waiting;
        -silent.exp_m1() * self.chance_alive(parameters, standing)
    }

    /// In how many days the chance to order within `days` falls below `limit`, if the customer orders nothing until then; 0 if it
    /// is below already. Nothing if that takes longer than 100 years, or `limit` is not above zero.
    #[must_use]
    pub fn days_until_chance_below(
        self,
        parameters: Parameters,
        standing: &Standing,
        days: f64,
        limit: f64,
    ) -> Option<u32> {
        const LONGEST: u32 = 36_500;
        let is_below = |silent: u32| {
            let later = Standing { age: standing.age + weeks(silent.into()), ..*standing };
            self.chance_of_order(parameters, &later, days) < limit
        };
        // The chance only falls while nothing is ordered: both of its factors do.
        if !is_below(LONGEST) {
            return None;
        }
        let (mut above, mut below) = (0, LONGEST);
        if is_below(above) {
            return Some(0);
        }
        while below - above > 1 {
            let middle = above + (below - above) / 2;
            if is_below(middle) { below = middle } else { above = middle }
        }
        Some(below)
    }

    /// The expected number of days with an order in the next days.
    #[must_use]
    pub fn expected_orders(self, parameters: Parameters, standing: &Standing, days: f64) -> f64 {
        let [orders] = self.expected_orders_within(parameters, standing, [days]);
        orders
    }

    /// The same for several numbers of days, which costs little more than for one.
    #[must_use]
    pub fn expected_orders_within<const N: usize>(
        self,
        parameters: Parameters,
        standing: &Standing,
        days: [f64; N],
    ) -> [f64; N] {
        let alive = Alive {
            events: parameters.r + f64::from(standing.repeats),
            survived: parameters.b + f64::from(self.survived_alive(standing.repeats)),
            exposure: parameters.alpha + standing.age,
        };
        let chance = self.chance_alive(parameters, standing);
        expected_orders(&alive, parameters, days.map(weeks)).map(|orders| chance * orders)
    }

    /// The expected days with an order in each of the next twelfths of this many years, each divided by the growth of money until
    /// its end: `1 + yearly_rate` a year. Times the value of an order and the margin, this is what the customer is worth.
    #[must_use]
    pub fn discounted_orders(self, parameters: Parameters, standing: &Standing, years: u32, yearly_rate: f64) -> f64 {
        let mut before = 0.0;
        let mut sum = 0.0;
        for year in 0..years {
            let ends: [f64; 12] = std::array::from_fn(|month| f64::from(year) + (month as f64 + 1.0) / 12.0);
            let until = self.expected_orders_within(parameters, standing, ends.map(|years| 365.0 * years));
            for (end, orders) in ends.into_iter().zip(until) {
                sum += (orders - before) / (1.0 + yearly_rate).powf(end);
                before = orders;
            }
        }
        sum
    }
}

#[cfg(test)]
#[path = "prediction_tests.rs"]
mod tests;
