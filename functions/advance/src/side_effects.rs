//! What a decision about one customer changes elsewhere: the facts of the referrer whose code they came with, the coupon that
//! they used.
//!
//! All of it is written before the decision is committed, and writing it again changes nothing. So it is written at least
//! once and counts once, wherever the function stops.

use crate::{Advance, AdvanceError};
use rekindle_lifecycle::decide::{Decision, Entry};
use rekindle_lifecycle::facts::{Event, Fact, Traits};
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::referral::Refusal;
use rekindle_store::CustomerKey;
use rekindle_store::offers::coupons::Redeemed;

impl Advance {
    /// Notes at coupons which orders used them. With `recount` all stored facts are searched and not only the new ones,
    /// because it is not known which of them were lost on the way. An order without a coupon, or with one that this engine
    /// cannot have issued, costs no read and no write.
    pub(crate) async fn redeem_coupons(
        &self,
        key: &CustomerKey,
        facts: &[Fact],
        recount: bool,
        policy: &Policy,
    ) -> Result<(), AdvanceError> {
        let stored = if recount { self.store.facts_of(key).all().await? } else { Vec::new() };
        for fact in facts.iter().chain(&stored) {
            let Event::Order(order) = &fact.event else { continue };
            let Some(code) = order.coupon.as_ref().filter(|code| policy.may_have_issued(code)) else { continue };
            let redeemed = self.store.redeem_coupon(key, code, &order.order_id, order.ordered_at(fact.at)).await?;
            if redeemed == Redeemed::ByAnother {
                tracing::warn!("an order names a coupon that another order used before");
            }
        }
        Ok(())
    }

    /// Stores at the referrer what the decision says about a friend's order.
    pub(crate) async fn tell_referrer(&self, key: &CustomerKey, decision: &mut Decision) -> Result<(), AdvanceError> {
        let Some(news) = &decision.referral else { return Ok(()) };
        let owner = self.store.referral_owner(&news.referred.code).await?;
        match owner.filter(|owner| owner.shop == key.shop) {
            Some(referrer) => {
                // The same order is the same fact again: its instant is the order's and its id the friend's.
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
