//! Customers, what they agreed to, and requests about their data.

use crate::support::{assert_members, events, kept, read_with, shopify};
use rekindle_connectors::{Outcome, PersonRequestKind, Settings, ShopRequest};
use serde_json::{Value, json};

#[test]
fn consent_is_what_the_customer_answered_and_never_having_been_asked_is_none() {
    let (Some(not_asked), Some(subscribed), Some(texts)) = (
        kept("shopify/customers_email_marketing_consent-update.connector-test-2026-09.json"),
        kept("shopify/customers_email_marketing_consent-update.example-subscribed.json"),
        kept("shopify/customers_marketing_consent-update.connector-test-2026-09.json"),
    ) else {
        return;
    };
    assert!(matches!(shopify("customers_email_marketing_consent/update", &not_asked).outcome, Outcome::Ignored(_)));
    assert!(matches!(shopify("customers_marketing_consent/update", &texts).outcome, Outcome::Ignored(_)));
    let reading = shopify("customers_email_marketing_consent/update", &subscribed);
    let [event] = events(&reading) else { panic!("one event") };
    assert_members(
        event,
        &[
            ("/type", json!("identify")),
            ("/userId", json!("9641389523115")),
            ("/timestamp", json!("2026-09-27T21:12:11Z")),
            ("/traits/email", json!("ada.testcustomer@example.com")),
            (
                "/traits/email_marketing_consent",
                json!({
                    "state": "subscribed", "opt_in_level": "single_opt_in", "consent_updated_at": "2026-09-27T21:12:11Z",
                    "source": "shopify"
                }),
            ),
        ],
    );
    for (state, kept) in
        [("unsubscribed", true), ("PENDING", true), ("redacted", true), ("invalid", true), ("NOT_SUBSCRIBED", false)]
    {
        let mut body: Value = serde_json::from_slice(&texts).unwrap();
        body["sms_marketing_consent"]["state"] = json!(state);
        let reading = shopify("customers_marketing_consent/update", body.to_string().as_bytes());
        assert_eq!(matches!(reading.outcome, Outcome::Events(_)), kept, "{state}");
        if kept {
            let wanted = json!(state.to_lowercase());
            assert_members(
                &events(&reading)[0],
                &[("/traits/sms_marketing_consent/state", wanted), ("/userId", json!("9641389523115"))],
            );
        }
    }
}

#[test]
fn customers_are_identified_and_their_old_consents_read() {
    let (Some(old), Some(rest)) = (
        kept("shopify/customers-create.captured-2021-12-old-consent.json"),
        kept("shopify/rest-customer.documented-2026-07.json"),
    ) else {
        return;
    };
    let reading = shopify("customers/create", &old);
    let [event] = events(&reading) else { panic!("no consent is said: {reading:?}") };
    assert_members(
        event,
        &[
            ("/type", json!("identify")),
            ("/userId", json!("5747017285820")),
            ("/timestamp", json!("2021-12-29T09:45:20Z")),
            ("/traits/email", json!("cy@example.com")),
            ("/traits/phone", json!("+15555550178")),
            ("/traits/firstName", json!("Fay")),
            ("/traits/address/country", json!("IN")),
        ],
    );
    let mut accepted: Value = serde_json::from_slice(&old).unwrap();
    accepted["accepts_marketing"] = json!(true);
    let reading = shopify("customers/update", accepted.to_string().as_bytes());
    assert_members(&events(&reading)[1], &[("/traits/email_marketing_consent/state", json!("subscribed"))]);
    let reading = shopify("customers/update", &rest);
    let [event] = events(&reading) else { panic!("no consent is said: {reading:?}") };
    assert_members(event, &[("/userId", json!("1073339462")), ("/traits/lastName", json!("Muster"))]);
    let Some(deleted) = kept("shopify/customers-delete.documented.json") else { return };
    assert!(matches!(shopify("customers/delete", &deleted).outcome, Outcome::Ignored(_)));
}

#[test]
fn tags_and_totals_of_customers() {
    let (Some(tags), Some(totals)) = (
        kept("shopify/customer.tags_added.connector-test-2026-09.json"),
        kept("shopify/customers-purchasing_summary.connector-test-2026-09.json"),
    ) else {
        return;
    };
    let reading = shopify("customer.tags_added", &tags);
    assert_members(
        &events(&reading)[0],
        &[
            ("/event", json!("Customer Tags Added")),
            ("/userId", json!("9641389523115")),
            ("/timestamp", json!("2026-09-28T00:01:00Z")),
            ("/properties/tags", json!(["repeat"])),
        ],
    );
    assert!(matches!(shopify("customers/purchasing_summary", &totals).outcome, Outcome::Ignored(_)));
}

#[test]
fn requests_about_data_name_the_person_and_the_orders() {
    let (Some(copy), Some(erasure), Some(shop)) = (
        kept("shopify/customers-data_request.documented.json"),
        kept("shopify/customers-redact.documented.json"),
        kept("shopify/shop-redact.documented.json"),
    ) else {
        return;
    };
    for (topic, body, kind) in [
        ("customers/data_request", copy, PersonRequestKind::Copy),
        ("customers/redact", erasure, PersonRequestKind::Erasure),
    ] {
        let Outcome::Person(request) = shopify(topic, &body).outcome else { panic!("a request") };
        assert_eq!(request.kind, kind);
        assert_eq!(request.customer_id.as_deref(), Some("191167"));
        assert_eq!(request.email.as_deref(), Some("anna@example.com"));
        assert_eq!(request.orders, ["299938", "280263", "220458"]);
    }
    assert_eq!(shopify("shop/redact", &shop).outcome, Outcome::Shop(ShopRequest::Erasure));
    assert_eq!(shopify("app/uninstalled", &shop).outcome, Outcome::Shop(ShopRequest::Disconnected));
}

#[test]
fn the_box_at_the_checkout_is_a_consent_only_if_the_shop_says_so() {
    let Some(body) = kept("shopify/orders-create.captured-2026-02-full.json") else { return };
    let mut order: Value = serde_json::from_slice(&body).unwrap();
    order["buyer_accepts_marketing"] = json!(true);
    let body = order.to_string();
    assert_eq!(events(&shopify("orders/create", body.as_bytes())).len(), 1);
    let settings = Settings { checkout_box_is_consent: true, ..Settings::default() };
    let reading = read_with("shopify", &[("X-Shopify-Topic", "orders/create")], body.as_bytes(), &settings);
    assert_members(&events(&reading)[1], &[("/traits/email_marketing_consent/state", json!("subscribed"))]);
    order["source_name"] = json!("shopify_draft_order");
    let reading =
        read_with("shopify", &[("X-Shopify-Topic", "orders/create")], order.to_string().as_bytes(), &settings);
    assert_eq!(events(&reading).len(), 1, "staff made this order");
}
