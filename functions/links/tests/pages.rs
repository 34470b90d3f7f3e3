//! The customers' pages, against the real engine.

use jiff::{SignedDuration, Timestamp};
use lambda_http::http::Method;
use lambda_http::{Body, Request, Response};
use links::{Links, handle};
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::contact::{EmailAddress, PhoneNumber};
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::fact::{ConsentEvent, Event, Fact, OrderEvent, OrderStatus, Traits};
use rekindle_lifecycle::id::{CustomerId, MessageId, OrderId, ShopId};
use rekindle_lifecycle::policy::Policy;
use rekindle_messaging::{KeyRing, LinkClaims, LinkPurpose};
use rekindle_platform::{AwsEndpoints, Clients, Clock};
use rekindle_store::shops::BRAND;
use rekindle_store::{CustomerKey, Guarded, Store, Tables};
use serde_json::json;
use std::sync::Arc;

const NOW: &str = "2026-03-02T12:00:00Z";

struct Shop {
    links: Links,
    key: CustomerKey,
}

/// A shop with one customer, who has an address, a number and an order.
async fn shop(language: &str) -> Shop {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("bound"));
    tokio::spawn(dynoxide::server::serve_on(listener, dynoxide::Database::memory().expect("a database")));
    let client = Clients::local(&AwsEndpoints { dynamodb: endpoint.clone(), services: endpoint }).dynamodb();
    let tables = Tables::with_prefix("test");
    tables.create_missing(&client).await.expect("tables");
    let store = Store::new(client, tables);
    let id = ShopId::parse("tea").expect("a shop id");
    let brand = json!({
        "name": "Tea & <Sons>", "sender_address": "hello@tea.example", "sender_name": "Tea",
        "postal_address": "1 Leaf Road, Bristol", "shop_url": "https://tea.example",
    });
    store.put_setting(&id, BRAND, &brand).await.expect("stored");
    let key = CustomerKey { shop: id, customer: CustomerId::parse("anna@example.com").expect("an id") };
    let traits = Traits {
        email: EmailAddress::parse("anna@example.com").ok(),
        phone: PhoneNumber::parse("+442071838750").ok(),
        language: Some(language.to_owned()),
        ..Traits::default()
    };
    let order_id = OrderId::parse("1").expect("an id");
    let event = Event::Order(OrderEvent {
        order_id,
        status: OrderStatus::Completed,
        amount: None,
        coupon: None,
        referral_code: None,
        ship_to: None,
    });
    let fact = Fact { at: now() - SignedDuration::from_hours(48), id: "1".to_owned(), event, traits };
    store.hear_at_once(&key, &[fact], now()).await.expect("heard");
    let ring = json!({ "current": 1, "keys": [{ "id": 1, "secret": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=" }] });
    let link_keys = Arc::new(KeyRing::parse(&ring.to_string()).expect("a ring"));
    let links_base_url = "https://l.example.com".to_owned();
    let links = Links { store, link_keys, links_base_url, clock: Clock::from_fn(now) };
    Shop { links, key }
}

fn now() -> Timestamp {
    NOW.parse().expect("an instant")
}

impl Shop {
    fn path(&self, purpose: LinkPurpose, score: Option<u8>) -> String {
        let message = MessageId::derive(&self.key.shop, &self.key.customer, "nps", "1", "question", "email");
        let claims = LinkClaims { shop: self.key.shop.clone(), customer: self.key.customer.clone(), message, score };
        let page = match purpose {
            LinkPurpose::Unsubscribe => "u",
            LinkPurpose::Preferences => "p",
            LinkPurpose::Nps => "n",
            LinkPurpose::Referral => "r",
            LinkPurpose::Confirm => "c",
        };
        format!("/{page}/{}", self.links.link_keys.seal(purpose, &claims, now()))
    }

    async fn call(&self, method: Method, path: &str, body: &str) -> Response<Body> {
        let request = Request::new(Body::from(body));
        let (mut parts, body) = request.into_parts();
        parts.method = method;
        parts.uri = path.parse().expect("a path");
        handle(&self.links, Request::from_parts(parts, body)).await
    }

    async fn get(&self, path: &str) -> String {
        html(self.call(Method::GET, path, "").await, 200)
    }

    async fn post(&self, path: &str, body: &str) -> String {
        html(self.call(Method::POST, path, body).await, 200)
    }

    async fn customer(&self) -> Customer {
        self.links.store.customer(&self.key).await.expect("read")
    }

    async fn allows(&self, channel: Channel, purpose: Purpose) -> bool {
        self.customer().await.folded.permissions.allow(&Policy::built_in().consent, channel, purpose)
    }
}

fn html(response: Response<Body>, status: u16) -> String {
    assert_eq!(response.status().as_u16(), status);
    String::from_utf8(response.into_body().to_vec()).expect("text")
}

#[tokio::test]
async fn looking_changes_nothing_however_often_scanners_follow_every_link() {
    let shop = shop("en").await;
    let before = shop.customer().await;
    for (purpose, score) in
        [(LinkPurpose::Unsubscribe, None), (LinkPurpose::Preferences, None), (LinkPurpose::Nps, Some(3))]
    {
        let path = shop.path(purpose, score);
        for method in [Method::GET, Method::HEAD, Method::GET] {
            let response = shop.call(method, &path, "").await;
            assert_eq!(response.status(), 200);
            assert!(response.headers().get("set-cookie").is_none());
            assert!(
                response.headers()["content-security-policy"]
                    .to_str()
                    .is_ok_and(|policy| policy.starts_with("default-src 'none'"))
            );
        }
    }
    assert_eq!(shop.customer().await, before);
}

#[tokio::test]
async fn one_click_unsubscribes_in_either_encoding_before_the_answer_is_given() {
    let bodies = [
        "List-Unsubscribe=One-Click",
        "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n",
        "",
    ];
    for body in bodies {
        let shop = shop("en").await;
        let page = shop.post(&shop.path(LinkPurpose::Unsubscribe, None), body).await;
        assert!(page.contains("You are unsubscribed"));
        for purpose in Purpose::ALL {
            assert!(!shop.allows(Channel::Email, purpose).await);
        }
    }
}

#[tokio::test]
async fn a_message_cannot_be_claimed_by_somebody_who_read_the_customer_before_they_unsubscribed() {
    let shop = shop("en").await;
    let read_before = shop.customer().await;
    shop.post(&shop.path(LinkPurpose::Unsubscribe, None), "").await;
    let committed = shop.links.store.commit(&read_before, &[], &[], now()).await.expect("an answer");
    assert_eq!(committed, Guarded::CustomerChanged);
    assert_eq!(shop.customer().await.due_at, Some(now()), "what follows is decided at once");
}

#[tokio::test]
async fn undo_gives_back_what_was_allowed_before_and_no_more() {
    let shop = shop("en").await;
    let refusal = ConsentEvent {
        channel: Channel::Email,
        purpose: Some(Purpose::Survey),
        granted: false,
        source: "test".to_owned(),
        text_version: None,
        own: true,
    };
    let fact = Fact { at: now(), id: "c".to_owned(), event: Event::Consent(refusal), traits: Traits::default() };
    shop.links.store.hear_at_once(&shop.key, &[fact], now()).await.expect("heard");
    let path = shop.path(LinkPurpose::Unsubscribe, None);
    let done = shop.post(&path, "").await;
    assert!(done.contains("value=\"marketing referral\""), "{done}");
    let undone = shop.post(&path, "act=undo&again=marketing+referral").await;
    assert!(undone.contains("You are back"));
    assert!(shop.allows(Channel::Email, Purpose::Marketing).await);
    assert!(shop.allows(Channel::Email, Purpose::Referral).await);
    assert!(!shop.allows(Channel::Email, Purpose::Survey).await);
}

#[tokio::test]
async fn preferences_store_what_differs_and_show_what_holds() {
    let shop = shop("en").await;
    let path = shop.path(LinkPurpose::Preferences, None);
    let shown = shop.get(&path).await;
    assert!(shown.contains("name=\"email-marketing\" checked") && shown.contains("name=\"sms-marketing\">"));
    let saved = shop
        .post(&path, "act=save&email-marketing=on&sms-survey=on&language=ru&time_zone=Europe%2FMoscow&pause=30")
        .await;
    assert!(saved.contains("lang=\"ru\"") && saved.contains("Сохранено"));
    let customer = shop.customer().await;
    assert!(shop.allows(Channel::Email, Purpose::Marketing).await && shop.allows(Channel::Sms, Purpose::Survey).await);
    assert!(
        !shop.allows(Channel::Email, Purpose::Survey).await && !shop.allows(Channel::Sms, Purpose::Marketing).await
    );
    assert_eq!(customer.folded.profile.time_zone.map(|said| said.value).as_deref(), Some("Europe/Moscow"));
    let paused = customer.folded.permissions.paused_until(now()).expect("a pause");
    assert_eq!(paused, now() + SignedDuration::from_hours(30 * 24));
    shop.post(&path, "act=save&email-marketing=on&sms-survey=on&pause=end").await;
    assert_eq!(shop.customer().await.folded.permissions.paused_until(now()), None);
}

#[tokio::test]
async fn a_time_zone_that_does_not_exist_is_explained_and_costs_no_other_choice() {
    let shop = shop("en").await;
    let page =
        shop.post(&shop.path(LinkPurpose::Preferences, None), "act=save&email-survey=on&time_zone=Mars%2FBase").await;
    assert!(page.contains("We don&#x27;t know that time zone") && page.contains("aria-invalid"), "{page}");
    assert!(!shop.allows(Channel::Email, Purpose::Marketing).await);
}

#[tokio::test]
async fn the_last_answer_to_the_question_counts_and_comes_back_harmless() {
    let shop = shop("en").await;
    let path = shop.path(LinkPurpose::Nps, Some(3));
    let shown = shop.get(&path).await;
    assert!(shown.contains("value=\"3\" checked") && shown.contains("Somebody may call"));
    assert_eq!(shop.customer().await.folded.nps, None, "provisional until posted");
    let thanks = shop.post(&path, "score=3&comment=%3Cscript%3E%7B%7B7*7%7D%7D&may_call=on").await;
    assert!(thanks.contains("&lt;script&gt;{{7*7}}") && thanks.contains("A person will read"));
    shop.post(&path, "score=9").await;
    assert_eq!(shop.customer().await.folded.nps.map(|said| said.value.score), Some(9));
    // A score that does not exist is the one of the link.
    shop.post(&path, "score=11").await;
    assert_eq!(shop.customer().await.folded.nps.map(|said| said.value.score), Some(3));
}

#[tokio::test]
async fn every_bad_link_gets_the_same_helpful_page() {
    let shop = shop("en").await;
    let good = shop.path(LinkPurpose::Unsubscribe, None);
    let foreign = good.replacen("/u/", "/p/", 1);
    let cut = good[..good.len() - 2].to_owned();
    let mut pages = Vec::new();
    for path in [foreign.as_str(), &cut, "/u/AAAA", "/u/", "/x/y", "/u/a/b"] {
        pages.push(html(shop.call(Method::GET, path, "").await, 404));
        pages.push(html(shop.call(Method::POST, path, "score=1").await, 404));
    }
    assert!(pages[0].contains("This link does not work") && pages[0].contains("Эта ссылка не работает"));
    assert!(pages.iter().all(|page| *page == pages[0]));
    assert_eq!(shop.call(Method::DELETE, &good, "").await.status(), 405);
    assert_eq!(shop.call(Method::POST, &good, &"x".repeat(70_000)).await.status(), 413);
    assert!(shop.allows(Channel::Email, Purpose::Marketing).await);
}

#[tokio::test]
async fn every_page_has_every_text_in_both_languages_and_escapes_the_shops_name() {
    for language in ["en", "ru", "de"] {
        let shop = shop(language).await;
        let expected = if language == "ru" { "lang=\"ru\"" } else { "lang=\"en\"" };
        let unsubscribe = shop.path(LinkPurpose::Unsubscribe, None);
        let pages = [
            shop.get(&unsubscribe).await,
            shop.post(&unsubscribe, "").await,
            shop.post(&unsubscribe, "act=undo&again=marketing").await,
            shop.get(&shop.path(LinkPurpose::Preferences, None)).await,
            shop.post(&shop.path(LinkPurpose::Preferences, None), "act=save&pause=90").await,
            shop.get(&shop.path(LinkPurpose::Nps, Some(0))).await,
            shop.post(&shop.path(LinkPurpose::Nps, Some(0)), "").await,
            shop.post(&shop.path(LinkPurpose::Nps, Some(8)), "").await,
            shop.post(&shop.path(LinkPurpose::Nps, Some(10)), "").await,
        ];
        for page in pages {
            assert!(page.contains(expected) && page.contains("Tea &amp; &lt;Sons&gt;"), "{page}");
        }
    }
}
