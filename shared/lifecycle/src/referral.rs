//! When a friend's order earns its referrer a reward.

use crate::customer::Referral;
use crate::facts::Marks;
use crate::rules::ReferralRules;
use jiff::Timestamp;

crate::stored_codes! {
    /// Why a friend's order earns no reward.
    pub enum Refusal {
        /// The friend is the referrer.
        OwnCode = "own_code",
        /// The same mailbox.
        SameAddress = "same_address",
        /// The same phone number.
        SamePhone = "same_phone",
        /// Shipped to the same name and postcode.
        SameShipping = "same_shipping",
        /// The referrer had as many rewards lately as the policy allows.
        TooMany = "too_many",
        /// The friend's order was cancelled or refunded.
        OrderUndone = "order_undone",
        /// The friend had ordered before.
        NotNew = "not_new",
        /// No customer has this code.
        UnknownCode = "unknown_code",
    }
}

impl Refusal {
    /// A sentence for readers.
    #[must_use]
    pub fn sentence(&self) -> &'static str {
        match self {
            Self::OwnCode => "a customer used their own code",
            Self::SameAddress => {
                "friend and referrer have the same e-mail address, but for details that providers ignore"
            }
            Self::SamePhone => "friend and referrer have the same phone number",
            Self::SameShipping => "the order goes to the referrer's name and postcode",
            Self::TooMany => "the referrer had as many rewards lately as the policy allows",
            Self::OrderUndone => "the friend's order was cancelled or refunded",
            Self::NotNew => "the friend had ordered before",
            Self::UnknownCode => "no customer has this referral code",
            Self::Unrecognised(_) => "another version of the engine gave a reason that this one does not know",
        }
    }
}

/// The result of the rules for one friend's order now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// It earns the reward.
    Reward,
    /// The friend may still send it back: ask again then.
    Wait(Timestamp),
    /// It never will.
    Refuse(Refusal),
}

/// Applies the rules to one friend's order. `own` are the referrer's marks for the same code, `rewarded_at` the
/// instants of the referrer's earlier rewards.
#[must_use]
pub fn judge(
    rules: &ReferralRules,
    referral: &Referral,
    own: &Marks,
    rewarded_at: impl Iterator<Item = Timestamp>,
    now: Timestamp,
) -> Judgement {
    let same = |rule: bool, ours: &Option<String>, theirs: &Option<String>| rule && ours.is_some() && ours == theirs;
    let marks = &referral.marks;
    if same(true, &own.customer, &marks.customer) {
        return Judgement::Refuse(Refusal::OwnCode);
    }
    if referral.undone {
        return Judgement::Refuse(Refusal::OrderUndone);
    }
    if same(rules.refuse_same_address, &own.email, &marks.email) {
        return Judgement::Refuse(Refusal::SameAddress);
    }
    if same(rules.refuse_same_phone, &own.phone, &marks.phone) {
        return Judgement::Refuse(Refusal::SamePhone);
    }
    if same(rules.refuse_same_shipping, &own.ship_to, &marks.ship_to) {
        return Judgement::Refuse(Refusal::SameShipping);
    }
    let earned_at = rules.return_window.after(referral.ordered_at);
    if now < earned_at {
        return Judgement::Wait(earned_at);
    }
    let lately = rewarded_at.filter(|at| crate::time::Period::days(30).after(*at) > now).count();
    if lately >= rules.at_most_per_month {
        return Judgement::Refuse(Refusal::TooMany);
    }
    Judgement::Reward
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::{EmailAddress, PhoneNumber};
    use crate::customer::Referrals;
    use crate::facts::Referred;
    use crate::id::CustomerId;
    use crate::policy::Policy;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(day * 86_400).expect("an instant")
    }

    fn referred(friend: &str, day: i64, counts: bool) -> Referred {
        let marks = Marks { customer: Some(friend.to_owned()), ..Marks::default() };
        Referred { code: "CODE".to_owned(), friend: friend.to_owned(), ordered_at: at(day), counts, marks }
    }

    fn judged(referral: &Referral, own: &Marks, rewarded: &[i64], day: i64) -> Judgement {
        judge(&Policy::built_in().referral, referral, own, rewarded.iter().map(|day| at(*day)), at(day))
    }

    fn one(fact: &Referred) -> Referral {
        let mut referrals = Referrals::default();
        referrals.apply(fact);
        referrals.in_order()[0].1.clone()
    }

    #[test]
    fn every_refusal_has_a_sentence_of_its_own() {
        let all = Refusal::KNOWN;
        let sentences: std::collections::BTreeSet<&str> = all.iter().map(Refusal::sentence).collect();
        assert_eq!(sentences.len(), all.len());
        assert!(sentences.iter().all(|sentence| sentence.contains(' ')), "{sentences:?}");
        assert_eq!(Refusal::NotNew.sentence(), "the friend had ordered before");
    }

    #[test]
    fn a_friend_earns_the_reward_only_after_the_return_window_and_only_if_the_order_still_counts() {
        let own = Marks::default();
        let friend = one(&referred("f", 10, true));
        assert_eq!(judged(&friend, &own, &[], 10), Judgement::Wait(at(24)));
        assert_eq!(judged(&friend, &own, &[], 24), Judgement::Reward);
        let undone = one(&referred("f", 10, false));
        assert_eq!(judged(&undone, &own, &[], 24), Judgement::Refuse(Refusal::OrderUndone));
    }

    #[test]
    fn a_friend_who_looks_like_the_referrer_earns_nothing() {
        let marks = |customer: &str, address: &str, number: &str, ship_to: &str| {
            let customer = CustomerId::parse(customer).expect("an id");
            let (address, number) = (EmailAddress::parse(address).ok(), PhoneNumber::parse(number).ok());
            Marks::for_code("CODE", &customer, address.as_ref(), number.as_ref(), Some(ship_to))
        };
        let own = marks("anna", "Anna.Lee+shop@gmail.com", "+442071838750", "lee-1010");
        let judged_as = |customer: &str, address: &str, number: &str, ship_to: &str| {
            let marks = marks(customer, address, number, ship_to);
            judged(&one(&Referred { marks, ..referred("f", 10, true) }), &own, &[], 30)
        };
        let other = ("bob@example.com", "+12025550123", "bob-2020");
        assert_eq!(judged_as("bob", other.0, other.1, other.2), Judgement::Reward);
        assert_eq!(judged_as("anna", other.0, other.1, other.2), Judgement::Refuse(Refusal::OwnCode));
        assert_eq!(
            judged_as("bob", "annalee@googlemail.com", other.1, other.2),
            Judgement::Refuse(Refusal::SameAddress)
        );
        assert_eq!(judged_as("bob", other.0, "+44 20 7183 8750", other.2), Judgement::Refuse(Refusal::SamePhone));
        assert_eq!(judged_as("bob", other.0, other.1, "lee-1010"), Judgement::Refuse(Refusal::SameShipping));
    }

    #[test]
    fn a_referrer_gets_no_more_rewards_a_month_than_the_policy_allows() {
        let friend = one(&referred("f", 10, true));
        let own = Marks::default();
        assert_eq!(judged(&friend, &own, &[25, 26, 27, 28, 29], 30), Judgement::Refuse(Refusal::TooMany));
        assert_eq!(judged(&friend, &own, &[0, 26, 27, 28, 29], 30), Judgement::Reward);
    }
}
