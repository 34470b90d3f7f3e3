//! What a decision about one customer tells others: the referrer whose code they came with, the coupon that they used.
//!
//! All of it is told before the decision is committed, and telling it again changes nothing: so whatever stops in
//! between, it is told at least once and counts once.

use crate::{Advance, AdvanceError};
use rekindle_lifecycle::decision::{Decision, Entry};
use rekindle_lifecycle::fact::{Event, Fact, Traits};
use rekindle_lifecycle::referral::Refusal;
use rekindle_store::CustomerKey;
use rekindle_store::coupons::Redeemed;

impl Advance {
    pub(crate) async fn tell_others(&self, key: &CustomerKey, decision: &mut Decision) -> Result<(), AdvanceError> {
        for used in &decision.redemptions {
            let redeemed = self.store.redeem_coupon(key, &used.code, &used.order, used.at).await?;
            if redeemed == Redeemed::ByAnother {
                tracing::warn!("an order names a coupon that another order used before");
            }
        }
        let Some(news) = &decision.referral else { return Ok(()) };
        let owner = self.store.referral_owner(&news.referred.code).await?;
        match owner.filter(|owner| owner.shop == key.shop) {
            Some(referrer) => {
                // The same news is the same fact: it happened when the order was placed, and is known by the friend.
                let fact = Fact {
                    at: news.referred.ordered_at,
                    id: news.referred.friend.clone(),
                    event: Event::Referred(news.referred.clone()),
                    traits: Traits::default(),
                };
                self.store.put_facts(&[(referrer, fact)]).await?;
            }
            None if news.referred.counts => {
                let (code, refusal) = (news.referred.code.clone(), Refusal::UnknownCode);
                decision.entries.push(Entry::ReferralRefused { code, refusal });
            }
            None => {}
        }
        Ok(())
    }
}
