//! A shop on a local stack whose time a test moves and whose request units it counts.

use http::Request;
use jiff::{SignedDuration, Timestamp};
use rekindle_emulators::Durability;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::id::CustomerId;
use rekindle_local_stack::{DataDir, Overview, Progress, Pump, Stack, StackTime};
use rekindle_platform::gateway::Body;
use rekindle_store::sending::rate::SendingLimit;
use rekindle_store::shop::api_keys::Role;
use rekindle_store::{CustomerKey, Used};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;
use tempfile::TempDir;

/// When every test begins: a Monday morning.
const START: &str = "2026-01-05T10:00:00Z";
/// No holdout, so that every message can be seen.
const POLICY: &str = "[experiment]\nholdout = 0.0";

/// A shop and the stack that it runs on.
pub(crate) struct Shop {
    pub(crate) stack: Arc<Stack>,
    pump: Pump,
    write_key: String,
    _directory: TempDir,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let data = Arc::new(DataDir::take(directory.path()).expect("a free directory"));
        let time = StackTime::virtual_from(START.parse().expect("an instant"), &data).expect("a clock");
        let stack = Stack::start(data, time, Durability::Relaxed, "https://shop.example").await.expect("a stack");
        stack.store.put_policy(&stack.shop.id, POLICY).await.expect("a policy");
        let write_key = stack.shop.new_key(&stack.store, Role::Write, stack.time.now()).await.expect("a key");
        let stack = Arc::new(stack);
        let progress = Arc::new(Progress::from_overview(&Overview::default()));
        let pump = Pump::new(Arc::clone(&stack), progress).expect("a pump");
        Self { stack, pump, write_key, _directory: directory }
    }

    pub(crate) fn key(&self, customer: &str) -> CustomerKey {
        CustomerKey { shop: self.stack.shop.id.clone(), customer: CustomerId::parse(customer).expect("an id") }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.stack.time.now()
    }

    /// Advances the time and runs everything that becomes due.
    pub(crate) async fn pass(&mut self, by: SignedDuration) {
        let until = self.now() + by;
        self.pump.run_until(until).await.expect("nothing fails");
    }

    /// Advances the time and runs nothing.
    pub(crate) fn skip(&self, by: SignedDuration) {
        self.stack.time.move_to(self.now() + by, &self.stack.data).expect("the clock can be kept");
    }

    /// Reads what every function remembers between its calls: the policy, the brand, the key.
    pub(crate) async fn prime(&self) {
        let (store, shop, now) = (&self.stack.store, &self.stack.shop.id, self.now());
        store.policy(shop, now).await.expect("a policy");
        self.stack.handlers.send.shops.get(store, shop, now).await.expect("the shop's context");
        // Once a day, a function asks SES for its limits.
        let mails = SendingLimit { channel: Channel::Email, shop: None };
        if store.should_ask_rate(&mails, now).await.expect("answered") {
            store.note_allowed_rate(&mails, 1_000.0, now).await.expect("noted");
        }
        self.post(json!([])).await;
        self.units();
    }

    /// The units used since this was called last.
    pub(crate) fn units(&self) -> Used {
        self.stack.store.capacity().take()
    }

    /// Posts events to the HTTP API.
    pub(crate) async fn post(&self, events: Value) {
        let request = Request::post("/v1/batch").header("authorization", format!("Bearer {}", self.write_key));
        let request = request.body(Body::from(json!({ "batch": events }).to_string())).expect("a request");
        let answer = ingest::handle(&self.stack.handlers.ingest, request).await;
        let body = String::from_utf8_lossy(answer.body()).into_owned();
        assert!(answer.status() == 200 && body.contains("\"rejected\":[]"), "{body}");
    }

    /// Posts the events and answers with the facts that they became, and the units that took.
    pub(crate) async fn store(&self, customer: &CustomerKey, events: Value) -> (Vec<Fact>, Used) {
        let known: HashSet<String> = self.facts(customer).await.into_iter().map(|fact| fact.id).collect();
        self.prime().await;
        self.post(events).await;
        let used = self.units();
        let new = self.facts(customer).await.into_iter().filter(|fact| !known.contains(&fact.id)).collect();
        (new, used)
    }

    async fn facts(&self, customer: &CustomerKey) -> Vec<Fact> {
        self.stack.store.facts_of(customer).all().await.expect("facts")
    }

    /// Advances a customer, and answers with the units that it took.
    pub(crate) async fn advance(&self, customer: &CustomerKey, facts: &[Fact]) -> Used {
        self.prime().await;
        self.stack.handlers.advance.advance_customer(customer, facts, false).await.expect("advanced");
        self.units()
    }

    pub(crate) async fn customer(&self, customer: &CustomerKey) -> Customer {
        self.stack.store.customer(customer).await.expect("a customer")
    }

    /// Size of the customer's item, as DynamoDB counts it.
    pub(crate) async fn item_size(&self, customer: &CustomerKey) -> usize {
        let get = self.stack.dynamodb().get_item().table_name(&self.stack.store.tables().customers);
        let answer = get.key("pk", aws_sdk_dynamodb::types::AttributeValue::S(customer.pk())).send().await;
        let item = answer.expect("read").item.expect("stored");
        let size = |value: &aws_sdk_dynamodb::types::AttributeValue| match (value.as_s(), value.as_n()) {
            (Ok(text), _) => text.len(),
            (_, Ok(number)) => number.len().div_ceil(2) + 1,
            _ => panic!("an item holds strings and numbers"),
        };
        item.iter().map(|(name, value)| name.len() + size(value)).sum()
    }
}

/// An order as a shop's library reports it, with the usual details of the customer.
pub(crate) fn order(customer: &str, number: u32, at: Timestamp) -> Value {
    json!({
        "type": "track",
        "event": "Order Completed",
        "userId": customer,
        "messageId": format!("ajs-next-{}-8a1f2b3c-{number:05}", at.as_millisecond()),
        "timestamp": at.to_string(),
        "properties": {
            "order_id": format!("61257893{number:05}"),
            "checkout_id": "fksdjfsdjfisjf9sdfjsd9f",
            "total": "59.90",
            "currency": "EUR",
            "coupon": "SECOND10",
            "products": [{ "product_id": "507f1f77bcf86cd799439011", "sku": "45790-32", "price": 59.90, "quantity": 1 }],
        },
        "context": {
            "traits": {
                "email": "anastasia.konstantinopolskaya@example-mail.co.uk",
                "phone": "+442071838750",
                "firstName": "Anastasia",
                "email_marketing_consent": true,
                "sms_marketing_consent": true,
            },
            "locale": "en-GB",
            "timezone": "Europe/London",
        },
    })
}
