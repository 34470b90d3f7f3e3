//! What the models look at of a customer.

/// What the models look at of one customer, at some day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// Days with an order after the first.
    pub repeats: u32,
    /// Weeks from the first day with an order to the last.
    pub recency: f64,
    /// Weeks from the first day with an order to the day of the question.
    pub age: f64,
}

impl Standing {
    /// From whole days. A recency beyond the age counts as the age.
    #[must_use]
    pub fn from_days(repeats: u32, recency: u32, age: u32) -> Self {
        Self { repeats, recency: weeks(recency.min(age).into()), age: weeks(age.into()) }
    }
}

/// Customers who are in the same standing, or in one so similar that their mean stands for all of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Group {
    /// Their standing, or the mean of it. They all have the same number of repeats.
    pub standing: Standing,
    /// Their number.
    pub customers: u64,
}

/// Groups of the customers with equal standing, in a fixed order. A fit over them costs as much as there are groups.
#[must_use]
pub fn collapse(mut standings: Vec<Standing>) -> Vec<Group> {
    standings.sort_by(|left, right| {
        left.repeats
            .cmp(&right.repeats)
            .then(left.age.total_cmp(&right.age))
            .then(left.recency.total_cmp(&right.recency))
    });
    standings
        .chunk_by(|left, right| left == right)
        .map(|equal| Group { standing: equal[0], customers: equal.len() as u64 })
        .collect()
}

/// Days as weeks, the unit of the models' time.
#[must_use]
pub(super) fn weeks(days: f64) -> f64 {
    days / 7.0
}
