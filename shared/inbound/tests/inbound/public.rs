//! Events that came with a public key: those of a device, whatever else they say.

use crate::received;
use rekindle_inbound::{Fields, Kind, Parsed, Received, Rejection, RejectionKind, Whose, parse, parse_public};
use rekindle_lifecycle::facts::{Event, ReactionKind, ShoppingAction, ShoppingEvent, Traits};
use serde_json::{Value, json};

/// Anna, as an event may name her: none of it may be stored.
const ANNA: [&str; 6] = ["anna", "442071838750", "Miller", "42-a", "vip", "marketing"];

fn event(of: &Value) -> Value {
    let mut whole = json!({
        "anonymousId": "device-1", "userId": "42-a", "messageId": "m1", "timestamp": "2026-11-22T11:00:00Z",
        "traits": { "email": "anna@example.com", "email_marketing_consent": true, "plan": "vip" },
        "context": {
            "traits": { "phone": "+442071838750", "lastName": "Miller" },
            "page": { "url": "https://shop.example/tea?email=anna@example.com&utm_source=anna%40x&utm_campaign=spring",
                      "referrer": "https://mail.example/anna?x", "title": "Hello Anna" },
            "locale": "en-GB", "email": "anna@example.com",
        },
        "consent": { "marketing": true }, "accepts_marketing": true,
    });
    let fields = of.as_object().cloned().expect("an object");
    whole.as_object_mut().expect("an object").extend(fields);
    whole
}

fn read(of: &Value) -> Result<Parsed, Rejection> {
    parse_public(&event(of), None, &received())
}

#[test]
fn whatever_an_event_says_of_a_person_is_left_out_and_it_is_the_devices() {
    for of in [
        json!({ "type": "identify" }),
        json!({ "type": "page", "properties": { "url": "https://shop.example/tea", "email": "anna@example.com" } }),
        json!({ "type": "screen", "name": "Home" }),
        json!({ "type": "group", "groupId": "vip" }),
        json!({ "type": "track", "event": "Signed Up", "properties": { "email": "anna@example.com" } }),
        json!({ "type": "track", "event": "anna@example.com", "properties": {} }),
        json!({ "type": "track", "event": "Call +442071838750" }),
        json!({ "type": "track", "event": "Product Added", "properties": {
            "product_id": "p1", "price": 4, "email": "anna@example.com", "checkout_url": "https://evil.example",
            "note": "for Anna Miller", "marketing": true } }),
    ] {
        let Parsed { whose, fact, of_others, warnings } = read(&of).expect("accepted");
        let Whose::Id(id) = whose else { panic!("{of}: a guest") };
        assert_eq!((id.as_str(), of_others.len()), ("anonymous:device-1", 0), "{of}");
        let mut traits = fact.traits.clone();
        assert_eq!(traits.device.take().as_deref(), Some("device-1"), "{of}");
        assert_eq!(traits, Traits::default(), "{of}");
        let stored = serde_json::to_string(&fact).expect("JSON");
        let found: Vec<_> = ANNA.iter().filter(|mark| stored.to_lowercase().contains(&mark.to_lowercase())).collect();
        assert!(found.is_empty() && !stored.contains("evil"), "{of}: {found:?} in {stored}");
        assert!(warnings.iter().any(|warning| warning.field == "userId"), "{of}: {warnings:?}");
    }
}

#[test]
fn visits_and_carts_are_what_they_are_with_any_key() {
    let visit = read(&json!({ "type": "page" })).expect("accepted").fact;
    assert!(matches!(visit.event, Event::Reaction(ref reaction) if reaction.how == ReactionKind::Visit));
    let cart = json!({ "type": "track", "event": "Checkout Started", "properties": {
        "checkout_id": "c7", "value": 20, "currency": "EUR", "coupon": "TEA",
        "products": [{ "product_id": "p1", "name": "Assam", "price": 10, "quantity": 2, "note": "anna" }] } });
    let Event::Shopping(public) = read(&cart).expect("accepted").fact.event else { panic!("no cart") };
    let Event::Shopping(secret) = parse(&event(&cart), None, &received()).expect("accepted").fact.event else {
        panic!("no cart")
    };
    assert_eq!(public.action, ShoppingAction::CheckoutStarted);
    // What anybody can send teaches the shop's catalogue nothing.
    assert!(public.is_public && !secret.is_public);
    let read_of = |cart: ShoppingEvent| (cart.cart, cart.value, cart.coupon, cart.lines);
    assert_eq!(public.context.campaign.name.as_deref(), Some("spring"));
    assert_eq!(public.context.page.as_deref(), Some("https://shop.example/tea?utm_campaign=spring"));
    assert_eq!(read_of(public), read_of(secret));
    let invited = json!({ "type": "page", "properties": { "url": "https://shop.example/?referral_code=7KQ2MX4H" } });
    let with_secret = parse(&event(&invited), None, &received()).expect("accepted").fact.event;
    assert_eq!(read(&invited).expect("accepted").fact.event, with_secret);
}

#[test]
fn what_moves_money_or_joins_people_is_refused_by_name() {
    let refusal = |of: Value| read(&of).expect_err("refused");
    for name in ["Order Completed", "orderCompleted", "Order Refunded", "Order Cancelled", "Placed Order", "purchase"] {
        let order =
            refusal(json!({ "type": "track", "event": name, "properties": { "order_id": "anna", "total": 5 } }));
        assert_eq!((order.field.as_str(), order.kind), ("event", RejectionKind::NotAllowed), "{name}");
        assert!(order.reason.contains("an order; a public key"), "{}", order.reason);
    }
    let alias = refusal(json!({ "type": "alias", "previousId": "device-1" }));
    assert_eq!((alias.field.as_str(), alias.kind), ("type", RejectionKind::NotAllowed));
    let by_path = parse_public(&event(&json!({})), Some(Kind::Alias), &received()).expect_err("refused");
    assert_eq!(by_path.kind, RejectionKind::NotAllowed);
    let nameless = refusal(json!({ "type": "page", "anonymousId": null }));
    assert_eq!((nameless.field.as_str(), nameless.kind), ("anonymousId", RejectionKind::Missing));
    let long = refusal(json!({ "type": "page", "extra": "x".repeat(40_000) }));
    assert_eq!(long.kind, RejectionKind::TooLarge);
}

#[test]
fn the_context_of_a_batch_names_nobody_either() {
    let context =
        json!({ "traits": { "email": "anna@example.com" }, "page": { "url": "https://shop.example/?name=anna" } });
    let context = Fields::from_value(&context, "context").expect("an object");
    let page = json!({ "type": "page", "anonymousId": "device-1", "timestamp": "2026-11-22T11:00:00Z" });
    let parsed = parse_public(&page, None, &Received { context, ..received() }).expect("accepted");
    assert!(!serde_json::to_string(&parsed.fact).expect("JSON").contains("anna"));
    assert_eq!(parsed.warnings.iter().filter(|warning| warning.field == "traits").count(), 1);
}
