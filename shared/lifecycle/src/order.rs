//! One order, folded from its facts. The fold is a lattice: facts may arrive in any order, any number
//! of times, and the result is the same.

use crate::fact::{Event, Fact, OrderStatus};
use crate::id::OrderId;
use crate::money::Money;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is known of one order. Every field only ever moves one way (see [`Order::join`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The order.
    #[serde(rename = "id")]
    pub id: OrderId,
    /// Earliest instant of any of its facts.
    #[serde(rename = "s", with = "jiff::fmt::serde::timestamp::millisecond::required")]
    seen_at: Timestamp,
    /// Earliest instant of a fact that says it was placed; absent while only a refund or a
    /// cancellation is known.
    #[serde(
        rename = "o",
        default,
        skip_serializing_if = "Option::is_none",
        with = "jiff::fmt::serde::timestamp::millisecond::optional"
    )]
    placed_at: Option<Timestamp>,
    /// Highest status.
    #[serde(rename = "st", default, skip_serializing_if = "Option::is_none")]
    status: Option<OrderStatus>,
    /// The amount, and the status and time of the fact that told it: the highest such triple wins.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    amount: Option<Told>,
    /// Refunds by their instant, so that a refund reported twice counts once. No amount: everything.
    #[serde(rename = "r", default, skip_serializing_if = "BTreeMap::is_empty")]
    refunds: BTreeMap<String, Option<Money>>,
    /// Two facts of the highest status told different amounts at the same instant.
    #[serde(rename = "x", default, skip_serializing_if = "std::ops::Not::not")]
    pub disputed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Told {
    #[serde(rename = "s")]
    status: OrderStatus,
    #[serde(rename = "t", with = "jiff::fmt::serde::timestamp::millisecond::required")]
    at: Timestamp,
    #[serde(flatten)]
    money: Money,
}

impl Order {
    /// The order as one fact tells it, or nothing if the fact is not about an order.
    #[must_use]
    pub fn from_fact(fact: &Fact) -> Option<Self> {
        let id = fact.order_id()?.clone();
        let mut order = Self {
            id,
            seen_at: fact.at,
            placed_at: None,
            status: None,
            amount: None,
            refunds: BTreeMap::new(),
            disputed: false,
        };
        match &fact.event {
            Event::Order(event) => {
                order.status = Some(event.status);
                order.placed_at = (event.status != OrderStatus::Cancelled).then_some(fact.at);
                order.amount = event.amount.map(|money| Told { status: event.status, at: fact.at, money });
            }
            Event::Refund(event) => {
                order.refunds.insert(fact.id.clone(), event.amount);
            }
            _ => return None,
        }
        Some(order)
    }

    /// The least upper bound of two views of the same order: commutative, associative, idempotent.
    pub fn join(&mut self, other: &Self) {
        debug_assert_eq!(self.id, other.id, "only views of the same order can be joined");
        self.seen_at = self.seen_at.min(other.seen_at);
        self.placed_at = match (self.placed_at, other.placed_at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.status = self.status.max(other.status);
        let rank = |told: &Option<Told>| told.map(|told| (told.status, told.at));
        self.disputed = match rank(&self.amount).cmp(&rank(&other.amount)) {
            std::cmp::Ordering::Less => other.disputed,
            std::cmp::Ordering::Greater => self.disputed,
            std::cmp::Ordering::Equal => self.disputed || other.disputed || self.amount != other.amount,
        };
        self.amount = self.amount.max(other.amount);
        for (id, refund) in &other.refunds {
            let known = self.refunds.entry(id.clone()).or_insert(*refund);
            // Two refunds of one identity: the larger one, and "everything" is the largest.
            *known = match (*known, *refund) {
                (Some(a), Some(b)) => Some(a.max(b)),
                _ => None,
            };
        }
    }

    /// When the customer ordered, as far as known: what sorts the order among the others.
    #[must_use]
    pub fn ordered_at(&self) -> Timestamp {
        self.placed_at.unwrap_or(self.seen_at)
    }

    /// Whether it counts as a purchase: completed, not cancelled, not refunded in full.
    #[must_use]
    pub fn counts(&self) -> bool {
        let paid = matches!(self.status, Some(OrderStatus::Completed | OrderStatus::Updated));
        paid && self.placed_at.is_some() && !self.refunded_in_full()
    }

    /// What the customer paid and kept: the amount less partial refunds, never below zero. Nothing if
    /// no amount is known. Refunds in another currency than the order's are ignored.
    #[must_use]
    pub fn value(&self) -> Option<Money> {
        let told = self.amount?.money;
        let back: i64 = self
            .refunds
            .values()
            .flatten()
            .filter(|money| money.currency == told.currency)
            .map(|money| money.minor)
            .sum();
        Some(Money { minor: (told.minor - back).max(0), currency: told.currency })
    }

    fn refunded_in_full(&self) -> bool {
        if self.refunds.is_empty() {
            return false;
        }
        let everything = self.refunds.values().any(Option::is_none);
        everything || self.value().is_some_and(|left| left.minor == 0)
    }
}
