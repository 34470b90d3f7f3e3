//! Facts about which ids are one customer.

use crate::id::CustomerId;
use serde::{Deserialize, Serialize};

/// Another id may belong to the same customer, or does. It is stored under both ids; whether the two are one customer follows
/// from all such facts (see [`crate::identity::Links`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// The other id.
    pub with: CustomerId,
    /// How that is known.
    pub cause: JoinCause,
}

/// The other id does not belong to the same customer: a person took a join apart. No join that the engine found by itself
/// counts against it; one that a person or the shop states later does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parted {
    /// The other id.
    pub with: CustomerId,
}

crate::stored_codes! {
    /// How it is known that two ids may be one customer.
    pub enum JoinCause {
        /// Both came with the same e-mail address.
        Email = "email",
        /// Both came with the same phone number.
        Phone = "phone",
        /// An event named the device and the customer.
        Device = "device",
        /// The shop said so with a call of `alias`.
        Alias = "alias",
        /// One of the shop's people said so.
        Staff = "staff",
    }
}

impl JoinCause {
    /// Whether somebody stated it; otherwise the engine found it.
    #[must_use]
    pub fn is_stated(self) -> bool {
        matches!(self, Self::Alias | Self::Staff)
    }
}
