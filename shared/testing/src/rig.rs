//! A function as its callers see it: requests in, answers out.

use crate::builders::{contact, customer_key, hours, now, order, shop};
use crate::database::store_and_client;
use aws_sdk_dynamodb::Client;
use http::{HeaderMap, Request, Response, header};
use jiff::Timestamp;
use rekindle_platform::gateway::Body;
use rekindle_store::shop::api_keys::Role;
use rekindle_store::{CustomerKey, Store};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;

/// A function that answers HTTP requests.
pub trait Handle {
    /// Answers a request.
    fn handle(&self, request: Request<Body>) -> impl Future<Output = Response<Body>>;
}

/// A function on tables of its own, and a key of the shop [`shop`].
#[derive(Debug)]
pub struct Rig<F> {
    /// The function.
    pub function: F,
    /// The tables.
    pub store: Store,
    /// The client of the tables.
    pub client: Client,
    /// The key, of the role that the rig was made with.
    pub key: String,
}

/// An answer, as text.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; empty if the answer has none.
    pub body: String,
}

impl<F: Handle> Rig<F> {
    /// A function on new tables, and a key of the role.
    ///
    /// # Panics
    /// The tables cannot be created.
    pub async fn new(role: Role, function: impl FnOnce(Store) -> F) -> Self {
        let (store, client) = store_and_client().await;
        let key = store.create_key(&shop(), role, Timestamp::UNIX_EPOCH).await.expect("a key");
        Self { function: function(store.clone()), store, client, key }
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        Answer::from(self.function.handle(request).await)
    }

    /// Calls with the rig's key; status and body.
    pub async fn call(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        self.call_with(&format!("Bearer {}", self.key), method, path, body).await
    }

    /// Calls with any authorization; status and body.
    ///
    /// # Panics
    /// The request is malformed.
    pub async fn call_with(&self, authorization: &str, method: &str, path: &str, body: &str) -> (u16, String) {
        let request = Request::builder().method(method).uri(path).header(header::AUTHORIZATION, authorization);
        let answer = self.send(request.body(Body::from(body)).expect("a request")).await;
        (answer.status, answer.body)
    }

    /// The JSON of a call that is answered with 200.
    ///
    /// # Panics
    /// The call is refused, or the answer is no JSON.
    pub async fn json(&self, method: &str, path: &str, body: &str) -> Value {
        let (status, text) = self.call(method, path, body).await;
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).expect("JSON")
    }

    /// The detail of the problem with which a call is refused.
    ///
    /// # Panics
    /// The call is answered with another status, or not with a problem document.
    pub async fn refused(&self, status: u16, method: &str, path: &str, body: &str) -> String {
        let (found, text) = self.call(method, path, body).await;
        assert_eq!(found, status, "{text}");
        let problem: Value = serde_json::from_str(&text).expect("a problem document");
        problem["detail"].as_str().expect("a detail").to_owned()
    }
}

impl<F> Rig<F> {
    /// The admin key of another shop.
    ///
    /// # Panics
    /// The database fails.
    pub async fn other_key(&self) -> String {
        let other = crate::builders::shop_named("vinyl");
        self.store.create_key(&other, Role::Admin, Timestamp::UNIX_EPOCH).await.expect("a key")
    }

    /// A customer who ordered this many hours before [`now`]. The facts are folded; nothing is decided.
    ///
    /// # Panics
    /// The name is no id, or the database fails.
    pub async fn ordered(&self, customer: &str, hours_ago: i64) -> CustomerKey {
        let key = customer_key(customer);
        let mut fact = order(&format!("{customer}-{hours_ago}"), now() - hours(hours_ago), None);
        fact.traits = contact(customer);
        self.store.store_and_apply(&key, &[fact], now()).await.expect("applied");
        key
    }

    /// Everything in the three tables, as text.
    ///
    /// # Panics
    /// The database fails.
    pub async fn everything(&self) -> String {
        let tables = self.store.tables();
        let mut all = String::new();
        for table in [&tables.customers, &tables.activity, &tables.shops] {
            let mut pages = self.client.scan().table_name(table).into_paginator().send();
            while let Some(page) = pages.next().await {
                let page = page.expect("scanned");
                let items = page.items().iter().map(|item| item.iter().collect::<BTreeMap<_, _>>());
                write!(all, "{:?}", items.collect::<Vec<_>>()).expect("written to memory");
            }
        }
        all
    }
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Panics
    /// It is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("an answer is JSON")
    }

    /// A header; empty if the answer has none of this name.
    #[must_use]
    pub fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl From<Response<Body>> for Answer {
    fn from(response: Response<Body>) -> Self {
        let (head, body) = response.into_parts();
        let body = match body {
            Body::Text(text) => text,
            _ => String::new(),
        };
        Self { status: head.status.as_u16(), headers: head.headers, body }
    }
}
