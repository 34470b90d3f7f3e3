//! What a shop's money is taken to be worth.

/// What a report takes from the shop or from other reports.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Assumptions {
    /// The days by which 80 % of the customers who come back have done so, from the learned thresholds; `None` if they are not
    /// known yet. The history has to be twice as long.
    pub usual_return_days: Option<u32>,
    /// What is left of an order's value, as a share of it.
    pub margin: f64,
    /// By how much money grows in a year: an order in a year is worth so much less today.
    pub yearly_rate: f64,
}

impl Default for Assumptions {
    /// Whole value, 10 % a year.
    fn default() -> Self {
        Self { usual_return_days: None, margin: 1.0, yearly_rate: 0.1 }
    }
}
