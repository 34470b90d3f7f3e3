//! Payloads of WooCommerce, as they are documented or as shops sent them.

use crate::support::{assert_members, events, kept, woocommerce, woocommerce_with};
use rekindle_connectors::{Availability, ConsentChannel, ConsentField, Outcome, Owner, Settings, StatusMeaning, owner};
use serde_json::{Value, json};

#[test]
fn a_guests_order_is_known_by_the_address() {
    let Some(body) = kept("woocommerce/order.documented-v3-guest.json") else { return };
    let reading = woocommerce("order.created", &body);
    assert_eq!(reading.version, "2017-03-22T19:28:08Z".parse().ok());
    let [order] = events(&reading) else { panic!("one event: {reading:?}") };
    assert_members(
        order,
        &[
            ("/event", json!("Order Completed")),
            ("/userId", Value::Null),
            ("/timestamp", json!("2017-03-22T19:28:08Z")),
            ("/context/traits/email", json!("john.doe@example.com")),
            ("/context/traits/phone", json!("+15555550132")),
            ("/properties/order_id", json!("727")),
            ("/properties/ordered_at", json!("2017-03-22T19:28:02Z")),
            ("/properties/total", json!("29.35")),
            ("/properties/currency", json!("USD")),
            ("/properties/shipping", json!("10.00")),
            ("/properties/tax", json!("1.35")),
            (
                "/properties/products/0",
                json!({ "product_id": "93", "name": "Woo Single #1", "quantity": "2", "price": "3.00" }),
            ),
            (
                "/properties/products/1",
                json!({
                    "product_id": "22", "variant_id": "23", "sku": "Bar3", "name": "Ship Your Idea – Color: Black, Size: M Test",
                    "variant": "black / M Test", "quantity": "1", "price": "12.00"
                }),
            ),
        ],
    );
}

#[test]
fn newer_orders_have_coupons_pictures_and_what_brought_the_customer() {
    let Some(body) = kept("woocommerce/order.composed-newer-fields-2025.json") else { return };
    let reading = woocommerce("order.updated", &body);
    let [order] = events(&reading) else { panic!("one event: {reading:?}") };
    assert_members(
        order,
        &[
            ("/event", json!("Order Updated")),
            ("/userId", json!("58")),
            ("/context/campaign", json!({ "source": "newsletter", "medium": "email", "name": "autumn" })),
            ("/context/device/type", json!("mobile")),
            ("/properties/total", json!("130.50")),
            ("/properties/discount", json!("14.50")),
            ("/properties/coupon", json!("autumn10")),
            (
                "/properties/products/0",
                json!({
                    "product_id": "93", "variant_id": "95", "sku": "BLK-GR", "name": "Wool blanket", "variant": "Grey", "quantity": "1",
                    "price": "119.83", "discount": "11.98", "image_url": "https://example.com/wp-content/uploads/blanket.jpg"
                }),
            ),
        ],
    );
    let field = |yes: &str| {
        let consent_fields = vec![ConsentField {
            key: "es_wc_activecampaign_opt_in".into(),
            yes: vec![yes.into()],
            channel: ConsentChannel::Email,
        }];
        Settings { consent_fields, ..Settings::default() }
    };
    assert_eq!(events(&woocommerce_with("order.updated", &body, &field("yes"))).len(), 1, "the box was not ticked");
    let reading = woocommerce_with("order.updated", &body, &field("NO"));
    assert_members(
        &events(&reading)[1],
        &[
            ("/type", json!("identify")),
            ("/timestamp", json!("2025-10-14T07:12:03Z")),
            ("/traits/email_marketing_consent/state", json!("subscribed")),
            ("/traits/email_marketing_consent/source", json!("woocommerce checkout, es_wc_activecampaign_opt_in")),
        ],
    );
    let mut by_staff: Value = serde_json::from_slice(&body).unwrap();
    by_staff["created_via"] = json!("admin");
    assert_eq!(events(&woocommerce_with("order.updated", by_staff.to_string().as_bytes(), &field("no"))).len(), 1);
}

#[test]
fn a_bank_transfer_that_is_completed_is_paid_without_a_date_and_refunds_are_on_the_order() {
    let (Some(refunded), Some(completed)) = (
        kept("woocommerce/order.documented-v3-with-refunds.json"),
        kept("woocommerce/order.documented-v3-completed.json"),
    ) else {
        return;
    };
    let reading = woocommerce("order.updated", &refunded);
    let [order, first, second] = events(&reading) else { panic!("an order and two refunds: {reading:?}") };
    assert_members(
        order,
        &[("/event", json!("Order Updated")), ("/userId", json!("26")), ("/properties/total", json!("39.00"))],
    );
    assert_members(
        first,
        &[
            ("/event", json!("Order Refunded")),
            ("/properties/order_id", json!("723")),
            ("/properties/refund_id", json!("726")),
            ("/properties/total", json!("10.00")),
            ("/properties/currency", json!("USD")),
        ],
    );
    assert_members(second, &[("/properties/refund_id", json!("724")), ("/properties/total", json!("9.00"))]);
    let reading = woocommerce("order.updated", &completed);
    let body: Value = serde_json::from_slice(&completed).unwrap();
    assert_members(
        &events(&reading)[0],
        &[("/event", json!("Order Updated")), ("/properties/total", body["total"].clone())],
    );
}

#[test]
fn statuses_say_whether_anybody_ordered_and_paid() {
    let Some(body) = kept("woocommerce/order.documented-v3-guest.json") else { return };
    let with = |status: &str, paid: bool, settings: &Settings| {
        let mut order: Value = serde_json::from_slice(&body).unwrap();
        order["status"] = json!(status);
        if !paid {
            order["date_paid"] = Value::Null;
            order["date_paid_gmt"] = Value::Null;
        }
        let reading = woocommerce_with("order.updated", order.to_string().as_bytes(), settings);
        match reading.outcome {
            Outcome::Events(events) => (events[0]["event"].as_str().unwrap().to_owned(), reading.warnings.len()),
            other => (format!("{other:?}").split('(').next().unwrap().to_owned(), reading.warnings.len()),
        }
    };
    let usual = Settings::default();
    for (status, paid, event, warnings) in [
        ("checkout-draft", false, "Ignored", 0),
        ("auto-draft", false, "Ignored", 0),
        ("pending", false, "Order Placed", 0),
        ("on-hold", false, "Order Placed", 0),
        ("failed", false, "Order Placed", 0),
        ("failed", true, "Order Cancelled", 0),
        ("processing", false, "Order Updated", 0),
        ("wc-completed", false, "Order Updated", 0),
        ("refunded", true, "Order Updated", 0),
        ("cancelled", true, "Order Cancelled", 0),
        ("trash", true, "Order Cancelled", 0),
        ("awaiting-shipment", true, "Order Updated", 1),
        ("awaiting-shipment", false, "Order Placed", 1),
    ] {
        assert_eq!(with(status, paid, &usual), (event.to_owned(), warnings), "{status}, paid: {paid}");
    }
    let own = Settings { statuses: [("awaiting-shipment".to_owned(), StatusMeaning::Paid)].into(), ..usual };
    assert_eq!(with("awaiting-shipment", false, &own), ("Order Updated".to_owned(), 0));
}

#[test]
fn deleted_orders_errors_and_questions_are_told_apart() {
    let (Some(deleted), Some(error), Some(ping), Some(action)) = (
        kept("woocommerce/order-deleted.webhook.json"),
        kept("woocommerce/order-updated.error-body-instead-of-order.json"),
        kept("woocommerce/ping.form-urlencoded.txt"),
        kept("woocommerce/action-custom-topic.webhook.json"),
    ) else {
        return;
    };
    let reading = woocommerce("order.deleted", &deleted);
    let when = ("/timestamp", json!(crate::support::RECEIVED_AT));
    assert_members(&events(&reading)[0], &[("/event", json!("Order Cancelled")), when]);
    assert_eq!(owner(&events(&reading)[0]), Owner::OfOrder("727"));
    let Outcome::Refused(error) = woocommerce("order.updated", &error).outcome else { panic!("an error") };
    assert!(error.reason.contains("woocommerce_rest_cannot_view"), "{error}");
    let reading = crate::support::read_with("woocommerce", &[], &ping, &Settings::default());
    assert!(matches!(reading.outcome, Outcome::Test(_)), "{reading:?}");
    assert!(matches!(woocommerce("action.woocommerce_add_to_cart", &action).outcome, Outcome::Ignored(_)));
    let Some(coupon) = kept("woocommerce/coupon.documented-v3.json") else { return };
    assert!(matches!(woocommerce("coupon.created", &coupon).outcome, Outcome::Ignored(_)));
    let Some(refund) = kept("woocommerce/refund.documented-v3.json") else { return };
    assert!(
        matches!(woocommerce("refund.created", &refund).outcome, Outcome::Ignored(_)),
        "the order tells its refunds"
    );
    let Some(webhook) = kept("woocommerce/webhook-object.documented-v3.json") else { return };
    assert!(matches!(woocommerce("webhook.updated", &webhook).outcome, Outcome::Ignored(_)));
}

#[test]
fn customers_and_products() {
    let (Some(customer), Some(product)) =
        (kept("woocommerce/customer.documented-v3.json"), kept("woocommerce/product.documented-v3-simple.json"))
    else {
        return;
    };
    let reading = woocommerce("customer.updated", &customer);
    assert_members(
        &events(&reading)[0],
        &[
            ("/type", json!("identify")),
            ("/userId", json!("25")),
            ("/timestamp", json!("2017-03-21T19:09:30Z")),
            ("/traits/email", json!("john.doe@example.com")),
            ("/traits/phone", json!("+15555550132")),
            ("/traits/firstName", json!("Bo")),
        ],
    );
    let Outcome::Products(products) = woocommerce("product.updated", &product).outcome else { panic!("a product") };
    let product = &products[0];
    assert_eq!((product.id.as_str(), product.title.as_deref()), ("794", Some("Premium Quality")));
    assert_eq!(product.url.as_deref(), Some("https://example.com/product/premium-quality-19/"));
    assert_eq!(product.category.as_deref(), Some("Clothing"));
    assert_eq!(product.availability, Availability::InStock);
    let variant = &product.variants[0];
    assert_eq!((variant.price.as_deref(), variant.sale_price.as_deref(), variant.stock), (Some("21.99"), None, None));
}

#[test]
fn a_repetition_has_the_id_of_the_first_and_another_body_another() {
    let Some(body) = kept("woocommerce/order.documented-v3-guest.json") else { return };
    let first = woocommerce("order.updated", &body).delivery_id;
    assert!(first.is_some());
    assert_eq!(first, woocommerce("order.updated", &body).delivery_id);
    let changed = String::from_utf8(body).unwrap().replace("29.35", "30.35");
    assert_ne!(first, woocommerce("order.updated", changed.as_bytes()).delivery_id, "of the same second");
}
