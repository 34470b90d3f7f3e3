//! A customer's orders: the latest few in full, the older ones rolled up into totals, so that folding
//! one more order costs the same however long the history is.

use super::order::{self, Order};
use super::order_days::{self, OrderDay, OrderDays};
use super::order_fingerprints::Fingerprints;
use super::stored_instants;
use crate::facts::{Event, Fact, OrderStatus};
use crate::id::OrderId;
use crate::money::Currency;
use crate::stage::Purchases;
use crate::time::Calendar;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;

/// How many of the latest orders are kept in full. A refund, a correction or a repetition of one of
/// these is folded in place; of an older one it takes a recount.
pub const MAX_RECENT_ORDERS: usize = 6;

/// A customer's orders. As long as [`OrderBook::add`] does not ask for a recount, the book is the same
/// whatever the order in which facts were added, and the same as [`OrderBook::count`] makes of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "StoredBook")]
pub struct OrderBook {
    /// The latest orders, oldest first; at most [`MAX_RECENT_ORDERS`].
    recent: Vec<Order>,
    /// The older ones, in sum.
    rolled: Option<RollUp>,
}

#[derive(Deserialize)]
struct StoredBook {
    #[serde(rename = "n", default, deserialize_with = "order::stored::deserialize")]
    recent: Vec<Order>,
    /// How many lines each of them has. A version that does not know this field reads and writes orders of one line.
    #[serde(rename = "m", default)]
    lines: Vec<u32>,
    #[serde(rename = "r", default)]
    rolled: Option<RollUp>,
}

impl From<StoredBook> for OrderBook {
    fn from(stored: StoredBook) -> Self {
        let StoredBook { mut recent, lines, rolled } = stored;
        recent.iter_mut().zip(lines).for_each(|(order, lines)| order.lines = lines.max(1));
        Self { recent, rolled }
    }
}

impl Serialize for OrderBook {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct StoredBook<'b> {
            #[serde(
                rename = "n",
                skip_serializing_if = "<[_]>::is_empty",
                serialize_with = "order::stored::serialize"
            )]
            recent: &'b [Order],
            #[serde(rename = "m", skip_serializing_if = "Vec::is_empty")]
            lines: Vec<u32>,
            #[serde(rename = "r", skip_serializing_if = "Option::is_none")]
            rolled: &'b Option<RollUp>,
        }
        let mut lines: Vec<u32> = self.recent.iter().map(|order| order.lines).collect();
        while lines.last() == Some(&1) {
            lines.pop();
        }
        StoredBook { recent: &self.recent, lines, rolled: &self.rolled }.serialize(serializer)
    }
}

/// Totals of the orders that left [`OrderBook::recent`]. Only counted orders are in the totals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct RollUp {
    /// The roll-up mark: the latest order in here, by instant and id. What is not later than this and
    /// not among the recent ones may be in here already.
    #[serde(rename = "t", with = "jiff::fmt::serde::timestamp::millisecond::required")]
    through: Timestamp,
    #[serde(rename = "i")]
    through_id: OrderId,
    #[serde(rename = "c", default)]
    orders: u32,
    /// Minor units by currency.
    #[serde(rename = "v", default, skip_serializing_if = "BTreeMap::is_empty")]
    value: BTreeMap<Currency, i64>,
    #[serde(
        rename = "f",
        default,
        skip_serializing_if = "Option::is_none",
        with = "jiff::fmt::serde::timestamp::millisecond::optional"
    )]
    first_at: Option<Timestamp>,
    #[serde(rename = "o", default)]
    occasions: u32,
    /// Latest order of each of the latest days with an order, newest first; at most [`MAX_LATEST_OCCASIONS`].
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty", with = "stored_instants")]
    latest: Vec<Timestamp>,
    /// Fingerprints of the latest [`MAX_REMEMBERED_ORDERS`] orders in here, counted or not, oldest first.
    #[serde(rename = "p", default)]
    known: Fingerprints,
    /// The days with counted orders in here; not known where a version rolled orders up that did not keep them.
    #[serde(
        rename = "d",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "order_days::deserialize"
    )]
    days: Option<OrderDays>,
}

/// How many of the latest days with an order the stage rules look at.
const MAX_LATEST_OCCASIONS: usize = 3;

/// The fact is about an order that may be in the totals already: fold the whole history again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecountNeeded;

impl OrderBook {
    /// Adds what a fact reports about an order. Facts about other things change nothing.
    ///
    /// # Errors
    /// [`RecountNeeded`], and nothing was changed, if the order may already be in the totals.
    pub fn add(&mut self, fact: &Fact, calendar: &Calendar) -> Result<(), RecountNeeded> {
        let Some(reported) = Order::from_fact(fact) else { return Ok(()) };
        let known = self.recent.iter().position(|order| order.id == reported.id);
        if let Some(rolled) = &self.rolled
            && known.is_none()
            && (!places(fact) || rolled.known.contains(&reported.id))
        {
            return Err(RecountNeeded);
        }
        let mut order = match known {
            Some(index) => self.recent[index].clone(),
            None => reported.clone(),
        };
        order.join(&reported);
        if self.rolled.as_ref().is_some_and(|rolled| position(&order) <= (rolled.through, &rolled.through_id)) {
            return Err(RecountNeeded);
        }
        if let Some(index) = known {
            self.recent.remove(index);
        }
        let index = self.recent.partition_point(|other| position(other) < position(&order));
        self.recent.insert(index, order);
        if self.recent.len() > MAX_RECENT_ORDERS {
            let oldest = self.recent.remove(0);
            self.roll_up(&oldest, calendar);
        }
        Ok(())
    }

    /// Counts a whole history, in any order, from nothing.
    pub fn count<'f>(facts: impl IntoIterator<Item = &'f Fact>, calendar: &Calendar) -> Self {
        let mut orders: BTreeMap<OrderId, Order> = BTreeMap::new();
        for reported in facts.into_iter().filter_map(Order::from_fact) {
            match orders.entry(reported.id.clone()) {
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert(reported);
                }
                std::collections::btree_map::Entry::Occupied(mut entry) => entry.get_mut().join(&reported),
            }
        }
        let mut sorted: Vec<Order> = orders.into_values().collect();
        sorted.sort_by(|a, b| position(a).cmp(&position(b)));
        let mut book = Self::default();
        let old = sorted.len().saturating_sub(MAX_RECENT_ORDERS);
        for order in sorted.drain(..old) {
            book.roll_up(&order, calendar);
        }
        book.recent = sorted;
        book
    }

    /// The latest orders in full, oldest first.
    #[must_use]
    pub fn recent(&self) -> &[Order] {
        &self.recent
    }

    /// What the customer paid and kept over all time, in minor units by currency.
    #[must_use]
    pub fn value(&self) -> BTreeMap<Currency, i64> {
        let mut value = self.rolled.as_ref().map(|rolled| rolled.value.clone()).unwrap_or_default();
        for money in self.recent.iter().filter(|order| order.counts()).filter_map(Order::value) {
            *value.entry(money.currency).or_default() += money.minor;
        }
        value
    }

    /// The latest counted order up to `now` among the recent ones.
    #[must_use]
    pub fn last_counted(&self, now: Timestamp) -> Option<&Order> {
        self.recent.iter().rev().find(|order| order.counts() && order.ordered_at() <= now)
    }

    /// The days with a counted order whose amount is known, in order of time, the latest orders included. `None` where an earlier
    /// version rolled orders up without keeping their days: a recount finds them.
    #[must_use]
    pub fn days(&self, calendar: &Calendar) -> Option<OrderDays> {
        let mut days = match &self.rolled {
            Some(rolled) => rolled.days.clone()?,
            None => OrderDays::default(),
        };
        for order in self.recent.iter().filter(|order| order.counts()) {
            if let Some(day) = order_day(order, calendar) {
                days.add(day);
            }
        }
        Some(days)
    }

    /// The purchases up to `now`. Allocates nothing.
    #[must_use]
    pub fn purchases(&self, calendar: &Calendar, now: Timestamp) -> Purchases {
        let mut found = Purchases::default();
        // The latest order of each of the latest days with an order, newest first.
        let mut latest = [None::<Timestamp>; MAX_LATEST_OCCASIONS];
        if let Some(rolled) = &self.rolled {
            found.occasions = rolled.occasions;
            found.orders = rolled.orders;
            found.first_at = rolled.first_at;
            for (slot, at) in latest.iter_mut().zip(&rolled.latest) {
                *slot = Some(*at);
            }
        }
        for order in self.recent.iter().filter(|order| order.counts()) {
            let at = order.ordered_at();
            if at > now {
                found.next_at = found.next_at.or(Some(at));
                continue;
            }
            found.orders += 1;
            found.first_at = found.first_at.or(Some(at));
            if latest[0].is_some_and(|last| calendar.same_day(last, at)) {
                latest[0] = Some(at);
            } else {
                found.occasions += 1;
                latest = [Some(at), latest[0], latest[1]];
            }
        }
        found.last_at = latest[0];
        found.second_latest_at = latest[1];
        found.third_latest_at = latest[2];
        if let (Some(first), Some(last)) = (found.first_at, found.last_at) {
            found.span_days = days_between(calendar.day(first), calendar.day(last));
        }
        found
    }

    fn roll_up(&mut self, order: &Order, calendar: &Calendar) {
        let (at, id) = position(order);
        let rolled = self.rolled.get_or_insert_with(|| RollUp {
            through: at,
            through_id: id.clone(),
            orders: 0,
            value: BTreeMap::new(),
            first_at: None,
            occasions: 0,
            latest: Vec::new(),
            known: Fingerprints::default(),
            days: Some(OrderDays::default()),
        });
        rolled.known.remember(id);
        rolled.through = at;
        rolled.through_id = id.clone();
        if !order.counts() {
            return;
        }
        rolled.orders += 1;
        rolled.first_at = rolled.first_at.or(Some(at));
        if let Some(money) = order.value() {
            *rolled.value.entry(money.currency).or_default() += money.minor;
        }
        if let (Some(days), Some(day)) = (&mut rolled.days, order_day(order, calendar)) {
            days.add(day);
        }
        match rolled.latest.first_mut() {
            Some(last) if calendar.same_day(*last, at) => *last = at,
            _ => {
                rolled.occasions += 1;
                rolled.latest.insert(0, at);
                rolled.latest.truncate(MAX_LATEST_OCCASIONS);
            }
        }
    }
}

/// Whether the fact reports the order as placed. A refund, a cancellation or a correction refers to an order that was
/// reported before, possibly one that is rolled up.
fn places(fact: &Fact) -> bool {
    matches!(&fact.event, Event::Order(order) if matches!(order.status, OrderStatus::Pending | OrderStatus::Completed))
}

fn order_day(order: &Order, calendar: &Calendar) -> Option<OrderDay> {
    let value = order.value()?;
    Some(OrderDay { day: calendar.day(order.ordered_at()), value, lines: order.lines })
}

fn position(order: &Order) -> (Timestamp, &OrderId) {
    (order.ordered_at(), &order.id)
}

fn days_between(first: Date, last: Date) -> i32 {
    first.until(last).map(|span| span.get_days()).unwrap_or(0)
}
