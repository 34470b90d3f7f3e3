//! The repository's own deliveries.

use crate::support::{assert_members, events, own, read_with, shopify, woocommerce, woocommerce_with};
use rekindle_connectors::{Availability, ConsentChannel, ConsentField, Outcome, Settings};
use serde_json::{Value, json};

#[test]
fn an_order_of_shopify_keeps_long_ids_and_its_own_time() {
    let reading = shopify("orders/paid", &own("shopify/orders-paid.json"));
    assert_eq!(reading.warnings, []);
    let [order] = events(&reading) else { panic!("one event: {reading:?}") };
    assert_members(
        order,
        &[
            ("/event", json!("Order Completed")),
            ("/userId", json!("7300000000000000001")),
            ("/timestamp", json!("2026-03-02T08:00:05Z")),
            ("/context/traits/email", json!("anna@example.com")),
            ("/context/traits/address/country", json!("DE")),
            ("/context/campaign", json!({ "source": "newsletter", "medium": "email", "name": "spring" })),
            ("/context/page", json!({ "path": "/collections/tea", "referrer": "https://search.example/" })),
            ("/properties/order_id", json!("5500000000000000123")),
            ("/properties/ordered_at", json!("2026-03-01T11:00:00Z")),
            ("/properties/total", json!("38.30")),
            ("/properties/discount", json!("3.50")),
            ("/properties/coupon", json!("SPRING")),
            ("/properties/referral_code", json!("7KQ2MX4H")),
            (
                "/properties/products",
                json!([
                    {
                        "product_id": "9007199254740995", "variant_id": "9007199254740997", "sku": "ASSAM-250", "name": "Assam",
                        "variant": "250 g", "brand": "Teehaus", "quantity": "2", "price": "8.95", "discount": "1.90"
                    },
                    {
                        "product_id": "11", "variant_id": "12", "name": "Voucher", "category": "gift card", "brand": "Teehaus",
                        "quantity": "1", "price": "20.00", "discount": "1.60"
                    },
                    { "name": "Wrapping", "quantity": "1", "price": "0.00" },
                ]),
            ),
        ],
    );
}

#[test]
fn a_refund_of_shopify_is_converted_and_pending_money_is_not_back_yet() {
    let reading = shopify("refunds/create", &own("shopify/refunds-create.json"));
    assert_members(
        &events(&reading)[0],
        &[
            ("/properties/order_id", json!("5500000000000000123")),
            ("/properties/total", json!("8.00")),
            ("/properties/currency", json!("EUR")),
            ("/timestamp", json!("2026-03-05T09:00:01Z")),
        ],
    );
    // The order's own quotient, where the refund has no amounts in both currencies.
    let mut order: Value = serde_json::from_slice(&own("shopify/orders-paid.json")).unwrap();
    order["presentment_currency"] = json!("USD");
    order["total_price_set"]["presentment_money"] = json!({ "amount": "45.96", "currency_code": "USD" });
    let refund = json!({ "id": 3, "processed_at": "2026-03-05T09:00:01Z", "transactions": [{ "kind": "refund", "status": "success", "amount": "6.00" }] });
    order["refunds"] = json!([refund]);
    let reading = shopify("orders/updated", order.to_string().as_bytes());
    assert_members(
        &events(&reading)[1],
        &[("/properties/total", json!("5.00")), ("/properties/currency", json!("EUR"))],
    );
    // Of another currency nothing tells the worth: it stays what it is, and is said.
    order["refunds"][0]["transactions"][0]["currency"] = json!("GBP");
    let reading = shopify("orders/updated", order.to_string().as_bytes());
    assert_members(
        &events(&reading)[1],
        &[("/properties/total", json!("6.00")), ("/properties/currency", json!("GBP"))],
    );
    assert_eq!(reading.warnings.len(), 1);
    // An amount that cannot be read is no refund of everything.
    order["refunds"][0]["transactions"][0]["amount"] = json!("six");
    let reading = shopify("orders/updated", order.to_string().as_bytes());
    assert_eq!(events(&reading).len(), 1);
    assert!(!reading.warnings.is_empty());
}

#[test]
fn statuses_of_shopify_say_whether_an_order_is_paid() {
    let with = |status: Value| {
        let mut order: Value = serde_json::from_slice(&own("shopify/orders-paid.json")).unwrap();
        order["financial_status"] = status;
        let reading = shopify("orders/updated", order.to_string().as_bytes());
        (events(&reading)[0]["event"].as_str().unwrap().to_owned(), reading.warnings.len())
    };
    for (status, event, warnings) in [
        (json!("paid"), "Order Updated", 0),
        (json!("PARTIALLY_REFUNDED"), "Order Updated", 0),
        (json!("refunded"), "Order Updated", 0),
        (json!("pending"), "Order Placed", 0),
        (json!("authorized"), "Order Placed", 0),
        (json!("partially_paid"), "Order Placed", 0),
        (json!("expired"), "Order Placed", 0),
        (json!("voided"), "Order Cancelled", 0),
        (json!(null), "Order Placed", 1),
        (json!("something_new"), "Order Placed", 1),
    ] {
        assert_eq!(with(status.clone()), (event.to_owned(), warnings), "{status}");
    }
}

#[test]
fn a_consent_and_a_product_of_shopify() {
    let reading = shopify("customers_email_marketing_consent/update", &own("shopify/customers-email-consent.json"));
    assert_members(
        &events(&reading)[0],
        &[
            ("/userId", json!("7300000000000000001")),
            ("/timestamp", json!("2026-03-01T11:05:00Z")),
            ("/traits/email_marketing_consent/state", json!("subscribed")),
            ("/traits/email_marketing_consent/opt_in_level", json!("confirmed_opt_in")),
        ],
    );
    let settings = Settings { storefront: Some("https://tee.example/".into()), ..Settings::default() };
    let body = own("shopify/products-update.json");
    let reading = read_with("shopify", &[("X-Shopify-Topic", "products/update")], &body, &settings);
    let Outcome::Products(products) = &reading.outcome else { panic!("a product: {reading:?}") };
    let product = &products[0];
    assert_eq!(product.url.as_deref(), Some("https://tee.example/products/assam"));
    assert_eq!(product.availability, Availability::InStock, "one of its variants is");
    let [small, large] = product.variants.as_slice() else { panic!("two variants") };
    assert_eq!((small.price.as_deref(), small.sale_price.as_deref()), (Some("9.95"), Some("8.95")));
    assert_eq!((small.stock, small.availability), (Some(0), Availability::OutOfStock));
    assert_eq!((large.stock, large.availability), (None, Availability::InStock), "not counted");
    assert_eq!((small.is_sold_without_stock, large.is_sold_without_stock), (false, true));
    let mut hidden: Value = serde_json::from_slice(&body).unwrap();
    hidden["published_at"] = Value::Null;
    hidden["variant_gids"] = json!([{}, {}, {}]);
    let Outcome::Products(products) = shopify("products/update", hidden.to_string().as_bytes()).outcome else {
        panic!("a product")
    };
    assert_eq!((products[0].availability, products[0].has_all_variants), (Availability::Hidden, false));
}

#[test]
fn a_stock_level_of_shopify_names_an_inventory_item_that_its_product_names_too() {
    let level = own("shopify/inventory-levels-update.json");
    let Outcome::Stock(levels) = shopify("inventory_levels/update", &level).outcome else { panic!("a level") };
    let product = own("shopify/products-update.json");
    let Outcome::Products(products) = shopify("products/update", &product).outcome else { panic!("a product") };
    assert_eq!(products[0].variants[0].inventory_item_id.as_deref(), Some(levels[0].inventory_item_id.as_str()));
    assert_eq!((levels[0].location_id.as_deref(), levels[0].available), (Some("53716844710"), Some(3)));
    assert_eq!(levels[0].updated_at.map(|at| at.to_string()).as_deref(), Some("2026-03-01T08:10:00Z"));
    // A place that has it no more reports no number.
    let gone = br#"{"inventory_item_id":9007199254741001,"location_id":53716844710}"#;
    let Outcome::Stock(levels) = shopify("inventory_levels/disconnect", gone).outcome else { panic!("a level") };
    assert_eq!(levels[0].available, Some(0));
    let Outcome::Stock(levels) = shopify("inventory_levels/connect", gone).outcome else { panic!("a level") };
    assert_eq!(levels[0].available, None, "it is not counted there yet");
}

#[test]
fn a_variant_of_shopify_that_is_sold_on_without_stock_is_in_stock() {
    let mut product: Value = serde_json::from_slice(&own("shopify/products-update.json")).unwrap();
    for (policy, count, is_sold_on, availability) in [
        ("continue", -3, true, Availability::InStock),
        ("continue", 0, true, Availability::InStock),
        ("deny", -3, false, Availability::OutOfStock),
        ("deny", 1, false, Availability::InStock),
    ] {
        product["variants"][0]["inventory_policy"] = json!(policy);
        product["variants"][0]["inventory_quantity"] = json!(count);
        let Outcome::Products(products) = shopify("products/update", product.to_string().as_bytes()).outcome else {
            panic!("a product")
        };
        let variant = &products[0].variants[0];
        assert_eq!(
            (variant.is_sold_without_stock, variant.availability),
            (is_sold_on, availability),
            "{policy} {count}"
        );
    }
}

#[test]
fn an_order_of_woocommerce_with_a_plug_ins_consent() {
    let consent_fields = vec![ConsentField {
        key: "newsletter_box".into(),
        yes: vec!["1".into(), "yes".into()],
        channel: ConsentChannel::Email,
    }];
    let settings = Settings { consent_fields, ..Settings::default() };
    let reading = woocommerce_with("order.updated", &own("woocommerce/order-updated.json"), &settings);
    let [order, refund, consent] = events(&reading) else { panic!("three events: {reading:?}") };
    assert_members(
        order,
        &[
            ("/userId", Value::Null),
            ("/context/traits/email", json!("bo@example.com")),
            ("/context/traits/phone", json!("+4915550000002")),
            ("/context/locale", json!("de")),
            ("/context/device/type", json!("desktop")),
            ("/properties/order_number", json!("2026-41")),
            ("/properties/coupon", json!("spring,friend")),
            ("/properties/products/0/name", json!("Assam & Ceylon")),
            ("/properties/products/0/variant", json!("250 g")),
            ("/properties/products/0/price", json!("8.33")),
            ("/properties/products/0/discount", json!("1.00")),
        ],
    );
    assert_members(refund, &[("/properties/total", json!("4.50")), ("/context/traits/email", json!("bo@example.com"))]);
    assert_members(
        consent,
        &[("/traits/email", json!("bo@example.com")), ("/traits/email_marketing_consent/state", json!("subscribed"))],
    );
    assert!(matches!(woocommerce("order.updated", &own("woocommerce/error.json")).outcome, Outcome::Refused(_)));
}

#[test]
fn a_session_of_stripe_and_its_refund_are_one_order() {
    let session = read_with("stripe", &[], &own("stripe/checkout-session-completed.json"), &Settings::default());
    let refund = read_with("stripe", &[], &own("stripe/charge-refunded.json"), &Settings::default());
    let [order, consent] = events(&session) else { panic!("an order and a consent: {session:?}") };
    assert_members(
        order,
        &[
            ("/event", json!("Order Completed")),
            ("/properties/total", json!("25.90")),
            ("/context/locale", json!("de")),
        ],
    );
    assert_members(consent, &[("/traits/email_marketing_consent/state", json!("subscribed"))]);
    assert_members(
        &events(&refund)[0],
        &[("/properties/total", json!("5.90")), ("/context/traits/email", json!("cy@example.com"))],
    );
    assert_eq!(order["properties"]["order_id"], events(&refund)[0]["properties"]["order_id"]);
}

#[test]
fn orders_of_hundreds_of_lines_keep_their_totals_and_first_lines() {
    let mut order: Value = serde_json::from_slice(&own("shopify/orders-paid.json")).unwrap();
    let line = order["line_items"][0].clone();
    order["line_items"] = json!(vec![line; 400]);
    let reading = shopify("orders/paid", order.to_string().as_bytes());
    let event = &events(&reading)[0];
    assert!(event.to_string().len() <= 30_000);
    assert_eq!(event["properties"]["total"], "38.30");
    assert!(event["properties"]["products"].as_array().unwrap().len() > 50);
    assert!(reading.warnings[0].reason.contains("has 400 lines"), "{:?}", reading.warnings);
}

#[test]
fn what_is_no_json_or_too_large_or_too_deep_is_refused_by_name() {
    for body in [&b"<xml/>"[..], b"", b"{\"id\":", b"\xff\xfe"] {
        let Outcome::Refused(error) = shopify("orders/create", body).outcome else { panic!("{body:?}") };
        assert!(error.reason.contains("is not JSON"), "{error}");
    }
    let large = format!("{{\"note\":\"{}\"}}", "x".repeat(1_048_577));
    assert!(matches!(shopify("orders/create", large.as_bytes()).outcome, Outcome::Refused(_)));
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    assert!(matches!(shopify("orders/create", deep.as_bytes()).outcome, Outcome::Refused(_)));
}
