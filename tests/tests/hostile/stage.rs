//! A running stack in a directory of its own, with two shops whose names resemble each other.

use aws_sdk_dynamodb::types::AttributeValue;
use http::Request;
use http::Response;
use jiff::{SignedDuration, Timestamp};
use rekindle_emulators::Durability;
use rekindle_lifecycle::id::{CustomerId, MessageId, ShopId};
use rekindle_local_stack::{DataDir, Overview, Progress, Pump, Stack, StackTime};
use rekindle_messaging::{LinkClaims, LinkPurpose};
use rekindle_platform::gateway::Body;
use rekindle_store::CustomerKey;
use rekindle_store::shop::api_keys::Role;
use rekindle_store::shop::senders::Sender;
use rekindle_store::shop::settings::BRAND;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tempfile::TempDir;

/// When everything begins: a Monday, within the hours in which customers may be written to.
pub(crate) const BEGINNING: &str = "2026-03-02T10:00:00Z";
/// A policy without a holdout.
const EVERYBODY: &str = "[experiment]\nholdout = 0.0\n";

/// A running stack.
pub(crate) struct Stage {
    pub(crate) stack: Arc<Stack>,
    pub(crate) pump: Pump,
    _folder: TempDir,
}

/// A shop and its keys.
pub(crate) struct Shop {
    pub(crate) id: ShopId,
    pub(crate) write: String,
    pub(crate) admin: String,
}

/// An answer, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) kind: String,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: String,
}

impl Answer {
    /// The body as JSON, null if it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A stack that `change` modifies before it starts to work.
    pub(crate) async fn with(change: impl FnOnce(&mut Stack)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = Arc::new(DataDir::take(folder.path()).expect("a free directory"));
        let time = StackTime::virtual_from(BEGINNING.parse().expect("an instant"), &data).expect("a time");
        let mut stack = Stack::start(data, time, Durability::Relaxed, "https://l.example").await.expect("it starts");
        change(&mut stack);
        let stack = Arc::new(stack);
        let pump =
            Pump::new(Arc::clone(&stack), Arc::new(Progress::from_overview(&Overview::default()))).expect("a stream");
        Self { stack, pump, _folder: folder }
    }

    /// A shop with a brand of this name.
    pub(crate) async fn shop(&self, id: &str, name: &str) -> Shop {
        let (store, now) = (&self.stack.store, self.now());
        let id = ShopId::parse(id).expect("an id");
        store.list_shop(&id, now).await.expect("listed");
        let brand = json!({
            "name": name, "sender_address": format!("hello@{id}.example"), "sender_name": name,
            "postal_address": format!("1 {name} Lane"), "shop_url": format!("https://{id}.example"),
        });
        store.put_setting(&id, BRAND, &brand).await.expect("stored");
        let sender = Sender::parse(&format!("@{id}.example")).expect("a sender");
        store.grant_sender(&id, &sender).await.expect("granted");
        store.put_policy(&id, EVERYBODY).await.expect("a valid policy");
        let write = store.create_key(&id, Role::Write, now).await.expect("a key");
        let admin = store.create_key(&id, Role::Admin, now).await.expect("a key");
        Shop { id, write, admin }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.stack.time.now()
    }

    /// Advances the time and runs everything that becomes due.
    pub(crate) async fn pass(&mut self, hours: i64) {
        let until = self.now() + SignedDuration::from_hours(hours);
        self.pump.run_until(until).await.expect("the pump runs");
    }

    /// Moves the time on and does nothing.
    pub(crate) fn skip(&self, seconds: i64) {
        let until = self.now() + SignedDuration::from_secs(seconds);
        self.stack.time.move_to(until, &self.stack.data).expect("the time can be kept");
    }

    /// Calls with a key, or without one if it is empty.
    pub(crate) async fn call(&self, method: &str, path: &str, key: &str, body: impl Into<Body>) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = if key.is_empty() { request } else { request.header("authorization", format!("Bearer {key}")) };
        self.send(request.body(body.into()).expect("a request")).await
    }

    /// Hands a request to the function that the routes of the deployment lead to.
    pub(crate) async fn send(&self, request: rekindle_platform::gateway::Request) -> Answer {
        answer(self.stack.handlers.answer(request).await)
    }

    /// Posts events in one batch, all of which have to be taken.
    pub(crate) async fn take(&self, shop: &Shop, events: &[Value]) {
        let answer = self.call("POST", "/v1/batch", &shop.write, json!({ "batch": events }).to_string()).await;
        assert_eq!((answer.status, answer.json()["rejected"].to_string().as_str()), (200, "[]"), "{answer:?}");
    }

    /// Where a link of a customer leads: the path with a token that is good.
    pub(crate) fn link(&self, purpose: LinkPurpose, shop: &ShopId, customer: &str) -> String {
        let customer = CustomerId::parse(customer).expect("an id");
        let message = MessageId::derive(shop, &customer, "nps", "1", "question", "email");
        let claims = LinkClaims { shop: shop.clone(), customer, message, score: Some(9) };
        let page = match purpose {
            LinkPurpose::Unsubscribe => "u",
            LinkPurpose::Preferences => "p",
            LinkPurpose::Nps => "n",
            LinkPurpose::Confirm => "c",
        };
        format!("/{page}/{}", self.stack.shop.link_keys.seal(purpose, &claims, self.now()))
    }

    /// Every item of every table, as text, by table and key.
    pub(crate) async fn items(&self) -> BTreeMap<String, String> {
        let tables = self.stack.store.tables();
        let mut items = BTreeMap::new();
        for table in [&tables.customers, &tables.activity, &tables.shops] {
            let mut scan = self.stack.dynamodb().scan().table_name(table).into_paginator().items().send();
            while let Some(item) = scan.next().await {
                let item = item.expect("scanned");
                let key = |name: &str| item.get(name).and_then(|value| value.as_s().ok().cloned()).unwrap_or_default();
                items.insert(format!("{table} {} {}", key("pk"), key("sk")), text_of(&item));
            }
        }
        items
    }
}

/// An item as text: the same for equal items, in whatever order their maps are read.
fn text_of(item: &HashMap<String, AttributeValue>) -> String {
    let sorted: BTreeMap<&String, &AttributeValue> = item.iter().collect();
    let told = sorted.into_iter().map(|(name, value)| match value {
        AttributeValue::M(map) => format!("{name}: {}", text_of(map)),
        AttributeValue::L(list) => {
            let one = |value: &AttributeValue| text_of(&HashMap::from([(String::new(), value.clone())]));
            format!("{name}: [{}]", list.iter().map(one).collect::<Vec<_>>().join(", "))
        }
        other => format!("{name}: {other:?}"),
    });
    format!("{{{}}}", told.collect::<Vec<_>>().join(", "))
}

/// An order of a customer: 30 euros, completed.
pub(crate) fn order(customer: &str, order: &str, at: Timestamp) -> Value {
    json!({
        "type": "track", "event": "Order Completed", "userId": customer, "messageId": format!("{order}-completed"),
        "timestamp": at.to_string(), "properties": { "order_id": order, "total": "30.00", "currency": "EUR" },
    })
}

/// The key of a customer.
pub(crate) fn key(shop: &ShopId, customer: &str) -> CustomerKey {
    CustomerKey { shop: shop.clone(), customer: CustomerId::parse(customer).expect("an id") }
}

fn answer(response: Response<Body>) -> Answer {
    let (head, body) = response.into_parts();
    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Answer {
        status: head.status.as_u16(),
        kind: header("content-type").unwrap_or_default(),
        retry_after: header("retry-after"),
        body: String::from_utf8(body.to_vec()).expect("an answer is text"),
    }
}
