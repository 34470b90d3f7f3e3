//! Loyal people bring friends: what a friend's order says about its referrer, and when it earns them a reward.
//!
//! A friend's order names a referral code. The friend's side ([`Claim`]) tells the referrer's side
//! ([`Referrals`]) of it, and again if the order stops to count. On the referrer's side [`judge`] applies the rules.
//! Each side knows of the other only digests that are made for this code.

use crate::contact::{EmailAddress, PhoneNumber};
use crate::fact::{Event, Fact, Marks, Referred};
use crate::id::{CustomerId, OrderId, short_digest};
use crate::policy::ReferralRules;
use crate::profile::Profile;
use crate::short_code;
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Friends that are remembered of one referrer: those who ordered last.
const FRIENDS: usize = 24;

/// The earliest order of a customer that names a referral code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Claim {
    /// When the order was reported to be placed.
    #[serde(rename = "a", with = "millisecond::required")]
    pub at: Timestamp,
    /// The order.
    #[serde(rename = "o")]
    pub order: OrderId,
    /// The code it names.
    #[serde(rename = "c")]
    pub code: String,
}

impl Claim {
    /// What a fact claims: an order that names a referral code, or whose coupon is one.
    #[must_use]
    pub fn of(fact: &Fact) -> Option<Self> {
        let Event::Order(order) = &fact.event else { return None };
        let named = order.referral_code.as_deref().or(order.coupon.as_deref())?;
        let code = short_code::normalise(named);
        short_code::is_valid(&code).then(|| Self { at: fact.at, order: order.order_id.clone(), code })
    }
}

/// A friend's order, as the referrer's side knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referral {
    /// The code that was used.
    #[serde(rename = "c")]
    pub code: String,
    /// When the friend ordered.
    #[serde(rename = "a", with = "millisecond::required")]
    pub ordered_at: Timestamp,
    /// The order was cancelled or refunded.
    #[serde(rename = "u", default, skip_serializing_if = "std::ops::Not::not")]
    pub undone: bool,
    /// What the friend can be recognised by.
    #[serde(rename = "m")]
    pub marks: Marks,
}

/// Friends who ordered with a customer's code, by their digest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Referrals(BTreeMap<String, Referral>);

impl Referrals {
    /// Takes a friend's order in. The same facts in any order, any number of times, leave the same.
    pub fn apply(&mut self, fact: &Referred) {
        let told = Referral {
            code: fact.code.clone(),
            ordered_at: fact.ordered_at,
            undone: !fact.counts,
            marks: fact.marks.clone(),
        };
        match self.0.get_mut(&fact.friend) {
            None => {
                self.0.insert(fact.friend.clone(), told);
            }
            Some(known) => {
                known.undone |= told.undone;
                known.ordered_at = known.ordered_at.min(told.ordered_at);
                known.code = std::mem::take(&mut known.code).max(told.code);
                known.marks.join(told.marks);
            }
        }
        while self.0.len() > FRIENDS {
            let oldest = self.0.iter().min_by_key(|(friend, referral)| (referral.ordered_at, *friend));
            let Some(oldest) = oldest.map(|(friend, _)| friend.clone()) else { return };
            self.0.remove(&oldest);
        }
    }

    /// Whether nobody came yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The friends, in the order in which they ordered.
    #[must_use]
    pub fn in_order(&self) -> Vec<(&str, &Referral)> {
        let mut friends: Vec<_> = self.0.iter().map(|(friend, referral)| (friend.as_str(), referral)).collect();
        friends.sort_by_key(|(friend, referral)| (referral.ordered_at, *friend));
        friends
    }
}

impl Marks {
    /// What somebody can be recognised by, as digests for one code only.
    #[must_use]
    pub fn of(code: &str, customer: &CustomerId, profile: &Profile, ship_to: Option<&str>) -> Self {
        let digest = |kind: &str, text: &str| short_digest(&["mark", code, kind, text], 10);
        let email = profile.email.as_ref().map(|said| digest("email", &normalised_address(&said.value)));
        let phone = profile.phone.as_ref().map(|said| digest("phone", PhoneNumber::as_str(&said.value)));
        Self {
            email,
            phone,
            ship_to: ship_to.map(|text| digest("ship_to", text)),
            customer: Some(digest("customer", customer.as_str())),
        }
    }

    fn join(&mut self, other: Self) {
        fn later(own: &mut Option<String>, other: Option<String>) {
            *own = std::mem::take(own).max(other);
        }
        later(&mut self.email, other.email);
        later(&mut self.phone, other.phone);
        later(&mut self.ship_to, other.ship_to);
        later(&mut self.customer, other.customer);
    }
}

/// An address without what providers ignore in it, so that one mailbox is one text: letter case, what follows a plus
/// sign in the local part, and Gmail's dots.
fn normalised_address(address: &EmailAddress) -> String {
    let address = address.as_str().to_lowercase();
    let (local, domain) = address.rsplit_once('@').unwrap_or((&address, ""));
    let local = local.split('+').next().unwrap_or_default();
    let domain = if domain == "googlemail.com" { "gmail.com" } else { domain };
    if domain == "gmail.com" { format!("{}@{domain}", local.replace('.', "")) } else { format!("{local}@{domain}") }
}

/// Why a friend's order earns no reward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The friend is the referrer.
    OwnCode,
    /// The same mailbox.
    SameAddress,
    /// The same phone number.
    SamePhone,
    /// Shipped to the same name and postcode.
    SameShipping,
    /// The referrer had as many rewards lately as the policy allows.
    TooMany,
    /// The friend's order was cancelled or refunded.
    OrderUndone,
    /// The friend had ordered before.
    NotNew,
    /// Nobody has this code.
    UnknownCode,
}

impl Refusal {
    /// A sentence for people.
    #[must_use]
    pub fn sentence(self) -> &'static str {
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
            Self::UnknownCode => "nobody has this referral code",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

/// What the rules say of one friend's order now.
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
    let lately = rewarded_at.filter(|at| crate::policy::Period::days(30).after(*at) > now).count();
    if lately >= rules.at_most_per_month {
        return Judgement::Refuse(Refusal::TooMany);
    }
    Judgement::Reward
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{OrderEvent, OrderStatus, Traits};
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
    fn friends_are_the_same_whatever_the_order_of_arrival() {
        let mut facts: Vec<_> = (0..40).map(|n| referred(&format!("f{}", n % 30), n, n % 7 != 0)).collect();
        let fold = |facts: &[Referred]| {
            let mut referrals = Referrals::default();
            facts.iter().for_each(|fact| referrals.apply(fact));
            referrals
        };
        // Two orders of one friend do not happen: the instant of each friend's order is one.
        facts.retain(|fact| fact.ordered_at < at(30));
        let first = fold(&facts);
        facts.reverse();
        assert_eq!(fold(&facts), first);
        facts.rotate_left(11);
        facts.extend(facts.clone());
        assert_eq!(fold(&facts), first);
        assert_eq!(first.in_order().len(), FRIENDS);
    }

    #[test]
    fn what_is_heard_of_one_friend_again_only_adds_to_what_is_known() {
        let mark = |text: &str| Some(text.to_owned());
        let first = Referred { marks: Marks { phone: mark("p"), ..Marks::default() }, ..referred("f", 10, true) };
        let second = Referred {
            marks: Marks { email: mark("e"), ship_to: mark("s"), customer: mark("f"), phone: None },
            ..referred("f", 8, false)
        };
        let told = |facts: [&Referred; 2]| {
            let mut referrals = Referrals::default();
            facts.into_iter().for_each(|fact| referrals.apply(fact));
            referrals.in_order()[0].1.clone()
        };
        let known = told([&first, &second]);
        assert_eq!(told([&second, &first]), known);
        assert!(known.undone, "an order that was sent back stays sent back");
        assert_eq!(known.ordered_at, at(8));
        let marks = Marks { email: mark("e"), phone: mark("p"), ship_to: mark("s"), customer: mark("f") };
        assert_eq!(known.marks, marks);
    }

    #[test]
    fn every_refusal_has_a_sentence_of_its_own() {
        use Refusal::*;
        let all = [OwnCode, SameAddress, SamePhone, SameShipping, TooMany, OrderUndone, NotNew, UnknownCode];
        let sentences: std::collections::BTreeSet<String> = all.iter().map(ToString::to_string).collect();
        assert_eq!(sentences.len(), all.len());
        assert!(sentences.iter().all(|sentence| sentence.contains(' ')), "{sentences:?}");
        assert_eq!(NotNew.to_string(), "the friend had ordered before");
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
    fn whoever_looks_like_the_referrer_earns_nothing() {
        let me = |address: &str, number: &str| {
            let mut profile = Profile::default();
            let traits = Traits {
                email: EmailAddress::parse(address).ok(),
                phone: PhoneNumber::parse(number).ok(),
                ..Traits::default()
            };
            profile.apply(&traits, at(1));
            profile
        };
        let id = |text: &str| CustomerId::parse(text).expect("an id");
        let own = Marks::of("CODE", &id("anna"), &me("Anna.Lee+shop@gmail.com", "+442071838750"), Some("lee-1010"));
        let marks_of = |customer: &str, address: &str, number: &str, ship_to: &str| {
            let marks = Marks::of("CODE", &id(customer), &me(address, number), Some(ship_to));
            judged(&one(&Referred { marks, ..referred("f", 10, true) }), &own, &[], 30)
        };
        let other = ("bob@example.com", "+12025550123", "bob-2020");
        assert_eq!(marks_of("bob", other.0, other.1, other.2), Judgement::Reward);
        assert_eq!(marks_of("anna", other.0, other.1, other.2), Judgement::Refuse(Refusal::OwnCode));
        assert_eq!(
            marks_of("bob", "annalee@googlemail.com", other.1, other.2),
            Judgement::Refuse(Refusal::SameAddress)
        );
        assert_eq!(marks_of("bob", other.0, "+44 20 7183 8750", other.2), Judgement::Refuse(Refusal::SamePhone));
        assert_eq!(marks_of("bob", other.0, other.1, "lee-1010"), Judgement::Refuse(Refusal::SameShipping));
    }

    #[test]
    fn a_referrer_gets_only_so_many_rewards_a_month() {
        let friend = one(&referred("f", 10, true));
        let own = Marks::default();
        assert_eq!(judged(&friend, &own, &[25, 26, 27, 28, 29], 30), Judgement::Refuse(Refusal::TooMany));
        assert_eq!(judged(&friend, &own, &[0, 26, 27, 28, 29], 30), Judgement::Reward);
    }

    #[test]
    fn an_order_claims_a_code_that_it_names_or_uses_as_a_coupon() {
        let code = short_code::encode(77);
        let order = |referral_code: Option<&str>, coupon: Option<&str>| {
            let event = Event::Order(OrderEvent {
                order_id: OrderId::parse("1").expect("an id"),
                status: OrderStatus::Completed,
                amount: None,
                coupon: coupon.map(str::to_owned),
                referral_code: referral_code.map(str::to_owned),
                ship_to: None,
            });
            Claim::of(&Fact { at: at(1), id: "1".to_owned(), event, traits: Traits::default() })
        };
        assert_eq!(order(Some(&code.to_lowercase()), None).map(|claim| claim.code), Some(code.clone()));
        assert_eq!(order(None, Some(&code)).map(|claim| claim.code), Some(code));
        assert_eq!(order(None, Some("SUMMER10")), None);
        assert_eq!(order(None, None), None);
    }
}
