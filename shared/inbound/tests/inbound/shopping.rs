//! Events about products, carts and coupons, and events without a meaning of their own.

use crate::received;
use rekindle_inbound::{Parsed, parse};
use rekindle_lifecycle::facts::{Event, ShoppingAction, ShoppingEvent};
use serde_json::{Value, json};

fn parsed(name: &str, properties: Value, context: Value) -> Parsed {
    let mut event = json!({
        "type": "track", "anonymousId": "d1", "messageId": "m1", "event": name, "timestamp": "2026-11-22T11:00:00Z",
    });
    event["properties"] = properties;
    event["context"] = context;
    parse(&event, None, &received()).expect("accepted")
}

fn shopping(name: &str, properties: Value) -> ShoppingEvent {
    match parsed(name, properties, json!({})).fact.event {
        Event::Shopping(event) => event,
        other => panic!("{name} is {other:?}"),
    }
}

#[test]
fn what_customers_do_in_the_shop_is_a_kind_of_its_own_under_the_names_of_many_systems() {
    for (name, action) in [
        ("Product Viewed", ShoppingAction::ProductViewed),
        ("viewed product", ShoppingAction::ProductViewed),
        ("Product Clicked", ShoppingAction::ProductClicked),
        ("Product Added", ShoppingAction::ProductAdded),
        ("add_to_cart", ShoppingAction::ProductAdded),
        ("Product Removed", ShoppingAction::ProductRemoved),
        ("Product Shared", ShoppingAction::ProductShared),
        ("Product Reviewed", ShoppingAction::ProductReviewed),
        ("Product Added to Wishlist", ShoppingAction::WishlistAdded),
        ("Product Removed from Wishlist", ShoppingAction::WishlistRemoved),
        ("Cart Viewed", ShoppingAction::CartViewed),
        ("checkoutStarted", ShoppingAction::CheckoutStarted),
        ("Coupon Entered", ShoppingAction::CouponEntered),
        ("Coupon Applied", ShoppingAction::CouponApplied),
        ("Coupon Denied", ShoppingAction::CouponDenied),
        ("Coupon Removed", ShoppingAction::CouponRemoved),
    ] {
        assert_eq!(shopping(name, json!({"product_id": "p1"})).action, action, "{name}");
    }
}

#[test]
fn a_cart_keeps_its_key_products_value_and_the_way_back_to_it() {
    let cart = shopping(
        "Checkout Started",
        json!({
            "order_id": "o1", "checkout_id": "c7", "value": 20, "currency": "EUR", "coupon": "TEA", "checkout_url": "https://shop.example/c7",
            "products": [{"product_id": "p1", "price": 10, "quantity": 2}], "affiliation": "web", "note": null,
        }),
    );
    assert_eq!(cart.cart.as_deref(), Some("c7"), "the cart's id comes first, then the checkout's, then the order's");
    assert_eq!(cart.value.map(|value| value.to_string()).as_deref(), Some("20.00 EUR"));
    assert_eq!(cart.lines.kept.len(), 1);
    assert_eq!((cart.coupon.as_deref(), cart.link.as_deref()), (Some("TEA"), Some("https://shop.example/c7")));
    assert_eq!(Value::Object(cart.properties), json!({"order_id": "o1", "affiliation": "web"}));
    let viewed = shopping(
        "Product Viewed",
        json!({"sku": "S", "name": "Tea", "price": 12.5, "currency": "EUR", "url": "https://shop.example/tea"}),
    );
    let line = &viewed.lines.kept[0];
    assert_eq!((line.product.as_deref(), line.name.as_deref(), line.unit_price), (Some("S"), Some("Tea"), Some(1_250)));
    assert_eq!(
        (viewed.currency().map(|currency| currency.to_string()), viewed.link.as_deref()),
        (Some("EUR".to_owned()), Some("https://shop.example/tea"))
    );
}

#[test]
fn a_program_that_says_so_is_no_visitor() {
    let by_program =
        |agent: &str| match parsed("Product Viewed", json!({"product_id": "p1"}), json!({"userAgent": agent}))
            .fact
            .event
        {
            Event::Shopping(event) => event.by_program,
            other => panic!("{other:?}"),
        };
    assert!(by_program("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"));
    assert!(by_program("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/120.0"));
    assert!(!by_program("Mozilla/5.0 (Linux; Android 14; Cubot X70) Chrome/120.0 Mobile"));
}

#[test]
fn any_other_event_keeps_what_it_says_within_bounds_and_how_it_happened() {
    let context = json!({
        "page": {"url": "https://shop.example/?utm_source=news&utm_campaign=spring+sale", "title": "Home", "referrer": "https://example.com"},
        "locale": "en-GB", "device": {"type": "mobile", "id": "secret"}, "userAgent": "x",
    });
    let Parsed { fact, warnings, .. } = parsed(
        "Quiz Answered",
        json!({"score": 7, "none": null, "tags": ["a", null], "deep": {"x": null, "y": 1.5}}),
        context,
    );
    let Event::Other(event) = &fact.event else { panic!("{:?}", fact.event) };
    assert_eq!(Value::Object(event.properties.clone()), json!({"score": 7, "tags": ["a", null], "deep": {"y": 1.5}}));
    let stored = serde_json::to_value(&event.context).expect("JSON");
    assert_eq!(
        stored,
        json!({
            "u": "https://shop.example/?utm_source=news&utm_campaign=spring+sale", "t": "Home", "r": "https://example.com",
            "c": {"s": "news", "n": "spring sale"}, "l": "en-GB", "d": "mobile",
        })
    );
    assert_eq!(warnings.len(), 0, "{warnings:?}");
}

#[test]
fn properties_beyond_the_bound_are_cut_alike_each_time_and_named() {
    let mut properties = json!({"small": 1, "text": "x".repeat(2_000), "list": vec![7; 100]});
    for number in 0..10 {
        properties[format!("p{number}")] = json!("y".repeat(600 + number));
    }
    let cut = || {
        let Parsed { fact, warnings, .. } = parsed("Quiz Answered", properties.clone(), json!({}));
        (fact, warnings)
    };
    let (fact, warnings) = cut();
    assert_eq!(cut().0, fact);
    let Event::Other(event) = &fact.event else { panic!("{:?}", fact.event) };
    let length = serde_json::to_string(&event.properties).expect("JSON").len();
    assert!((3_000..=4_096).contains(&length), "{length}");
    assert_eq!(event.properties["small"], 1);
    let named = |field: &str| warnings.iter().any(|warning| warning.field == field);
    assert!(named("properties.text") && named("properties.list") && named("properties.p9"), "{warnings:?}");
    assert!(!named("properties.small") && !fact.traits.left_out.is_empty());
    let read = rekindle_lifecycle::facts::Fact::parse(&fact.to_json(), Some(fact.class().code())).expect("a fact");
    assert_eq!((read.to_json(), &read), (fact.to_json(), &fact));
}
