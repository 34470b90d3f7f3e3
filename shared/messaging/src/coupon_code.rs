//! Codes of coupons that follow from their message: one spelling for who issues them and for who looks for them.

use crate::KeyRing;
use rekindle_lifecycle::id::{MessageId, ShopId};

/// Other codes that are tried when one is somebody else's already, which happens once in 27 thousand million times.
const CANDIDATES: u32 = 5;

impl KeyRing {
    /// The codes that the coupon of a message may have, best first: the same whenever it is asked.
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
        (0..CANDIDATES).map(code).collect::<Vec<_>>().into_iter()
    }
}
