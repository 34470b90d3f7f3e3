//! A shop in tables of its own, and calls with its admin key: what the tests of `admin` and of `settings` begin with.

use super::test_store::store_and_client;
use aws_sdk_dynamodb::Client;
use http::{Request, Response, header};
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::contact::{EmailAddress, PhoneNumber};
use rekindle_lifecycle::facts::{Event, Fact, OrderEvent, OrderStatus, Traits};
use rekindle_lifecycle::id::{CustomerId, OrderId, ShopId};
use rekindle_platform::gateway::Body;
use rekindle_store::shop::api_keys::Role;
use rekindle_store::{CustomerKey, Store};
use serde_json::Value;
use std::collections::BTreeMap;

/// A function as its callers see it.
pub(crate) trait Answers {
    async fn answer(&self, request: Request<Body>) -> Response<Body>;
}

pub(crate) struct Stage<Function> {
    pub(crate) function: Function,
    pub(crate) store: Store,
    client: Client,
    pub(crate) key: String,
}

impl<Function: Answers> Stage<Function> {
    pub(crate) async fn of(function: impl FnOnce(Store) -> Function) -> Self {
        let (store, client) = store_and_client().await;
        let key = store.create_key(&shop(), Role::Admin, Timestamp::UNIX_EPOCH).await.expect("a key");
        Self { function: function(store.clone()), store, client, key }
    }

    /// Everything in the three tables, as text.
    pub(crate) async fn everything(&self) -> String {
        let tables = self.store.tables();
        let mut all = String::new();
        for table in [&tables.customers, &tables.activity, &tables.shops] {
            let mut pages = self.client.scan().table_name(table).into_paginator().send();
            while let Some(page) = pages.next().await {
                let page = page.expect("scanned");
                let items = page.items().iter().map(|item| item.iter().collect::<BTreeMap<_, _>>());
                all.push_str(&format!("{:?}", items.collect::<Vec<_>>()));
            }
        }
        all
    }

    /// The admin key of another shop.
    pub(crate) async fn other_key(&self) -> String {
        let other = ShopId::parse("vinyl").expect("an id");
        self.store.create_key(&other, Role::Admin, Timestamp::UNIX_EPOCH).await.expect("a key")
    }

    /// A call that is answered with 200 and JSON.
    pub(crate) async fn json(&self, method: &str, path: &str, body: &str) -> Value {
        let (status, text) = self.call(method, path, body).await;
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).expect("JSON")
    }

    /// A customer who ordered so many hours ago; their facts are folded, nothing is decided.
    pub(crate) async fn ordered(&self, customer: &str, hours_ago: i64) -> CustomerKey {
        let key = CustomerKey { shop: shop(), customer: CustomerId::parse(customer).expect("an id") };
        let traits = Traits {
            email: EmailAddress::parse(&format!("{customer}@example.com")).ok(),
            phone: PhoneNumber::parse("+442071838750").ok(),
            ..Traits::default()
        };
        let order_id = OrderId::parse(&format!("{customer}-{hours_ago}")).expect("an id");
        let id = order_id.to_string();
        let order = OrderEvent {
            order_id,
            status: OrderStatus::Completed,
            amount: None,
            coupon: None,
            referral_code: None,
            ship_to: None,
        };
        let at = now() - SignedDuration::from_hours(hours_ago);
        let fact = Fact { at, id, event: Event::Order(order), traits };
        self.store.store_and_apply(&key, &[fact], now()).await.expect("heard");
        key
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        self.call_with(&format!("Bearer {}", self.key), method, path, body).await
    }

    pub(crate) async fn call_with(&self, authorization: &str, method: &str, path: &str, body: &str) -> (u16, String) {
        let request = Request::builder().method(method).uri(path).header(header::AUTHORIZATION, authorization);
        let response = self.function.answer(request.body(Body::from(body)).expect("a request")).await;
        let status = response.status().as_u16();
        let Body::Text(text) = response.into_body() else { panic!("an answer has a text") };
        (status, text)
    }

    /// The detail of the problem that the call is refused with.
    pub(crate) async fn refused(&self, status: u16, method: &str, path: &str, body: &str) -> String {
        let (found, text) = self.call(method, path, body).await;
        assert_eq!(found, status, "{text}");
        let problem: Value = serde_json::from_str(&text).expect("a problem document");
        problem["detail"].as_str().expect("a detail").to_owned()
    }
}

/// A Monday, within the hours in which messages go out.
pub(crate) fn now() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().expect("an instant")
}

pub(crate) fn shop() -> ShopId {
    ShopId::parse("tea").expect("an id")
}
