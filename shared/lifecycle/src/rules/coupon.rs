//! Coupons that messages carry.

use crate::time::Period;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A coupon that a message carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenOffer", into = "WrittenOffer")]
pub struct CouponOffer {
    /// Where its code comes from.
    pub source: CouponSource,
    /// Per cent off.
    pub percent: u8,
    /// How long after the message it can be used.
    pub valid_for: Period,
}

impl CouponOffer {
    /// Returns an instant on the last day on which a coupon of a message that was created then can be used: which day
    /// that is depends on where the customer lives.
    #[must_use]
    pub fn last_day_of(&self, created_at: Timestamp) -> Timestamp {
        self.valid_for.after(created_at)
    }

    /// Returns when a coupon of a message that was created then expires. It holds to the end of its last day wherever the
    /// customer lives, because the message names the day only.
    #[must_use]
    pub fn expires_at(&self, created_at: Timestamp) -> Timestamp {
        Period::days(1).after(self.last_day_of(created_at))
    }
}

/// Where the code of a coupon comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CouponSource {
    /// One code for all customers, which the shop knows.
    Fixed(String),
    /// A code of the customer's own: this, a hyphen, and eight characters.
    Generated(String),
    /// A code of the customer's own from a pool of this name that the shop uploaded.
    Pool(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenOffer {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pool: Option<String>,
    percent: u8,
    valid_for: Period,
}

impl TryFrom<WrittenOffer> for CouponOffer {
    type Error = String;

    fn try_from(written: WrittenOffer) -> Result<Self, String> {
        let WrittenOffer { code, prefix, pool, percent, valid_for } = written;
        let source = match (code, prefix, pool) {
            (Some(code), None, None) => CouponSource::Fixed(code),
            (None, Some(prefix), None) => CouponSource::Generated(prefix),
            (None, None, Some(pool)) => CouponSource::Pool(pool),
            _ => return Err("a coupon has one of code, prefix and pool".to_owned()),
        };
        Ok(Self { source, percent, valid_for })
    }
}

impl From<CouponOffer> for WrittenOffer {
    fn from(offer: CouponOffer) -> Self {
        let CouponOffer { source, percent, valid_for } = offer;
        let (code, prefix, pool) = match source {
            CouponSource::Fixed(code) => (Some(code), None, None),
            CouponSource::Generated(prefix) => (None, Some(prefix), None),
            CouponSource::Pool(pool) => (None, None, Some(pool)),
        };
        Self { code, prefix, pool, percent, valid_for }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coupon_holds_to_the_end_of_its_last_day_in_every_zone() {
        let source = CouponSource::Fixed("TEN".to_owned());
        let offer = CouponOffer { source, percent: 10, valid_for: Period::days(14) };
        let created_at: Timestamp = "2026-03-01T12:00:00Z".parse().expect("an instant");
        assert_eq!(offer.last_day_of(created_at).to_string(), "2026-03-15T12:00:00Z");
        assert_eq!(offer.expires_at(created_at).to_string(), "2026-03-16T12:00:00Z");
        let for_good = CouponOffer { valid_for: Period::seconds(i64::MAX), ..offer };
        assert_eq!(for_good.expires_at(created_at), Timestamp::MAX);
    }
}
