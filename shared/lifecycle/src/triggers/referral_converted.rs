//! `referral_converted`: a friend's order earns the customer a reward. One run at a time rewards one friend.

use super::rule::{Found, JudgedFriend, Repeat, Start, TriggerRule};
use super::situation::Situation;
use crate::customer::Run;
use crate::message::Requirement;
use crate::reason::Reason;
use crate::referral::{Judgement, judge};
use jiff::Timestamp;
use jiff::civil::Date;

/// A friend's order that earns a reward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReferralConverted;

impl TriggerRule for ReferralConverted {
    fn form() -> String {
        "referral_converted".to_owned()
    }

    fn from_words(words: &str) -> Option<Self> {
        (words == "referral_converted").then_some(Self)
    }

    fn words(&self) -> String {
        "referral_converted".to_owned()
    }

    /// Starts a run for the first friend whose order earns a reward now; the orders before it that never will are refused
    /// on the way.
    fn start(&self, situation: &Situation<'_>, previous: Option<&Run>) -> Found {
        let mut found = Found::default();
        if previous.is_some_and(|run| !run.ended) {
            return found;
        }
        let judged = &situation.decided.judged;
        for (friend, referral) in situation.customer.folded.referrals.in_order() {
            if judged.contains_key(friend) {
                continue;
            }
            let own = situation.customer.marks(&referral.code);
            let rewarded_at = judged.values().filter(|judged| judged.rewarded).map(|judged| judged.at);
            let refusal = match judge(situation.referral, referral, &own, rewarded_at, situation.now) {
                Judgement::Wait(until) => {
                    found.again_at = Some(found.again_at.map_or(until, |again_at: Timestamp| again_at.min(until)));
                    continue;
                }
                Judgement::Refuse(refusal) => Some(refusal),
                Judgement::Reward => None,
            };
            found.judged.push(JudgedFriend { friend: friend.to_owned(), code: referral.code.clone(), refusal });
            if refusal.is_none() {
                let day = situation.day(referral.ordered_at);
                let because = format!("a friend's order of {day} still counts");
                found.start = Some(Start { id: friend.to_owned(), at: situation.now, because });
                break;
            }
        }
        found
    }

    fn end(&self, _: &Situation<'_>, _: &Run) -> Option<Reason> {
        None
    }

    fn requirement(&self) -> Requirement {
        Requirement::Nothing
    }

    fn sentence(&self, day: Date) -> String {
        format!("a friend's order was found to count on {day}")
    }

    fn is_in_experiments(&self) -> bool {
        false
    }

    fn repeats(&self) -> Repeat {
        Repeat::AtOnce
    }

    fn rewards_referrals(&self) -> bool {
        true
    }
}
