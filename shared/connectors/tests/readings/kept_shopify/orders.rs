//! Orders and refunds.

use crate::support::{assert_members, events, kept, read_with, shopify};
use rekindle_connectors::{Outcome, Owner, Settings, owner};
use serde_json::{Value, json};

#[test]
fn a_paid_order_has_its_lines_its_campaign_and_its_own_time() {
    let Some(body) = kept("shopify/orders-create.captured-2026-02-full.json") else { return };
    let reading = shopify("orders/create", &body);
    assert_eq!(reading.delivery_id.as_deref(), Some("orders/create:event-1"));
    assert_eq!(reading.version, "2026-02-04T04:25:53Z".parse().ok());
    assert_eq!(reading.warnings, []);
    let [order] = events(&reading) else { panic!("one event: {reading:?}") };
    assert_members(
        order,
        &[
            ("/type", json!("track")),
            ("/event", json!("Order Completed")),
            ("/messageId", json!("shopify:order:7024924328248:order-completed:2026-02-04T04:25:53Z")),
            ("/timestamp", json!("2026-02-04T04:25:53Z")),
            ("/userId", json!("9974938960184")),
            ("/anonymousId", json!("shopify-cart-hWN8NkuA21j8PnBupCD0aVaG")),
            ("/context/traits/email", json!("anna@example.com")),
            ("/context/traits/firstName", json!("Anna")),
            ("/context/traits/address/country", json!("AU")),
            ("/context/locale", json!("en")),
            ("/context/campaign/source", json!("facebook")),
            ("/context/campaign/medium", json!("paid")),
            ("/context/campaign/name", json!("120226231661240097")),
            ("/context/page/path", json!("/products/example-rail-shower")),
            ("/context/page/referrer", json!("http://m.facebook.com")),
            ("/properties/order_id", json!("7024924328248")),
            ("/properties/order_number", json!("#EX1952")),
            ("/properties/ordered_at", json!("2026-02-04T04:25:46Z")),
            ("/properties/total", json!("90.16")),
            ("/properties/currency", json!("AUD")),
            ("/properties/subtotal", json!("90.16")),
            ("/properties/shipping", json!("0.00")),
            ("/properties/tax", json!("8.20")),
            ("/properties/discount", json!("0.00")),
            ("/properties/coupon", Value::Null),
            ("/properties/checkout_id", json!("13a6ec8e2cdb041955d695f61c9c62b5")),
            (
                "/properties/products",
                json!([{
                    "product_id": "9378819014968", "variant_id": "48737066975544", "sku": "82804GM",
                    "name": "Single Robe Hook - Gunmetal", "brand": "Example", "quantity": "2", "price": "45.08"
                }]),
            ),
        ],
    );
    assert!(!order.to_string().contains("203.0.113.7"), "no address of a computer");
    assert!(!order.to_string().contains("fbclid"), "no ids of clicks");
}

#[test]
fn trimmed_orders_without_a_status_are_paid_if_nothing_is_owed_or_the_topic_says_so() {
    let (Some(created), Some(paid), Some(updated)) = (
        kept("shopify/orders-create.captured-2024-11-trimmed.json"),
        kept("shopify/orders-paid.captured-2024-11-trimmed.json"),
        kept("shopify/orders-updated.captured-2024-11-trimmed.json"),
    ) else {
        return;
    };
    let created = shopify("orders/create", &created);
    assert_members(
        &events(&created)[0],
        &[
            ("/event", json!("Order Completed")),
            ("/properties/total", json!("600.00")),
            ("/properties/currency", json!("USD")),
        ],
    );
    let paid = shopify("orders/paid", &paid);
    let [event] = events(&paid) else { panic!("not_subscribed in the customer is no consent: {paid:?}") };
    assert_members(
        event,
        &[
            ("/event", json!("Order Completed")),
            ("/userId", json!("7358220173425")),
            ("/properties/order_id", json!("5778367414385")),
            ("/properties/ordered_at", json!("2024-11-06T02:54:48Z")),
            ("/properties/products/0/price", json!("600.00")),
            ("/properties/products/0/product_id", json!("7234590408817")),
            ("/properties/products/0/sku", Value::Null),
        ],
    );
    let updated = shopify("orders/updated", &updated);
    assert_members(&events(&updated)[0], &[("/event", json!("Order Placed")), ("/properties/total", json!("600.00"))]);
    assert!(updated.warnings.iter().any(|warning| warning.field == "financial_status"), "{:?}", updated.warnings);
}

#[test]
fn an_order_in_two_currencies_is_in_the_shops_and_so_is_its_refund() {
    let Some(body) = kept("shopify/orders-updated.captured-2026-09-two-currencies-refunded-trimmed.json") else {
        return;
    };
    let reading = shopify("orders/updated", &body);
    let [order, refund] = events(&reading) else { panic!("an order and a refund: {reading:?}") };
    assert_members(
        order,
        &[
            ("/event", json!("Order Updated")),
            ("/userId", json!("9641389523115")),
            ("/context/traits/phone", json!("+16135550177")),
            ("/properties/total", json!("913.93")),
            ("/properties/currency", json!("INR")),
            ("/properties/shipping", json!("60.93")),
            ("/properties/discount", json!("94.78")),
            ("/properties/coupon", Value::Null),
            ("/properties/status", json!("partially_refunded")),
            ("/properties/products/0/price", json!("67.70")),
            ("/properties/products/0/quantity", json!("2")),
            ("/properties/products/0/discount", json!("13.54")),
            ("/properties/products/0/variant", json!("Special Selling Plans Ski Wax")),
            ("/properties/products/1/price", json!("812.38")),
        ],
    );
    assert_members(
        refund,
        &[
            ("/event", json!("Order Refunded")),
            ("/timestamp", json!("2026-09-27T21:17:49Z")),
            ("/userId", json!("9641389523115")),
            ("/properties/order_id", json!("7097239568555")),
            ("/properties/refund_id", json!("1024319488171")),
            ("/properties/total", json!("121.86")),
            ("/properties/currency", json!("INR")),
            ("/properties/products/0/product_id", json!("8889746849963")),
            ("/properties/products/0/quantity", json!("1")),
        ],
    );
}

#[test]
fn a_refund_is_the_same_whether_it_comes_alone_or_with_its_order() {
    let (Some(alone), Some(order)) = (
        kept("shopify/refunds-create.captured-2026-09-line-and-shipping.json"),
        kept("shopify/orders-updated.captured-2026-09-two-currencies-refunded-trimmed.json"),
    ) else {
        return;
    };
    let (alone, order) = (shopify("refunds/create", &alone), shopify("orders/updated", &order));
    let (alone, with_order) = (&events(&alone)[0], &events(&order)[1]);
    for member in [
        "/messageId",
        "/timestamp",
        "/properties/order_id",
        "/properties/refund_id",
        "/properties/total",
        "/properties/currency",
    ] {
        assert_eq!(alone.pointer(member), with_order.pointer(member), "{member}");
    }
    assert_eq!(owner(alone), Owner::OfOrder("7097239568555"), "a refund names no customer");
    assert_eq!(owner(with_order), Owner::Named);
}

#[test]
fn refunds_are_what_the_successful_transactions_gave_back() {
    let (Some(credit), Some(test), Some(amount)) = (
        kept("shopify/refunds-create.captured-2026-09-store-credit.json"),
        kept("shopify/refunds-create.captured-2026-09-test-gateway.json"),
        kept("shopify/refunds-create.rest-2026-09-amount-only-discrepancy.json"),
    ) else {
        return;
    };
    let credit = shopify("refunds/create", &credit);
    assert_members(
        &events(&credit)[0],
        &[("/properties/total", json!("1015.47")), ("/properties/currency", json!("INR"))],
    );
    assert!(matches!(shopify("refunds/create", &test).outcome, Outcome::Test(_)), "a test payment counts for nothing");
    let amount = shopify("refunds/create", &amount);
    assert_members(
        &events(&amount)[0],
        &[
            ("/properties/total", json!("33.84")),
            ("/properties/currency", json!("INR")),
            ("/properties/products", Value::Null),
        ],
    );
    let Some(documented) = kept("shopify/rest-refund.documented-2026-07.json") else { return };
    let documented = shopify("refunds/create", &documented);
    assert_members(
        &events(&documented)[0],
        &[
            ("/properties/total", json!("209.00")),
            ("/properties/currency", json!("USD")),
            ("/properties/order_id", json!("450789469")),
            ("/properties/products/0/sku", json!("IPOD2008BLACK")),
        ],
    );
}

#[test]
fn an_order_without_anybody_is_nobodys() {
    let Some(body) = kept("shopify/orders-updated.captured-2026-09-no-customer-two-refunds-trimmed.json") else {
        return;
    };
    let Outcome::Ignored(reason) = shopify("orders/updated", &body).outcome else { panic!("nobody is named") };
    assert!(reason.contains("no customer"), "{reason}");
    // With an address, both refunds count, also the one that no line and no total shows.
    let mut order: Value = serde_json::from_slice(&body).unwrap();
    order["email"] = json!("anna@example.com");
    let reading = shopify("orders/updated", order.to_string().as_bytes());
    let [order, first, second] = events(&reading) else { panic!("an order and two refunds: {reading:?}") };
    assert_members(order, &[("/properties/total", json!("624.95")), ("/userId", Value::Null)]);
    assert_members(
        first,
        &[("/properties/total", json!("24.95")), ("/context/traits/email", json!("anna@example.com"))],
    );
    assert_members(second, &[("/properties/total", json!("100.00")), ("/properties/currency", json!("INR"))]);
}

#[test]
fn the_sample_that_the_settings_send_counts_for_nothing() {
    let Some(body) = kept("shopify/orders-any.documented-sample.json") else { return };
    assert!(matches!(shopify("orders/create", &body).outcome, Outcome::Test(_)));
    let mut order: Value = serde_json::from_slice(&body).unwrap();
    order["test"] = json!(false);
    let reading = shopify("orders/create", order.to_string().as_bytes());
    assert_members(
        &events(&reading)[0],
        &[
            ("/event", json!("Order Cancelled")),
            ("/userId", json!("115310627314723954")),
            ("/properties/order_id", json!("820982911946154508")),
            ("/properties/products/1/variant_id", json!("808950810")),
        ],
    );
    let headers = [("X-Shopify-Topic", "orders/create"), ("X-Shopify-Test", "true")];
    let reading = read_with("shopify", &headers, order.to_string().as_bytes(), &Settings::default());
    assert!(matches!(reading.outcome, Outcome::Test(_)), "the header says it too");
}

#[test]
fn a_cancelled_order_is_cancelled_when_it_was_and_its_refund_of_test_money_is_none() {
    let Some(body) = kept("shopify/rest-order-cancelled-refunded.documented-2026-07.json") else { return };
    let reading = shopify("orders/cancelled", &body);
    let [order] = events(&reading) else { panic!("one event: {reading:?}") };
    assert_members(
        order,
        &[
            ("/event", json!("Order Cancelled")),
            ("/timestamp", json!("2025-04-02T16:31:21Z")),
            ("/properties/coupon", json!("TENOFF")),
            ("/properties/ordered_at", json!("2008-01-10T16:00:00Z")),
            ("/properties/total", json!("598.94")),
        ],
    );
    let mut real: Value = serde_json::from_slice(&body).unwrap();
    real["refunds"][0]["transactions"][0]["test"] = json!(false);
    let reading = shopify("orders/cancelled", real.to_string().as_bytes());
    let [_, refund] = events(&reading) else { panic!("an order and a refund: {reading:?}") };
    assert_members(refund, &[("/properties/total", json!("10.00")), ("/properties/refund_id", json!("929361465"))]);
}

#[test]
fn a_deleted_order_counts_no_more() {
    let Some(body) = kept("shopify/orders-delete.documented.json") else { return };
    let reading = shopify("orders/delete", &body);
    let event = &events(&reading)[0];
    assert_members(event, &[("/event", json!("Order Cancelled")), ("/timestamp", json!("2026-09-30T12:00:00Z"))]);
    assert_eq!(owner(event), Owner::OfOrder("820982911946154508"));
}

#[test]
fn the_newer_headers_say_the_same() {
    let Some(body) = kept("shopify/rest-product.documented-2026-07.json") else { return };
    let headers = [("shopify-topic", "Product"), ("shopify-action", "update"), ("shopify-event-id", "e9")];
    let reading = read_with("shopify", &headers, &body, &Settings::default());
    assert_eq!(
        (reading.topic.as_str(), reading.delivery_id.as_deref()),
        ("products/update", Some("products/update:e9"))
    );
    assert!(matches!(reading.outcome, Outcome::Products(_)));
    assert!(
        matches!(read_with("shopify", &[], &body, &Settings::default()).outcome, Outcome::Refused(_)),
        "without a topic"
    );
}
