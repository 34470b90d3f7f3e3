//! One order, folded from its facts. The fold is a lattice: facts may arrive in any order, any number
//! of times, and the result is the same.

use super::refunded::{Refunded, StoredRefund};
use crate::facts::{Event, Fact, OrderStatus};
use crate::id::{OrderId, short_digest};
use crate::money::{Currency, Money};
use jiff::fmt::serde::timestamp::millisecond;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most refunds of one order that are kept, so that a customer's latest orders fit into one item. Of more the largest count: one of
/// everything is the largest, and each that is kept is at least as large as every one that is left out.
pub const MAX_REFUNDS: usize = 400;

/// Longest identity of a refund that is kept as it came; that of a UUID. A digest stands for a longer one.
const MAX_REFUND_ID_LEN: usize = 36;
const REFUND_DIGEST_LEN: usize = 26;

/// What is known of one order. Every field only ever moves one way (see [`Order::join`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The order.
    pub id: OrderId,
    /// Earliest instant of any of its facts.
    seen_at: Timestamp,
    /// Earliest instant of a fact that reports it as placed; absent while only a refund or a
    /// cancellation is known.
    placed_at: Option<Timestamp>,
    /// Highest status.
    status: Option<OrderStatus>,
    /// The amount, with the status and time of the fact that reported it: of the highest status the newest report counts, be it
    /// higher or lower than before; of several of one instant the largest. So a page that reports a completed order once more does
    /// not undo a change.
    amount: Option<ReportedAmount>,
    /// Refunds by their identity, so that a refund reported twice counts once. No amount: everything.
    refunds: BTreeMap<String, Option<Refunded>>,
    /// Two reports of the same instant and status named different amounts.
    pub disputed: bool,
    /// How many lines it has, at least one: the most that a report named.
    pub lines: u32,
}

/// An amount that a fact reported. It is compared by what comes first here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct ReportedAmount {
    status: OrderStatus,
    at: Timestamp,
    money: Money,
}

/// The short form in which every customer's item holds its latest orders.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    /// An order that was completed when it was first reported, and unchanged since: its id, the instant, the
    /// amount in minor units and the currency; some 40 bytes.
    Usual(OrderId, i64, i64, Currency),
    /// The same, in the currency of the order before it.
    Next(OrderId, i64, i64),
    Any(Box<StoredInFull>),
}

/// How a list of orders is stored, without the numbers of their lines.
pub(super) mod stored {
    use super::{Order, Stored, StoredInFull};
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(orders: &[Order], serializer: S) -> Result<S::Ok, S::Error> {
        let mut currency = None;
        serializer.collect_seq(orders.iter().map(|order| {
            let before = currency;
            currency = order.amount.map(|reported| reported.money.currency);
            match StoredInFull::from(order.clone()).shortened() {
                Stored::Usual(id, at, minor, own) if Some(own) == before => Stored::Next(id, at, minor),
                other => other,
            }
        }))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Order>, D::Error> {
        let mut orders: Vec<Order> = Vec::new();
        for stored in Vec::<Stored>::deserialize(deserializer)? {
            let before = orders.last().and_then(|order| Some(order.amount?.money.currency));
            let order = stored.order(before).ok_or_else(|| D::Error::custom("an order without a currency"))?;
            orders.push(order);
        }
        Ok(orders)
    }
}

/// The full form. A field that follows from the others is left out.
#[derive(Serialize, Deserialize)]
struct StoredInFull {
    i: OrderId,
    #[serde(with = "millisecond::required")]
    t: Timestamp,
    /// Placed later than first seen, or `null` if not placed.
    #[serde(default = "placed_when_seen", skip_serializing_if = "is_placed_when_seen")]
    p: Option<i64>,
    #[serde(default = "completed", skip_serializing_if = "is_completed")]
    s: Option<OrderStatus>,
    #[serde(flatten)]
    a: Option<Money>,
    /// The status and time that reported the amount, where they are not the order's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    b: Option<(OrderStatus, i64)>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    r: BTreeMap<String, Option<StoredRefund>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    x: bool,
}

#[expect(clippy::unnecessary_wraps, reason = "the type is the field's")]
fn placed_when_seen() -> Option<i64> {
    Some(0)
}

#[expect(clippy::ref_option, reason = "the signature is serde's")]
fn is_placed_when_seen(placed: &Option<i64>) -> bool {
    *placed == Some(0)
}

#[expect(clippy::unnecessary_wraps, reason = "the type is the field's")]
fn completed() -> Option<OrderStatus> {
    Some(OrderStatus::Completed)
}

#[expect(clippy::ref_option, reason = "the signature is serde's")]
fn is_completed(status: &Option<OrderStatus>) -> bool {
    *status == Some(OrderStatus::Completed)
}

impl From<Order> for StoredInFull {
    fn from(order: Order) -> Self {
        let seen = order.seen_at.as_millisecond();
        let own = (order.status, Some(order.seen_at));
        let reported = order.amount.filter(|reported| (Some(reported.status), Some(reported.at)) != own);
        Self {
            i: order.id,
            t: order.seen_at,
            p: order.placed_at.map(|at| at.as_millisecond() - seen),
            s: order.status,
            a: order.amount.map(|reported| reported.money),
            b: reported.map(|reported| (reported.status, reported.at.as_millisecond() - seen)),
            r: order.refunds.into_iter().map(|(id, refund)| (id, refund.map(StoredRefund::from))).collect(),
            x: order.disputed,
        }
    }
}

impl StoredInFull {
    fn shortened(self) -> Stored {
        let completed_at_once = self.p == placed_when_seen() && self.s == completed();
        let nothing_since = self.b.is_none() && self.r.is_empty() && !self.x;
        match self.a {
            Some(Money { minor, currency }) if completed_at_once && nothing_since => {
                Stored::Usual(self.i, self.t.as_millisecond(), minor, currency)
            }
            _ => Stored::Any(Box::new(self)),
        }
    }
}

impl Stored {
    /// The order, given the currency of the one before it; nothing if that is needed and missing, or the
    /// instant is none.
    fn order(self, before: Option<Currency>) -> Option<Order> {
        let usual = |i, at, money| {
            let t = Timestamp::from_millisecond(at).ok()?;
            let (p, s) = (placed_when_seen(), completed());
            Some(StoredInFull { i, t, p, s, a: Some(money), b: None, r: BTreeMap::new(), x: false }.into())
        };
        match self {
            Self::Usual(i, at, minor, currency) => usual(i, at, Money { minor, currency }),
            Self::Next(i, at, minor) => usual(i, at, Money { minor, currency: before? }),
            Self::Any(stored) => Some((*stored).into()),
        }
    }
}

impl From<StoredInFull> for Order {
    fn from(stored: StoredInFull) -> Self {
        let later = |by: i64| stored.t.saturating_add(SignedDuration::from_millis(by)).unwrap_or(stored.t);
        let own = (stored.s.unwrap_or(OrderStatus::Completed), 0);
        let amount = stored.a.map(|money| {
            let (status, by) = stored.b.unwrap_or(own);
            ReportedAmount { status, at: later(by), money }
        });
        Self {
            id: stored.i,
            seen_at: stored.t,
            placed_at: stored.p.map(later),
            status: stored.s,
            amount,
            refunds: stored.r.into_iter().map(|(id, refund)| (refund_id(&id), refund.map(Refunded::from))).collect(),
            disputed: stored.x,
            lines: 1,
        }
    }
}

impl Order {
    /// Returns the order as one fact reports it, or nothing if the fact is not about an order.
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
            lines: 1,
        };
        match &fact.event {
            // A status of another version outranks others in a way that this version does not know.
            Event::Order(event) if !event.status.is_recognised() => return None,
            Event::Order(event) => {
                order.status = Some(event.status);
                order.seen_at = event.ordered_at(fact.at);
                order.placed_at = (event.status != OrderStatus::Cancelled).then_some(order.seen_at);
                order.amount = event.amount.map(|money| ReportedAmount { status: event.status, at: fact.at, money });
                order.lines = event.details.lines.count().max(1);
            }
            Event::Refund(event) => {
                order.refunds.insert(refund_id(&fact.id), Refunded::from_event(event));
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
        self.lines = self.lines.max(other.lines);
        let rank = |reported: &Option<ReportedAmount>| reported.map(|reported| (reported.status, reported.at));
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
        self.leave_out_small_refunds();
    }

    /// Leaves out the smallest refunds above [`MAX_REFUNDS`]. A refund that comes again, or in another order, changes nothing about
    /// which are kept.
    fn leave_out_small_refunds(&mut self) {
        while self.refunds.len() > MAX_REFUNDS {
            let smallest = self.refunds.iter().min_by_key(|(id, refund)| (refund.is_none(), **refund, *id));
            let Some(id) = smallest.map(|(id, _)| id.clone()) else { return };
            self.refunds.remove(&id);
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
        // A status of another version counts as nothing yet: the version that knows it counts the order again.
        let paid = matches!(self.status, Some(OrderStatus::Completed | OrderStatus::Updated));
        paid && self.placed_at.is_some() && !self.refunded_in_full()
    }

    /// What the customer paid and kept: the amount less partial refunds, never below zero. Nothing if
    /// no amount is known. Refunds in another currency than the order's are ignored; one that named none is in the order's.
    #[must_use]
    pub fn value(&self) -> Option<Money> {
        let reported = self.amount?.money;
        let back: i64 = self
            .refunds
            .values()
            .flatten()
            .filter_map(|refund| refund.minor_of(reported.currency))
            .fold(0, i64::saturating_add);
        Some(Money { minor: reported.minor.saturating_sub(back).max(0), currency: reported.currency })
    }

    /// Which report the amount is from: that of this instant, as an order of this status.
    #[must_use]
    pub fn amount_reported(&self) -> Option<(Timestamp, OrderStatus)> {
        self.amount.map(|reported| (reported.at, reported.status))
    }

    /// Why the order does not count, or counts with another value than the shop may expect, in a sentence.
    #[must_use]
    pub fn remark(&self) -> Option<&'static str> {
        match self.status {
            None => Some("only a refund of it is known"),
            Some(OrderStatus::Cancelled) => Some("it was called off"),
            Some(OrderStatus::Pending) => Some("it is not paid yet"),
            Some(OrderStatus::Unrecognised(_)) => Some("its status is that of another version of the engine"),
            Some(OrderStatus::Completed | OrderStatus::Updated) if self.refunded_in_full() => {
                Some("all of it went back")
            }
            Some(OrderStatus::Completed | OrderStatus::Updated) if self.disputed => Some(
                "two reports of one instant name different amounts: the larger one counts until an Order Updated with a later \
                 timestamp corrects it",
            ),
            Some(OrderStatus::Completed | OrderStatus::Updated) if !self.refunds.is_empty() => {
                Some("a part of it went back")
            }
            Some(OrderStatus::Updated) if self.is_reported_later() => Some("the amount is that of a later report"),
            Some(OrderStatus::Completed | OrderStatus::Updated) => None,
        }
    }

    fn is_reported_later(&self) -> bool {
        self.amount.zip(self.placed_at).is_some_and(|(reported, placed_at)| reported.at > placed_at)
    }

    fn refunded_in_full(&self) -> bool {
        if self.refunds.is_empty() {
            return false;
        }
        let everything = self.refunds.values().any(Option::is_none);
        everything || self.value().is_some_and(|left| left.minor == 0)
    }
}

/// What distinguishes a refund from the others of its order.
fn refund_id(id: &str) -> String {
    if id.len() <= MAX_REFUND_ID_LEN { id.to_owned() } else { short_digest(&[id], REFUND_DIGEST_LEN) }
}
