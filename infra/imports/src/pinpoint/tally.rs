//! What a file would bring, counted.

use super::endpoint::{Endpoint, Means};
use serde::Serialize;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Counts of endpoints. Remembers eight bytes of each customer, so that several endpoints of one count as one.
#[derive(Debug, Default)]
pub struct Tally {
    endpoints: u64,
    email: u64,
    sms: u64,
    opted_out: u64,
    without_user: u64,
    customers: HashSet<u64>,
}

/// The counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Endpoints that would be taken.
    pub endpoints: u64,
    /// Of these, mail addresses.
    pub email: u64,
    /// Of these, phone numbers.
    pub sms: u64,
    /// Of these, those that refuse messages.
    pub opted_out: u64,
    /// Of these, those that belong to no user.
    pub without_user: u64,
    /// The customers that they are of.
    pub customers: u64,
}

impl Tally {
    /// Counts one.
    pub fn add(&mut self, endpoint: &Endpoint) {
        self.endpoints += 1;
        match endpoint.means {
            Means::Email(_) => self.email += 1,
            Means::Sms(_) => self.sms += 1,
        }
        self.opted_out += u64::from(endpoint.opted_out);
        self.without_user += u64::from(!endpoint.has_user);
        let mut hasher = DefaultHasher::new();
        endpoint.customer.as_str().hash(&mut hasher);
        self.customers.insert(hasher.finish());
    }

    /// What was counted.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let Self { endpoints, email, sms, opted_out, without_user, customers } = self;
        let [endpoints, email, sms, opted_out, without_user] =
            [endpoints, email, sms, opted_out, without_user].map(|n| *n);
        Counts { endpoints, email, sms, opted_out, without_user, customers: customers.len() as u64 }
    }
}
