//! What a shop says about itself.

/// What a report cannot learn from orders.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LearningTerms {
    /// What is left of an order's value, as a share of it.
    pub margin: f64,
    /// What it costs to win a customer, in major units, if the shop says so.
    pub acquisition_cost: Option<f64>,
    /// By how much money grows in a year: an order in a year is worth so much less today.
    pub yearly_rate: f64,
    /// After how many days of silence half, most and nearly all customers who return have returned, as the policy assumes: for
    /// classes of which too little is known.
    pub policy_days: [u32; 3],
}

impl Default for LearningTerms {
    /// The whole value, no cost, 10 % a year, and the built-in policy's days.
    fn default() -> Self {
        Self { margin: 1.0, acquisition_cost: None, yearly_rate: 0.1, policy_days: [45, 90, 180] }
    }
}
