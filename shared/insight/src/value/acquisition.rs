//! What customers cost.

use crate::day::Month;
use serde::Serialize;

/// What the shop spent in a month to win customers, as it says itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Acquisition {
    /// The month.
    pub month: Month,
    /// Where it was spent, if the shop tells sources apart.
    pub source: Option<String>,
    /// How much, in major units.
    pub spend: f64,
    /// Customers whose first order was in the month (and came from the source).
    pub customers: u64,
}

impl Acquisition {
    /// The cost of one customer over all these months and sources; `None` if nobody came.
    #[must_use]
    pub fn cost_per_customer(all: &[Self]) -> Option<f64> {
        let customers: u64 = all.iter().map(|month| month.customers).sum();
        let spend: f64 = all.iter().map(|month| month.spend).sum();
        (customers > 0).then(|| spend / crate::statistics::float(customers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::Day;

    #[test]
    fn the_cost_of_a_customer_is_all_spend_over_all_who_came() {
        let month =
            |spend, customers| Acquisition { month: Day::from_number(0).month(), source: None, spend, customers };
        assert_eq!(Acquisition::cost_per_customer(&[month(100.0, 10), month(200.0, 0)]), Some(30.0));
        assert_eq!(Acquisition::cost_per_customer(&[month(100.0, 0)]), None);
        assert_eq!(Acquisition::cost_per_customer(&[]), None);
    }
}
