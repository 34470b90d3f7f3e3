//! Codes of coupons that are derived from their message, spelled in one place for issuing and for finding them.

use crate::KeyRing;
use rekindle_lifecycle::id::{MessageId, ShopId};

/// How many codes are tried until one is free; one is taken once in 27 thousand million times.
const MAX_CANDIDATES: u32 = 5;

impl KeyRing {
    /// The codes that the coupon of a message may have, best first: always the same.
    pub fn coupon_codes(
        &self,
        prefix: &str,
        shop: &ShopId,
        message: &MessageId,
    ) -> impl Iterator<Item = String> + Send + use<> {
        let code = |attempt: u32| {
            let parts = ["coupon", shop.as_str(), message.as_str(), &attempt.to_string()];
            format!("{prefix}-{}", self.short_code(&parts))
        };
        (0..MAX_CANDIDATES).map(code).collect::<Vec<_>>().into_iter()
    }
}
