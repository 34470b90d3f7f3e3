//! The pass, on the embedded engine.

mod cut_off;
mod learned;
mod lift;
mod sizes;

use super::*;
use jiff::{SignedDuration, Timestamp};
use rekindle_insight::proposals::Proposals;
use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::money::{Currency, Money};
use rekindle_platform::{AwsEndpoints, Clients};
use rekindle_store::insight::reports::StoredReport;
use rekindle_testing::builders::{customer_of, now, order, shop, shop_named};
use rekindle_testing::database::store_and_client;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// The function on tables of its own, with a clock that a test moves.
struct Rig {
    insight: Insight,
    seconds: Arc<AtomicI64>,
}

impl Rig {
    async fn new() -> Self {
        let (store, _) = store_and_client().await;
        let seconds = Arc::new(AtomicI64::new(0));
        let passed = Arc::clone(&seconds);
        let clock = Clock::from_fn(move || now() + SignedDuration::from_secs(passed.load(Ordering::SeqCst)));
        // Nothing listens there: these tests put nobody on the queue.
        let nowhere = "http://127.0.0.1:1".to_owned();
        let clients = Clients::local(&AwsEndpoints { dynamodb: nowhere.clone(), services: nowhere });
        let advance_queue = WorkQueue::new(clients.sqs(), "http://127.0.0.1:1/advance".to_owned());
        Self { insight: Insight { store, advance_queue, clock, limits: Limits::default() }, seconds }
    }

    fn wait(&self, by: SignedDuration) {
        self.seconds.fetch_add(by.as_secs(), Ordering::SeqCst);
    }

    /// A customer of a shop with an order on each of these days before now, all of the same amount.
    async fn ordered(&self, shop: &str, customer: &str, days_ago: &[i64], amount: Money) {
        let facts: Vec<Fact> = days_ago
            .iter()
            .map(|days| {
                let at = now() - SignedDuration::from_hours(24 * days);
                order(&format!("{customer}-{days}"), at, Some(amount))
            })
            .collect();
        let store = &self.insight.store;
        store.store_and_apply(&customer_of(shop, customer), &facts, now()).await.expect("applied");
    }

    /// Customers with orders that come from their numbers.
    async fn history(&self, shop: &str, customers: i64) {
        for number in 0..customers {
            let first = 20 + number * 7 % 500;
            let mut days = vec![first];
            let mut next = first - 9 - number * 13 % 70;
            while next > 0 && days.len() < usize::try_from(number % 9 + 1).expect("small") {
                days.push(next);
                next -= 9 + number * 31 % 60;
            }
            self.ordered(shop, &format!("c{number}"), &days, eur(1_000 + number)).await;
        }
    }

    async fn finish(&self) -> Worked {
        let worked = handle(&self.insight).await.expect("worked");
        assert!(worked.finished, "{worked:?}");
        worked
    }

    async fn report(&self, shop: &str) -> Option<StoredReport> {
        self.insight.store.report(&shop_named(shop), LEARNED, None).await.expect("read")
    }

    async fn learned(&self, shop: &str) -> Value {
        self.report(shop).await.expect("a report").report["learned"].take()
    }
}

fn eur(minor: i64) -> Money {
    Money { minor, currency: Currency::parse("EUR").expect("a currency") }
}

fn day(at: Timestamp) -> jiff::civil::Date {
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}
