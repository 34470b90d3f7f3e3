//! What earns a reward for a referral.

use crate::time::Period;
use serde::Deserialize;

/// What earns a reward for a referral.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferralRules {
    /// Per cent off for the friend, with the referral code as the coupon; 0 for nothing.
    pub friend_percent: u8,
    /// How long a visit with a code may be before the order that it is credited with.
    pub attribution_window: Period,
    /// How long after it a friend's order may still be sent back.
    pub return_window: Period,
    /// Rewards to one referrer in 30 days.
    pub at_most_per_month: usize,
    /// No reward if friend and referrer have one mailbox.
    pub refuse_same_address: bool,
    /// No reward if they have one phone number.
    pub refuse_same_phone: bool,
    /// No reward if the order goes to the referrer's name and postcode.
    pub refuse_same_shipping: bool,
}
