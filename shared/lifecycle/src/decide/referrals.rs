//! Both sides of a referral: reporting this customer's order to the referrer, and noting the judgement on orders of
//! friends whom this customer referred.

use super::decision::{Entry, ReferralNews};
use super::planner::Planner;
use crate::customer::{Judged, ReportedClaim};
use crate::facts::Referred;
use crate::id::{OrderId, short_digest};
use crate::referral::Refusal;

/// How many judged friends are kept: more than friends are kept, so that none is judged twice.
const MAX_JUDGED_FRIENDS: usize = 32;

impl Planner<'_> {
    /// Reports the customer's first order to the referrer once it is known, and again if it no longer counts.
    pub(super) fn report_to_referrer(&mut self) {
        if let Some(told) = self.decided.claim.clone() {
            let undone = |order: &OrderId| {
                self.customer.folded.orders.recent().iter().any(|known| known.id == *order && !known.counts())
            };
            if let Some(order) = told.order.clone().filter(|order| !told.undone && undone(order)) {
                self.report(ReportedClaim { undone: true, ..told }, order);
            }
            return;
        }
        let Some(first_at) = self.purchases.first_at else { return };
        let folded = &self.customer.folded;
        if let Some(claim) = folded.claim.clone() {
            let known = folded.orders.recent().iter().find(|order| order.id == claim.order);
            if !self.is_fresh(claim.at) || known.is_some_and(|order| !order.counts()) {
                return;
            }
            if self.day(claim.at) == self.day(first_at) {
                self.report(
                    ReportedClaim { code: claim.code, order: Some(claim.order.clone()), at: claim.at, undone: false },
                    claim.order,
                );
            } else {
                self.refuse(&claim.code, Refusal::NotNew);
                let told = ReportedClaim { code: claim.code, order: None, at: claim.at, undone: false };
                self.decided.to_mut().claim = Some(told);
            }
            return;
        }
        if !self.is_fresh(first_at) {
            return;
        }
        // No code in the order: the last visit with one, if it was before and not too long ago.
        let window = self.policy.referral.attribution_window;
        let invited = folded.invited.as_ref().filter(|said| said.at <= first_at && first_at < window.after(said.at));
        let first = folded.orders.recent().iter().find(|order| order.counts() && order.ordered_at() == first_at);
        if let (Some(invited), Some(first)) = (invited, first) {
            let order = first.id.clone();
            let told =
                ReportedClaim { code: invited.value.clone(), order: Some(order.clone()), at: first_at, undone: false };
            self.report(told, order);
        }
    }

    fn report(&mut self, told: ReportedClaim, order: OrderId) {
        let referred = Referred {
            friend: short_digest(&["friend", &told.code, self.customer.id.as_str()], 13),
            ordered_at: told.at,
            counts: !told.undone,
            marks: self.customer.marks(&told.code),
            code: told.code.clone(),
        };
        self.referral = Some(ReferralNews { order, referred });
        self.decided.to_mut().claim = Some(told);
    }

    pub(super) fn note_judged(&mut self, friend: &str, rewarded: bool) {
        let now = self.now;
        let judged = &mut self.decided.to_mut().judged;
        judged.insert(friend.to_owned(), Judged { at: now, rewarded });
        while judged.len() > MAX_JUDGED_FRIENDS {
            let oldest =
                judged.iter().min_by_key(|(friend, judged)| (judged.at, *friend)).map(|(friend, _)| friend.clone());
            let Some(oldest) = oldest else { return };
            judged.remove(&oldest);
        }
    }

    pub(super) fn refuse(&mut self, code: &str, refusal: Refusal) {
        self.entries.push(Entry::ReferralRefused { code: code.to_owned(), refusal });
    }

    /// Whether the policy rewards referrals at all.
    pub(super) fn rewards_referrals(&self) -> bool {
        self.policy.journeys.iter().any(|journey| journey.trigger.rewards_referrals())
    }
}
