//! Payloads of Shopify, as real shops sent them or as they are documented.

use crate::support::{assert_members, events, kept, read_with, shopify};
use rekindle_connectors::{Availability, Outcome, Owner, PersonRequestKind, Settings, ShopRequest, owner};
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
fn carts_belong_to_a_visitor_whom_the_checkout_names() {
    let (Some(empty), Some(documented), Some(created), Some(updated), Some(abandoned)) = (
        kept("shopify/carts-update.captured-2024-09-empty.json"),
        kept("shopify/carts-update.documented.json"),
        kept("shopify/checkouts-create.captured-2024-11.json"),
        kept("shopify/checkouts-update.captured-2024-09-trimmed.json"),
        kept("shopify/rest-abandoned-checkout.documented-2026-07.json"),
    ) else {
        return;
    };
    let cart = shopify("carts/update", &empty);
    let cart = &events(&cart)[0];
    let visitor = json!("shopify-cart-Z2NwLXVzLWVhc3QxOjAxSjdXRjdOQjY0NlFFNFdQVEg0MTRFM1E2");
    assert_members(
        cart,
        &[
            ("/event", json!("Cart Viewed")),
            ("/anonymousId", visitor.clone()),
            ("/properties/products", json!([])),
            ("/timestamp", json!("2024-09-17T08:15:13.28Z")),
        ],
    );
    let reading = shopify("checkouts/update", &updated);
    let checkout = &events(&reading)[0];
    assert_members(
        checkout,
        &[
            ("/event", json!("Checkout Started")),
            ("/anonymousId", visitor),
            ("/userId", json!("7188389789809")),
            ("/timestamp", json!("2024-09-17T07:29:02Z")),
            ("/context/traits/email", json!("cy@example.com")),
            ("/properties/checkout_id", json!("e89d4437003b6b8480f8bc7f8036a659")),
            ("/properties/total", json!("736.85")),
            ("/properties/products/0/price", json!("729.95")),
        ],
    );
    assert_eq!(checkout.pointer("/properties/cart_id"), cart.pointer("/properties/cart_id"));
    assert!(checkout["properties"]["checkout_url"].as_str().unwrap().contains("/recover?key="));
    let reading = shopify("carts/update", &documented);
    assert_members(
        &events(&reading)[0],
        &[
            ("/properties/products/0/name", json!("Example T-Shirt")),
            ("/properties/products/0/variant_id", json!("704912205188288575")),
            ("/properties/products/0/quantity", json!("3")),
            ("/properties/products/0/price", json!("19.99")),
        ],
    );
    let reading = shopify("checkouts/create", &created);
    assert_members(
        &events(&reading)[0],
        &[("/userId", Value::Null), ("/context/traits", Value::Null), ("/properties/total", json!("600.00"))],
    );
    let reading = shopify("checkouts/create", &abandoned);
    assert_members(
        &events(&reading)[0],
        &[("/properties/coupon", json!("TENOFF")), ("/properties/products/1/variant", json!("Pink"))],
    );
    let attribute = Settings { anonymous_id_fields: vec!["rudderAnonymousId".into()], ..Settings::default() };
    let reading = read_with("shopify", &[("X-Shopify-Topic", "carts/update")], &empty, &attribute);
    assert_members(&events(&reading)[0], &[("/anonymousId", json!("50ead33e-d763-4854-b0ab-765859ef05cb"))]);
}

#[test]
fn products_have_variants_and_stock_finds_them() {
    let (Some(product), Some(level), Some(unknown)) = (
        kept("shopify/rest-product.documented-2026-07.json"),
        kept("shopify/rest-inventory-level.documented-2026-07.json"),
        kept("shopify/inventory_levels-update.documented.json"),
    ) else {
        return;
    };
    let Outcome::Products(products) = shopify("products/update", &product).outcome else { panic!("a product") };
    let [product] = products.as_slice() else { panic!("one product") };
    assert_eq!(product.id, "632910392");
    assert_eq!(product.title.as_deref(), Some("IPod Nano - 8GB"));
    assert_eq!(product.url.as_deref(), Some("https://example.myshopify.com/products/ipod-nano"));
    assert_eq!(product.category.as_deref(), Some("Cult Products"));
    assert_eq!(product.availability, Availability::InStock);
    assert!(product.has_all_variants && product.variants.len() == 4);
    let pink = &product.variants[0];
    assert_eq!((pink.price.as_deref(), pink.sale_price.as_deref(), pink.stock), (Some("199.00"), None, Some(10)));
    assert!(pink.image.as_deref().unwrap().contains("ipod-nano-2.png"), "its own picture");
    let Outcome::Stock(levels) = shopify("inventory_levels/update", &level).outcome else { panic!("a stock level") };
    let red = product
        .variants
        .iter()
        .find(|variant| variant.inventory_item_id.as_deref() == Some(levels[0].inventory_item_id.as_str()));
    assert_eq!((red.unwrap().title.as_deref(), levels[0].available), (Some("Red"), Some(2)));
    let Outcome::Stock(levels) = shopify("inventory_levels/update", &unknown).outcome else { panic!("a stock level") };
    assert_eq!(
        (levels[0].inventory_item_id.as_str(), levels[0].available),
        ("271878346596884015", None),
        "not counted there"
    );
    let Outcome::Products(deleted) = shopify("products/delete", br#"{"id":632910392}"#).outcome else {
        panic!("a product")
    };
    assert_eq!(deleted[0].availability, Availability::Deleted);
}

#[test]
fn shipments_are_sent_and_delivered() {
    let (Some(shipment), Some(event)) = (
        kept("shopify/fulfillments-update.captured-2022-01.json"),
        kept("shopify/rest-fulfillment-event.documented-2026-07.json"),
    ) else {
        return;
    };
    let reading = shopify("fulfillments/update", &shipment);
    assert_members(
        &events(&reading)[0],
        &[
            ("/event", json!("Confirmed Shipment")),
            ("/timestamp", json!("2022-01-05T12:43:02Z")),
            ("/context/traits/email", json!("bo@example.com")),
            ("/properties/order_id", json!("4617255092480")),
            ("/properties/products/0/sku", json!("15")),
        ],
    );
    let mut delivered: Value = serde_json::from_slice(&event).unwrap();
    delivered["status"] = json!("delivered");
    let reading = shopify("fulfillment_events/create", delivered.to_string().as_bytes());
    let event = &events(&reading)[0];
    assert_members(event, &[("/event", json!("Delivered Shipment")), ("/timestamp", json!("2025-04-02T16:39:28Z"))]);
    assert_eq!(owner(event), Owner::OfOrder("450789469"));
    delivered["status"] = json!("label_printed");
    assert!(matches!(
        shopify("fulfillment_events/create", delivered.to_string().as_bytes()).outcome,
        Outcome::Ignored(_)
    ));
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

#[test]
fn pixels_are_visits_and_carts_and_never_orders() {
    let pixel = |name: &str| {
        let body = kept(&format!("shopify/pixel-{name}.captured-2024.json"))?;
        Some(read_with("shopify-pixel", &[], &body, &Settings::default()))
    };
    let Some(viewed) = pixel("product_viewed") else { return };
    assert_members(
        &events(&viewed)[0],
        &[
            ("/event", json!("Product Viewed")),
            ("/anonymousId", json!("c7b3f99b-4d34-463b-835f-c879482a7750")),
            ("/timestamp", json!("2024-09-15T17:34:54.889Z")),
            ("/properties/product_id", json!("7234590834801")),
            ("/properties/variant_id", json!("41327143321713")),
            ("/properties/sku", json!("sku-tcs-liquid")),
            ("/properties/price", json!("749.95")),
            ("/properties/currency", json!("USD")),
        ],
    );
    for (name, event) in [("product_added_to_cart", "Product Added"), ("product_removed_from_cart", "Product Removed")]
    {
        let reading = pixel(name).unwrap();
        assert_members(
            &events(&reading)[0],
            &[("/event", json!(event)), ("/properties/quantity", json!("1")), ("/properties/price", json!("749.95"))],
        );
    }
    let cart = pixel("cart_viewed").unwrap();
    assert_members(
        &events(&cart)[0],
        &[
            ("/event", json!("Cart Viewed")),
            ("/properties/cart_id", json!("Z2NwLXVzLWVhc3QxOjAxSjY5OVpIRURQNERFMDBKUTVaRkI4UzdU")),
            ("/properties/total", json!("1259.90")),
            ("/properties/products/0/quantity", json!("2")),
            ("/properties/products/0/price", json!("629.95")),
        ],
    );
    let checkout = pixel("checkout_started").unwrap();
    assert_members(
        &events(&checkout)[0],
        &[
            ("/event", json!("Checkout Started")),
            ("/context/traits", Value::Null),
            ("/properties/checkout_id", json!("5f7028e0bd5225c17b24bdaa0c09f914")),
            ("/properties/total", json!("2759.80")),
            ("/properties/products/0/name", json!("The Collection Snowboard: Liquid")),
        ],
    );
    assert!(matches!(pixel("checkout_completed").unwrap().outcome, Outcome::Ignored(_)));
}

#[test]
fn objects_that_are_no_deliveries_are_nothing() {
    let (Some(transactions), Some(subscription)) = (
        kept("shopify/rest-transactions.documented-2026-07.json"),
        kept("shopify/rest-webhook-subscription.documented-2026-07.json"),
    ) else {
        return;
    };
    assert!(matches!(shopify("order_transactions/create", &transactions).outcome, Outcome::Ignored(_)));
    assert!(matches!(shopify("orders/updated", &transactions).outcome, Outcome::Refused(_)), "a list is no order");
    let risk = br#"{"order_id":1,"provider_id":2,"risk_level":"low"}"#;
    assert!(matches!(shopify("orders/risk_assessment_changed", risk).outcome, Outcome::Ignored(_)));
    assert!(matches!(shopify("webhook_subscriptions/create", &subscription).outcome, Outcome::Ignored(_)));
}
