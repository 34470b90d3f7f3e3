//! Orders that use a coupon: which of them are still to be noted with the coupon.

use super::Planner;
use crate::decision::Redemption;
use crate::id::short_digest;

/// Orders that are remembered as noted; more than are remembered with a coupon.
const NOTED: usize = 8;

impl Planner<'_> {
    /// Every order that uses a coupon is noted with it once. Noting it again would change nothing.
    pub(super) fn redeem_coupons(&mut self) {
        for (order, used) in &self.customer.folded.coupons {
            let digest = short_digest(&["redeemed", order.as_str()], 8);
            if self.decided.redeemed.contains(&digest) {
                continue;
            }
            let redeemed = &mut self.decided.to_mut().redeemed;
            redeemed.push(digest);
            if redeemed.len() > NOTED {
                redeemed.remove(0);
            }
            let (code, at) = (used.value.clone(), used.at);
            self.redemptions.push(Redemption { order: order.clone(), code, at });
        }
    }
}
