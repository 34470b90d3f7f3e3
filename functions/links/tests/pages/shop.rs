//! A shop with one customer, on the real engine, with the requests that a browser makes.

use http::{Method, Response};
use jiff::{SignedDuration, Timestamp};
use links::{Links, handle};
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::customer::{Customer, Permissions};
use rekindle_lifecycle::facts::{ConsentEvent, Event, Fact, Traits};
use rekindle_lifecycle::id::MessageId;
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::policy::Policy;
use rekindle_messaging::{KeyRing, LinkClaims, LinkPurpose, ProviderLists};
use rekindle_platform::gateway::{Body, Request};
use rekindle_platform::{Clock, Environment, Parts, Throttle};
use rekindle_store::shop::settings::BRAND;
use rekindle_store::{CustomerKey, Guarded};
pub(crate) use rekindle_testing::builders::now;
use rekindle_testing::builders::{self, LINK_KEYS, brand, contact, customer_key, hours, order};
use rekindle_testing::database::store_and_client;
use rekindle_testing::providers::without_listed_addresses;
use serde_json::json;
use std::sync::Arc;

pub(crate) const NOW: &str = "2026-03-02T12:00:00Z";

pub(crate) struct Shop {
    pub(crate) links: Links,
    pub(crate) key: CustomerKey,
    /// The run of the message that contains the links.
    pub(crate) run: String,
}

/// A shop with one customer, who has an address, a phone number and an order.
pub(crate) async fn shop(language: &str) -> Shop {
    let (store, _) = store_and_client().await;
    store.put_setting(&builders::shop(), BRAND, &brand("Tea & <Sons>")).await.expect("stored");
    let key = customer_key("anna@example.com");
    let mut fact = order("1", now() - hours(48), None);
    fact.traits = Traits { language: Some(language.to_owned()), ..contact("anna") };
    store.store_and_apply(&key, &[fact], now()).await.expect("applied");
    let link_keys = Arc::new(KeyRing::parse(LINK_KEYS, Timestamp::UNIX_EPOCH).expect("a ring"));
    let links_base_url = "https://l.example.com".to_owned();
    let parts = Parts::new(Environment::from_pairs([]), without_listed_addresses());
    let provider_lists = ProviderLists::from_parts(&parts);
    let links = Links {
        store,
        link_keys,
        links_base_url,
        provider_lists,
        clock: Clock::from_fn(now),
        throttle: Throttle::none(),
    };
    Shop { links, key, run: "1".to_owned() }
}

impl Shop {
    /// The id of the message that contains the links.
    pub(crate) fn message(&self) -> MessageId {
        MessageId::derive(&self.key.shop, &self.key.customer, "nps", &self.run, "question", "email")
    }

    /// The same shop some time later.
    pub(crate) fn at(&self, later: &str) -> Self {
        let later: SignedDuration = later.parse().expect("a duration");
        let links = Links { clock: Clock::from_fn(move || now() + later), ..self.links.clone() };
        Self { links, key: self.key.clone(), run: self.run.clone() }
    }

    /// The same shop with the links of another message.
    pub(crate) fn with_message(&self, run: &str) -> Self {
        Self { links: self.links.clone(), key: self.key.clone(), run: run.to_owned() }
    }

    pub(crate) fn path(&self, purpose: LinkPurpose, score: Option<u8>) -> String {
        let (shop, customer) = (self.key.shop.clone(), self.key.customer.clone());
        let claims = LinkClaims { shop, customer, message: self.message(), score };
        let page = match purpose {
            LinkPurpose::Unsubscribe => "u",
            LinkPurpose::Preferences => "p",
            LinkPurpose::Nps => "n",
            LinkPurpose::Confirm => "c",
        };
        format!("/{page}/{}", self.links.link_keys.seal(purpose, &claims, now()))
    }

    /// Stores the message that contains the links, as one sent on `channel`.
    pub(crate) async fn sent_by(&self, channel: Channel) {
        let message = json!({
            "id": self.message(), "journey": "nps", "run": "1", "step": "question", "channel": channel,
            "purpose": "survey", "template": "nps-question", "run_started_at": NOW, "planned_at": NOW,
            "created_at": NOW, "not_after": NOW, "because": "test", "state": "accepted", "revision": 1,
        });
        let message: Message = serde_json::from_value(message).expect("a message");
        let committed = self.links.store.commit(&self.customer().await, &[message], &[], now()).await;
        assert_eq!(committed.expect("an answer"), Guarded::Written);
    }

    /// Stores and applies a consent statement, made by the customer (`own`) or by the shop.
    pub(crate) async fn say(&self, channel: Channel, purpose: Option<Purpose>, granted: bool, own: bool) {
        let fact = self.statement(channel, purpose, granted, own).await;
        self.links.store.store_and_apply(&self.key, &[fact], now()).await.expect("applied");
    }

    /// Another id with the customer's address refused everything on a channel.
    pub(crate) async fn refuse_under_another_id(&self, channel: Channel) {
        let mut said = Permissions::default();
        said.apply_fact(&self.statement(channel, None, false, true).await);
        let profile = self.customer().await.folded.profile;
        let mailbox = self.links.link_keys.mailbox(&self.key.shop, &profile, channel).expect("an address");
        self.links.store.note_in_mailbox(&mailbox, &said).await.expect("noted");
    }

    async fn statement(&self, channel: Channel, purpose: Option<Purpose>, granted: bool, own: bool) -> Fact {
        let source = "test".to_owned();
        let event = Event::Consent(ConsentEvent { channel, purpose, granted, source, text_version: None, own });
        let at = self.customer().await.folded.next_statement_at(now());
        Fact { at, id: "c".to_owned(), event, traits: Traits::default() }
    }

    /// All facts of the customer.
    pub(crate) async fn facts(&self) -> Vec<Fact> {
        self.links.store.facts_of(&self.key).all().await.expect("read")
    }

    /// The customer's referral code.
    pub(crate) async fn code(&self) -> String {
        let codes = self.links.link_keys.referral_codes(&self.key.shop, &self.key.customer);
        self.links.store.referral_code(&self.key, codes).await.expect("asked").expect("a code")
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: &str) -> Response<Body> {
        self.call_with(method, path, body, &[]).await
    }

    pub(crate) async fn call_with(
        &self,
        method: Method,
        path: &str,
        body: &str,
        headers: &[(&'static str, &str)],
    ) -> Response<Body> {
        let (mut parts, body) = Request::new(Body::from(body)).into_parts();
        parts.method = method;
        parts.uri = path.parse().expect("a path");
        for (name, value) in headers {
            parts.headers.insert(*name, value.parse().expect("a header"));
        }
        handle(&self.links, Request::from_parts(parts, body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> String {
        html(self.call(Method::GET, path, "").await, 200)
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> String {
        html(self.call(Method::POST, path, body).await, 200)
    }

    pub(crate) async fn customer(&self) -> Customer {
        self.links.store.customer(&self.key).await.expect("read")
    }

    pub(crate) async fn allows(&self, channel: Channel, purpose: Purpose) -> bool {
        self.customer().await.folded.permissions.allow(&Policy::built_in().consent, channel, purpose)
    }
}

pub(crate) fn html(response: Response<Body>, status: u16) -> String {
    assert_eq!(response.status().as_u16(), status);
    String::from_utf8(response.into_body().to_vec()).expect("text")
}
