//! Customers who were alike on the day of a back-test, with what they did after it.

use super::group::Group;
use super::summary::PastCustomer;

/// Customers who were in the same standing on the day of the back-test.
#[derive(Debug)]
pub(super) struct PastGroup<'a> {
    pub(super) group: Group,
    pub(super) members: &'a [PastCustomer],
    /// How many of them ordered after that day.
    pub(super) ordered: u64,
}

impl<'a> PastGroup<'a> {
    /// Groups customers who are sorted.
    pub(super) fn all(sorted: &'a [PastCustomer]) -> Vec<Self> {
        let standing = |customer: &PastCustomer| (customer.repeats, customer.recency, customer.age);
        sorted
            .chunk_by(|left, right| standing(left) == standing(right))
            .map(|members| Self {
                group: Group { standing: members[0].standing(), customers: members.len() as u64 },
                members,
                ordered: members.iter().filter(|customer| customer.later > 0).count() as u64,
            })
            .collect()
    }

    /// How many of them did not order after that day.
    pub(super) fn silent(&self) -> u64 {
        self.group.customers - self.ordered
    }
}
