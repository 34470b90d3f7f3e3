//! Which ids are one customer.

use serde::Deserialize;

/// Which ids are one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityRules {
    /// Ids of the shop with the same e-mail address are one customer.
    pub one_customer_per_address: bool,
}
