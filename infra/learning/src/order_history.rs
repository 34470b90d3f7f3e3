//! Orders by customer, counted as the engine counts them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rekindle_inbound::{Parsed, Received, Rejection, Whose};
use rekindle_insight::{Buyer, Day, Occasion};
use rekindle_lifecycle::customer::Order;
use rekindle_lifecycle::id::OrderId;
use rekindle_lifecycle::money::Currency;
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// A shop's orders, from events in any order and repeated any number of times. Guests are told apart by their address.
#[derive(Debug)]
pub struct OrderHistory {
    received: Received<'static>,
    zone: TimeZone,
    customers: BTreeMap<String, BTreeMap<OrderId, Order>>,
}

impl OrderHistory {
    /// No orders yet. Days are those of `zone`; amounts without a currency are in `currency`; `now` is the present instant, after
    /// which nothing can have happened.
    #[must_use]
    pub fn new(zone: TimeZone, currency: Currency, now: Timestamp) -> Self {
        let received = Received::history(zone.clone(), currency, now);
        Self { received, zone, customers: BTreeMap::new() }
    }

    /// Takes in an event as a shop posts it. Events that are not about an order change nothing.
    ///
    /// # Errors
    /// The event would be refused by the engine, too.
    pub fn add(&mut self, event: &Value) -> Result<(), Rejection> {
        let Parsed { whose, fact, .. } = rekindle_inbound::parse(event, None, &self.received)?;
        let Some(order) = Order::from_fact(&fact) else { return Ok(()) };
        let customer = match whose {
            Whose::Id(id) => id.as_str().to_owned(),
            Whose::Guest(address) => format!("guest:{}", address.as_str().to_lowercase()),
        };
        match self.customers.entry(customer).or_default().entry(order.id.clone()) {
            Entry::Vacant(place) => {
                place.insert(order);
            }
            Entry::Occupied(mut known) => known.get_mut().join(&order),
        }
        Ok(())
    }

    /// The currencies of counted orders, each with their number, the most frequent first.
    #[must_use]
    pub fn currencies(&self) -> Vec<(Currency, u64)> {
        let mut counts: BTreeMap<String, (Currency, u64)> = BTreeMap::new();
        for order in self.counted() {
            if let Some(value) = order.value() {
                counts.entry(value.currency.code().to_owned()).or_insert((value.currency, 0)).1 += 1;
            }
        }
        let mut counts: Vec<_> = counts.into_values().collect();
        counts.sort_by_key(|(_, count)| Reverse(*count));
        counts
    }

    /// The day of the last counted order in a currency, in the shop's zone.
    #[must_use]
    pub fn last_day(&self, currency: Currency) -> Option<Day> {
        let own = self.counted().filter(|order| order.value().is_some_and(|value| value.currency == currency));
        own.map(|order| self.day(order)).max()
    }

    /// The customers with a counted order in a currency. `shop` makes their hashes; it decides nothing else.
    #[must_use]
    pub fn buyers(&self, shop: &str, currency: Currency) -> Vec<Buyer> {
        let buyers = self.customers.iter().map(|(customer, orders)| {
            let occasions = orders.values().filter(|order| order.counts()).filter_map(|order| {
                let value = order.value()?;
                let day = self.day(order);
                (value.currency == currency).then_some(Occasion { day, value: value.minor, lines: order.lines })
            });
            Buyer::new(Buyer::hash_of(shop, customer), occasions)
        });
        buyers.filter(|buyer| !buyer.occasions().is_empty()).collect()
    }

    fn counted(&self) -> impl Iterator<Item = &Order> {
        self.customers.values().flat_map(BTreeMap::values).filter(|order| order.counts())
    }

    fn day(&self, order: &Order) -> Day {
        Day::from_date(order.ordered_at().to_zoned(self.zone.clone()).date())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn history() -> OrderHistory {
        let now = "2026-03-01T00:00:00Z".parse().expect("an instant");
        OrderHistory::new(TimeZone::get("Europe/Berlin").expect("a zone"), currency("EUR"), now)
    }

    fn currency(code: &str) -> Currency {
        Currency::parse(code).expect("a currency")
    }

    fn event(name: &str, order: &str, at: &str, total: &str) -> Value {
        json!({
            "type": "track", "event": name, "userId": "anna", "messageId": format!("{order}-{name}-{at}"), "timestamp": at,
            "properties": { "order_id": order, "total": total, "currency": "EUR" },
        })
    }

    fn occasions(history: &OrderHistory) -> Vec<(String, i64)> {
        let buyers = history.buyers("tea", currency("EUR"));
        let occasions = buyers.iter().flat_map(|buyer| buyer.occasions().to_vec());
        occasions.map(|occasion| (occasion.day.to_string(), occasion.value)).collect()
    }

    #[test]
    fn an_order_counts_once_with_what_was_kept_of_it_on_its_day_in_the_shops_zone() {
        let events = [
            event("Order Completed", "1", "2026-01-04T23:30:00Z", "40.00"),
            event("Order Completed", "1", "2026-01-04T23:30:00Z", "40.00"),
            event("Order Updated", "1", "2026-01-06T10:00:00Z", "35.00"),
            event("Order Refunded", "1", "2026-01-08T10:00:00Z", "5.00"),
            event("Order Completed", "2", "2026-01-20T10:00:00Z", "12.00"),
            event("Order Cancelled", "2", "2026-01-21T10:00:00Z", "12.00"),
        ];
        for turned in 0..events.len() {
            let mut history = history();
            let again = events.iter().chain(&events).skip(turned).take(2 * events.len() - turned);
            again.for_each(|event| history.add(event).expect("a good event"));
            assert_eq!(occasions(&history), [("2026-01-05".to_owned(), 3_000)], "from {turned}");
            assert_eq!(history.last_day(currency("EUR")).map(|day| day.to_string()).as_deref(), Some("2026-01-05"));
        }
    }

    #[test]
    fn two_currencies_are_two_histories() {
        let mut history = history();
        let mut dollars = event("Order Completed", "2", "2026-02-04T10:00:00Z", "9.00");
        dollars["properties"]["currency"] = json!("USD");
        for event in [event("Order Completed", "1", "2026-01-04T10:00:00Z", "40.00"), dollars] {
            history.add(&event).expect("a good event");
        }
        history.add(&event("Order Completed", "3", "2026-02-05T10:00:00Z", "1.00")).expect("a good event");
        assert_eq!(history.currencies(), [(currency("EUR"), 2), (currency("USD"), 1)]);
        assert_eq!(occasions(&history).len(), 2);
        assert_eq!(history.last_day(currency("USD")).map(|day| day.to_string()).as_deref(), Some("2026-02-04"));
        assert_eq!(history.buyers("tea", currency("USD")).len(), 1);
    }

    #[test]
    fn what_the_engine_would_refuse_is_refused_with_field_and_reason() {
        let mut nameless = event("Order Completed", "1", "2026-01-04T10:00:00Z", "40.00");
        nameless["userId"] = Value::Null;
        assert_eq!(history().add(&nameless).expect_err("refused").field, "userId");
    }
}
