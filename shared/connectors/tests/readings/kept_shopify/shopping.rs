//! Visits, carts, products and shipments.

use crate::support::{assert_members, events, kept, read_with, shopify};
use rekindle_connectors::{Availability, Outcome, Owner, Settings, owner};
use serde_json::{Value, json};

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
