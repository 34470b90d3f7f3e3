//! Counts of the endpoints of a file.

use super::endpoint::{ContactAddress, Endpoint};
use serde::Serialize;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Counts endpoints. Keeps eight bytes of each customer, so that several endpoints of a customer count as one customer.
#[derive(Debug, Default)]
pub struct Tally {
    endpoints: u64,
    email: u64,
    sms: u64,
    opted_out: u64,
    without_user: u64,
    customers: HashSet<u64>,
}

/// Counts of endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Valid endpoints.
    pub endpoints: u64,
    /// Of these, mail addresses.
    pub email: u64,
    /// Of these, phone numbers.
    pub sms: u64,
    /// Of these, those that refused messages.
    pub opted_out: u64,
    /// Of these, those without a user.
    pub without_user: u64,
    /// Their customers.
    pub customers: u64,
}

impl Tally {
    /// Counts an endpoint.
    pub fn add(&mut self, endpoint: &Endpoint) {
        self.endpoints += 1;
        match endpoint.address {
            ContactAddress::Email(_) => self.email += 1,
            ContactAddress::Sms(_) => self.sms += 1,
        }
        self.opted_out += u64::from(endpoint.opted_out);
        self.without_user += u64::from(!endpoint.has_user);
        let mut hasher = DefaultHasher::new();
        endpoint.customer.as_str().hash(&mut hasher);
        self.customers.insert(hasher.finish());
    }

    /// The counts so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let Self { endpoints, email, sms, opted_out, without_user, customers } = self;
        let [endpoints, email, sms, opted_out, without_user] =
            [endpoints, email, sms, opted_out, without_user].map(|n| *n);
        Counts { endpoints, email, sms, opted_out, without_user, customers: customers.len() as u64 }
    }
}
