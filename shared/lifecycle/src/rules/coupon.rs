//! Coupons that messages carry.

use crate::time::Period;
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

/// Where the code of a coupon comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CouponSource {
    /// One code for everybody, which the shop knows.
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
