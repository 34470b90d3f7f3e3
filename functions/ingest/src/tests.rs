//! The function as its callers see it: requests in, answers out, and what is in the tables after that.

mod bad_input;
mod calls;
mod events;
mod repetition;
#[path = "../../test_store.rs"]
mod test_store;

use crate::{Ingest, handle};
use aws_sdk_dynamodb::Client;
use http::{Request, Response, header};
use jiff::Timestamp;
use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::id::ShopId;
use rekindle_platform::Clock;
use rekindle_platform::gateway::Body;
use rekindle_store::CustomerKey;
use rekindle_store::activity::facts::parse_fact_item;
use rekindle_store::activity::quarantine::Refused;
use rekindle_store::shop::api_keys::Role;
use std::collections::BTreeMap;

/// When everything here arrives.
const NOW: &str = "2026-11-22T12:00:00Z";

/// The function on an embedded engine, and a key of the shop `tea`.
struct Stage {
    ingest: Ingest,
    client: Client,
    key: String,
}

/// An answer, as text.
#[derive(Debug)]
struct Answered {
    status: u16,
    headers: header::HeaderMap,
    body: String,
}

impl Stage {
    async fn new() -> Self {
        let (store, client) = test_store::store_and_client().await;
        let key = store.create_key(&shop(), Role::Write, Timestamp::UNIX_EPOCH).await.expect("a key");
        Self { ingest: Ingest::new(store, clock_at(NOW)), client, key }
    }

    /// Posts with the shop's key.
    async fn post(&self, path: &str, body: impl Into<Body>) -> Answered {
        let request = Request::post(path).header(header::AUTHORIZATION, format!("Bearer {}", self.key));
        self.send(request.body(body.into()).expect("a request")).await
    }

    async fn send(&self, request: Request<Body>) -> Answered {
        Answered::from(handle(&self.ingest, request).await)
    }

    /// All items of the activity table by key, each as text.
    async fn items(&self) -> BTreeMap<String, String> {
        let mut items = BTreeMap::new();
        let mut pages = self.client.scan().table_name("test-activity").into_paginator().items().send();
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
        let scan = self.client.scan().table_name("test-activity").into_paginator().items();
        let items = scan.send().collect::<Result<Vec<_>, _>>().await.expect("scanned");
        let is_fact = |item: &&std::collections::HashMap<_, _>| item.contains_key("fact");
        let facts = items.iter().filter(is_fact).map(|item| parse_fact_item(item.clone()).expect("a fact"));
        let mut facts: Vec<_> = facts.collect();
        facts.sort_by_key(|(customer, fact)| (customer.pk(), rekindle_store::keys::fact_sk(fact)));
        facts
    }

    async fn refused(&self) -> Vec<Refused> {
        let day = jiff::civil::date(2026, 11, 22);
        self.ingest.store.refused_on(&shop(), day, None).await.expect("listed").0
    }
}

impl Answered {
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("an answer is JSON")
    }

    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl From<Response<Body>> for Answered {
    fn from(response: Response<Body>) -> Self {
        let (head, body) = response.into_parts();
        let body = match body {
            Body::Text(text) => text,
            _ => String::new(),
        };
        Self { status: head.status.as_u16(), headers: head.headers, body }
    }
}

fn shop() -> ShopId {
    ShopId::parse("tea").expect("an id")
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
