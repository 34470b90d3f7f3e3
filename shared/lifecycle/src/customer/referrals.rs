//! Referrals as the facts report them: on the friend's side the [`Claim`], on the referrer's side the [`Referrals`].
//! Each side knows of the other only digests that are made for this code.

use crate::facts::{Event, Fact, Marks, Referred};
use crate::id::OrderId;
use crate::short_code;
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many friends of one referrer are kept: those who ordered last.
pub const MAX_FRIENDS: usize = 24;

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
    /// Returns the claim of a fact: of an order that names a referral code, or whose coupon is one.
    #[must_use]
    pub fn from_fact(fact: &Fact) -> Option<Self> {
        let Event::Order(order) = &fact.event else { return None };
        let named = order.referral_code.as_deref().or(order.coupon.as_deref())?;
        let code = short_code::normalise(named);
        let at = order.ordered_at(fact.at);
        short_code::is_valid(&code).then(|| Self { at, order: order.order_id.clone(), code })
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
    /// Adds a report of a friend's order. The same facts in any order, any number of times, give the same result.
    pub fn apply(&mut self, fact: &Referred) {
        let reported = Referral {
            code: fact.code.clone(),
            ordered_at: fact.ordered_at,
            undone: !fact.counts,
            marks: fact.marks.clone(),
        };
        match self.0.get_mut(&fact.friend) {
            None => {
                self.0.insert(fact.friend.clone(), reported);
            }
            Some(known) => {
                known.undone |= reported.undone;
                known.ordered_at = known.ordered_at.min(reported.ordered_at);
                known.code = std::mem::take(&mut known.code).max(reported.code);
                known.marks.join(reported.marks);
            }
        }
        while self.0.len() > MAX_FRIENDS {
            let oldest = self.0.iter().min_by_key(|(friend, referral)| (referral.ordered_at, *friend));
            let Some(oldest) = oldest.map(|(friend, _)| friend.clone()) else { return };
            self.0.remove(&oldest);
        }
    }

    /// Whether no friend has ordered yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the friends, in the order in which they ordered.
    #[must_use]
    pub fn in_order(&self) -> Vec<(&str, &Referral)> {
        let mut friends: Vec<_> = self.0.iter().map(|(friend, referral)| (friend.as_str(), referral)).collect();
        friends.sort_by_key(|(friend, referral)| (referral.ordered_at, *friend));
        friends
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{OrderEvent, OrderStatus, Traits};

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(day * 86_400).expect("an instant")
    }

    fn referred(friend: &str, day: i64, counts: bool) -> Referred {
        let marks = Marks { customer: Some(friend.to_owned()), ..Marks::default() };
        Referred { code: "CODE".to_owned(), friend: friend.to_owned(), ordered_at: at(day), counts, marks }
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
        assert_eq!(first.in_order().len(), MAX_FRIENDS);
    }

    #[test]
    fn a_second_report_of_a_friend_only_adds_to_the_first() {
        let mark = |text: &str| Some(text.to_owned());
        let first = Referred { marks: Marks { phone: mark("p"), ..Marks::default() }, ..referred("f", 10, true) };
        let second = Referred {
            marks: Marks { email: mark("e"), ship_to: mark("s"), customer: mark("f"), phone: None },
            ..referred("f", 8, false)
        };
        let reported = |facts: [&Referred; 2]| {
            let mut referrals = Referrals::default();
            facts.into_iter().for_each(|fact| referrals.apply(fact));
            referrals.in_order()[0].1.clone()
        };
        let known = reported([&first, &second]);
        assert_eq!(reported([&second, &first]), known);
        assert!(known.undone, "an order that was sent back stays sent back");
        assert_eq!(known.ordered_at, at(8));
        let marks = Marks { email: mark("e"), phone: mark("p"), ship_to: mark("s"), customer: mark("f") };
        assert_eq!(known.marks, marks);
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
                details: Default::default(),
            });
            Claim::from_fact(&Fact { at: at(1), id: "1".to_owned(), event, traits: Traits::default() })
        };
        assert_eq!(order(Some(&code.to_lowercase()), None).map(|claim| claim.code), Some(code.clone()));
        assert_eq!(order(None, Some(&code)).map(|claim| claim.code), Some(code));
        assert_eq!(order(None, Some("SUMMER10")), None);
        assert_eq!(order(None, None), None);
    }
}
