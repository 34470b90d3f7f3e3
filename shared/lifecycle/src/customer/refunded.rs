//! What went back to the customer.

use crate::facts::RefundEvent;
use crate::money::{Currency, Money};
use serde::{Deserialize, Serialize};

/// An amount that went back. Of two reports of one refund that with a currency of its own counts, then the larger one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Refunded {
    currency_is_known: bool,
    money: Money,
}

/// A refund as it is stored.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredRefund {
    #[serde(flatten)]
    money: Money,
    /// The currency was assumed.
    #[serde(rename = "a", default, skip_serializing_if = "std::ops::Not::not")]
    assumed: bool,
}

impl From<Refunded> for StoredRefund {
    fn from(refund: Refunded) -> Self {
        Self { money: refund.money, assumed: !refund.currency_is_known }
    }
}

impl From<StoredRefund> for Refunded {
    fn from(stored: StoredRefund) -> Self {
        Self { currency_is_known: !stored.assumed, money: stored.money }
    }
}

impl Refunded {
    /// What an event reports; nothing means everything.
    pub(super) fn from_event(event: &RefundEvent) -> Option<Self> {
        let currency_is_known = !event.currency_assumed;
        event.amount.map(|money| Self { currency_is_known, money })
    }

    /// The refund in minor units of the order's currency; nothing if it is of another one.
    pub(super) fn minor_of(&self, currency: Currency) -> Option<i64> {
        if self.currency_is_known && self.money.currency != currency {
            return None;
        }
        Some(self.money.relabelled(currency).minor)
    }
}
