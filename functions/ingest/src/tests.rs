//! Tests of the function through its requests and answers, and of the tables afterwards.

mod bad_input;
mod browsers;
mod calls;
mod events;
mod metrics;
mod repetition;

use crate::{Ingest, handle};
use http::{Request, Response, header};
use jiff::Timestamp;
use rekindle_intake::Guests;
use rekindle_lifecycle::facts::Fact;
use rekindle_messaging::KeyRing;
use rekindle_platform::Clock;
use rekindle_platform::gateway::Body;
use rekindle_store::CustomerKey;
use rekindle_store::activity::facts::parse_fact_item;
use rekindle_store::activity::quarantine::Refused;
use rekindle_store::shop::api_keys::Role;
use rekindle_testing::builders::{LINK_KEYS, shop};
use rekindle_testing::{Answer, Handle, Rig};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The time at which all requests of these tests arrive.
const NOW: &str = "2026-11-22T12:00:00Z";

/// The function, and a write key of the shop.
struct Shop {
    rig: Rig<Ingest>,
}

impl Handle for Ingest {
    async fn handle(&self, request: Request<Body>) -> Response<Body> {
        handle(self, request).await
    }
}

impl Shop {
    async fn new() -> Self {
        Self { rig: Rig::new(Role::Write, |store| Ingest::new(store, guests(), clock_at(NOW))).await }
    }

    /// Posts with the shop's key.
    async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post(path).header(header::AUTHORIZATION, format!("Bearer {}", self.rig.key));
        self.rig.send(request.body(body.into()).expect("a request")).await
    }

    /// All items of the activity table by key, each as text.
    async fn items(&self) -> BTreeMap<String, String> {
        let mut items = BTreeMap::new();
        let mut pages = self.rig.client.scan().table_name("test-activity").into_paginator().items().send();
        while let Some(item) = pages.next().await {
            let item = item.expect("scanned");
            let text = |name: &str| item[name].as_s().expect("a string").clone();
            let sorted: BTreeMap<_, _> = item.iter().collect();
            items.insert(format!("{} {}", text("pk"), text("sk")), format!("{sorted:?}"));
        }
        items
    }

    /// All facts, sorted by key.
    async fn facts(&self) -> Vec<(CustomerKey, Fact)> {
        let scan = self.rig.client.scan().table_name("test-activity").into_paginator().items();
        let items = scan.send().collect::<Result<Vec<_>, _>>().await.expect("scanned");
        let is_fact = |item: &&std::collections::HashMap<_, _>| item.contains_key("fact");
        let facts = items.iter().filter(is_fact).map(|item| parse_fact_item(item.clone()).expect("a fact"));
        let mut facts: Vec<_> = facts.collect();
        facts.sort_by_key(|(customer, fact)| (customer.pk(), rekindle_store::keys::fact_sk(fact)));
        facts
    }

    async fn refused(&self) -> Vec<Refused> {
        let day = jiff::civil::date(2026, 11, 22);
        self.rig.store.refused_on(&shop(), day, None).await.expect("listed").0
    }
}

fn guests() -> Guests {
    Guests::with_ring(Arc::new(KeyRing::parse(LINK_KEYS, Timestamp::UNIX_EPOCH).expect("link keys")))
}

fn clock_at(text: &str) -> Clock {
    let at: Timestamp = text.parse().expect("an instant");
    Clock::from_fn(move || at)
}

/// An example from `events/segment/`.
fn example(name: &str) -> String {
    let path = format!("{}/../../events/segment/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).expect("the example exists")
}

fn gzip(text: &str) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).expect("written to memory");
    encoder.finish().expect("written to memory")
}
