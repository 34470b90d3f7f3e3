//! Both sides of a referral: telling the referrer of this customer's order, and judging the orders of friends whom
//! this customer brought.

use super::decision::{Entry, ReferralNews};
use super::planner::Planner;
use crate::customer::{Judged, ReportedClaim};
use crate::facts::{Marks, Referred};
use crate::id::{OrderId, short_digest};
use crate::policy::Journey;
use crate::referral::{Judgement, Refusal, judge};
use crate::triggers::Trigger;
use jiff::Timestamp;

/// Friends whose judgement is remembered; more than are remembered of friends.
const JUDGED: usize = 32;

impl Planner<'_> {
    /// Tells the referrer of the customer's first order once it is known, and again if it stops to count.
    pub(super) fn tell_referrer(&mut self) {
        if let Some(told) = self.decided.claim.clone() {
            let undone = |order: &OrderId| {
                self.customer.folded.orders.recent().iter().any(|known| known.id == *order && !known.counts())
            };
            if let Some(order) = told.order.clone().filter(|order| !told.undone && undone(order)) {
                self.tell(ReportedClaim { undone: true, ..told }, order);
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
                self.tell(
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
            self.tell(told, order);
        }
    }

    fn tell(&mut self, told: ReportedClaim, order: OrderId) {
        let referred = Referred {
            friend: short_digest(&["friend", &told.code, self.customer.id.as_str()], 13),
            ordered_at: told.at,
            counts: !told.undone,
            marks: self.own_marks(&told.code),
            code: told.code.clone(),
        };
        self.referral = Some(ReferralNews { order, referred });
        self.decided.to_mut().claim = Some(told);
    }

    /// The first friend whose order earns a reward now, with when it does; the orders that never will are refused on
    /// the way. `None` if there is none yet.
    pub(super) fn converted(&mut self, journey: &Journey) -> Option<(String, Timestamp)> {
        if self.decided.runs.get(&journey.id).is_some_and(|run| !run.ended) {
            return None;
        }
        let folded = &self.customer.folded;
        for (friend, referral) in folded.referrals.in_order() {
            if self.decided.judged.contains_key(friend) {
                continue;
            }
            let own = self.own_marks(&referral.code);
            let rewarded_at = self.decided.judged.values().filter(|judged| judged.rewarded).map(|judged| judged.at);
            match judge(&self.policy.referral, referral, &own, rewarded_at, self.now) {
                Judgement::Wait(until) => self.note_next_change(until),
                Judgement::Refuse(refusal) => {
                    self.refuse(&referral.code, refusal);
                    self.note_judged(friend, false);
                }
                Judgement::Reward => {
                    let friend = friend.to_owned();
                    let ordered_at = referral.ordered_at;
                    self.note_judged(&friend, true);
                    return Some((friend, ordered_at));
                }
            }
        }
        None
    }

    /// Returns what the customer can be recognised by among the marks of friends who used this code.
    fn own_marks(&self, code: &str) -> Marks {
        let folded = &self.customer.folded;
        let email = folded.profile.email.as_ref().map(|email| &email.value);
        let phone = folded.profile.phone.as_ref().map(|phone| &phone.value);
        let ship_to = folded.ship_to.as_ref().map(|ship_to| ship_to.value.as_str());
        Marks::for_code(code, &self.customer.id, email, phone, ship_to)
    }

    fn note_judged(&mut self, friend: &str, rewarded: bool) {
        let now = self.now;
        let judged = &mut self.decided.to_mut().judged;
        judged.insert(friend.to_owned(), Judged { at: now, rewarded });
        while judged.len() > JUDGED {
            let oldest =
                judged.iter().min_by_key(|(friend, judged)| (judged.at, *friend)).map(|(friend, _)| friend.clone());
            let Some(oldest) = oldest else { return };
            judged.remove(&oldest);
        }
    }

    fn refuse(&mut self, code: &str, refusal: Refusal) {
        self.entries.push(Entry::ReferralRefused { code: code.to_owned(), refusal });
    }

    /// Whether the policy rewards referrals at all.
    pub(super) fn rewards_referrals(&self) -> bool {
        self.policy.journeys.iter().any(|journey| journey.trigger == Trigger::ReferralConverted)
    }
}
