//! Shop systems without code: what they post to a webhook becomes customers and orders, once, whatever happens on the way.

use crate::shop_systems::{
    ANNA, ORDER, SHOPIFY_KEY, STRIPE_KEY, WOOCOMMERCE_KEY, connect, facts, guest, mapping, order_with, own, own_json,
    own_shop, post, read, shopify, signature, stripe, waiting, with_shopify, woocommerce, worth,
};
use crate::stage::{Stage, key};
use rekindle_emulators::{Fault, Matching, Service};
use rekindle_lifecycle::facts::Event;
use rekindle_local_stack::{HOOKS_QUEUE, SHOP};
use rekindle_store::webhooks::deliveries::DeliveryKey;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn an_order_and_a_consent_of_shopify_are_those_of_its_customer() {
    let mut stage = with_shopify().await;
    assert_eq!(shopify(&stage, "orders/paid", &own("shopify/orders-paid.json"), SHOPIFY_KEY).await.0, 200);
    let consent = own("shopify/customers-email-consent.json");
    let topic = "customers_email_marketing_consent/update";
    assert_eq!(shopify(&stage, topic, &consent, SHOPIFY_KEY).await.0, 200);
    assert!(facts(&stage, ANNA).await.is_empty(), "the answer comes before anything is read");
    stage.settle().await;
    let anna = stage.customer(ANNA).await;
    assert_eq!(anna.folded.orders.recent().iter().map(|order| order.id.as_str()).collect::<Vec<_>>(), [ORDER]);
    assert_eq!(worth(&stage, ANNA).await, 3_830);
    let lines = facts(&stage, ANNA).await.into_iter().find_map(|fact| match fact.event {
        Event::Order(order) => Some(order.details.lines.kept.len()),
        _ => None,
    });
    assert_eq!(lines, Some(3));
    let shown = stage.administer("GET", &format!("/v1/customers/{ANNA}"), "").await;
    assert_eq!(shown["permissions"]["email"]["marketing"], true, "{shown}");
    let connection = stage.administer("GET", "/v1/connectors/shopify", "").await;
    assert_eq!(connection["last_delivery_at"], json!(stage.now()), "{connection}");
    assert_eq!(waiting(&stage).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_guest_of_woocommerce_is_known_by_their_address_and_its_ping_and_its_errors_are_no_orders() {
    let mut stage = Stage::new().await;
    stage.stack.store.put_policy(&key(ANNA).shop, "country = \"de\"").await.expect("valid");
    let consent = json!({ "consent_fields": [{ "key": "newsletter_box", "yes": ["1"] }] });
    let said = json!({ "secrets": [WOOCOMMERCE_KEY], "settings": consent });
    connect(&stage, "woocommerce", said).await;
    let form = [("content-type", "application/x-www-form-urlencoded".to_owned())];
    let path = format!("/v1/webhooks/woocommerce/{SHOP}");
    assert_eq!(post(&stage, &path, &form, b"webhook_id=142").await.0, 200, "the webhook can be switched on");
    assert_eq!(waiting(&stage).await, 0, "and nothing of it is kept");
    let mut order = own_json("woocommerce/order-updated.json");
    order["billing"]["phone"] = json!("030 1234567");
    let order = order.to_string().into_bytes();
    assert_eq!(woocommerce(&stage, "order.updated", &order).await.0, 200);
    assert_eq!(woocommerce(&stage, "order.updated", &own("woocommerce/error.json")).await.0, 200);
    stage.settle().await;
    let bo = guest(&stage, "bo@example.com");
    let customer = stage.customer(&bo).await;
    assert_eq!(customer.folded.orders.recent().len(), 1, "the error is none");
    assert_eq!(customer.folded.orders.recent()[0].id.as_str(), "41");
    let shown = stage.administer("GET", &format!("/v1/customers/{bo}"), "").await;
    assert_eq!(shown["permissions"]["email"]["marketing"], true, "{shown}");
    let read = read(&stage, "woocommerce").await;
    let refused = read.iter().find(|one| one["outcome"] == "refused").expect("the error is shown");
    assert!(refused["detail"].as_str().expect("words").contains("woocommerce_rest_cannot_view"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_stripe_is_an_order_and_its_refund_is_taken_off() {
    let mut stage = Stage::new().await;
    connect(&stage, "stripe", json!({ "secrets": [STRIPE_KEY] })).await;
    assert_eq!(stripe(&stage, &own("stripe/checkout-session-completed.json")).await.0, 200);
    stage.settle().await;
    let cy = guest(&stage, "cy@example.com");
    assert_eq!(worth(&stage, &cy).await, 2_590);
    stage.pass("1d").await;
    assert_eq!(stripe(&stage, &own("stripe/charge-refunded.json")).await.0, 200);
    stage.settle().await;
    assert_eq!(worth(&stage, &cy).await, 2_000, "{:?}", read(&stage, "stripe").await);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn what_a_wrong_mapping_refused_counts_once_when_the_mapping_is_mended() {
    let mut stage = Stage::new().await;
    connect(&stage, "own-shop", json!({ "secrets": ["own-shop-key"], "mapping": mapping("body.number") })).await;
    let at = stage.now().to_string();
    for (no, buyer) in [("A-1", "dora@example.com"), ("A-2", "emil@example.com")] {
        assert_eq!(own_shop(&stage, &json!({ "no": no, "sum": "12.50", "buyer": buyer, "at": at })).await, 200);
    }
    stage.settle().await;
    let dora = guest(&stage, "dora@example.com");
    assert!(facts(&stage, &dora).await.is_empty());
    let before = read(&stage, "own-shop").await;
    assert!(before.iter().all(|one| one["outcome"] == "refused"), "{before:?}");
    let mended = mapping("body.no");
    let asked = json!({ "mapping": mended }).to_string();
    let tried = stage.administer("POST", "/v1/connectors/own-shop/try", &asked).await;
    let orders = tried["tried"].as_array().expect("a list").iter();
    let orders: Vec<_> = orders.map(|one| one["steps"][0]["event"]["properties"]["order_id"].as_str()).collect();
    assert!(orders.len() == 2 && orders.contains(&Some("A-1")) && orders.contains(&Some("A-2")), "{tried}");
    assert!(facts(&stage, &dora).await.is_empty(), "trying stores nothing");
    connect(&stage, "own-shop", json!({ "mapping": mended })).await;
    let replay = async |which: &str| {
        let asked = json!({ "which": which }).to_string();
        stage.administer("POST", "/v1/connectors/own-shop/replay", &asked).await["deliveries"].clone()
    };
    assert_eq!(replay("refused").await, 2);
    stage.settle().await;
    assert_eq!(worth(&stage, &dora).await, 1_250);
    let counted = facts(&stage, &dora).await;
    let replay = async |which: &str| {
        let asked = json!({ "which": which }).to_string();
        stage.administer("POST", "/v1/connectors/own-shop/replay", &asked).await["deliveries"].clone()
    };
    assert_eq!((replay("refused").await, replay("all").await), (json!(0), json!(2)));
    stage.settle().await;
    assert_eq!(facts(&stage, &dora).await, counted);
    assert!(read(&stage, "own-shop").await.iter().all(|one| one["outcome"] == "events"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shops_own_name_of_an_event_means_what_its_policy_says_on_every_road() {
    let mut stage = Stage::new().await;
    let mut named = mapping("body.no");
    named["rules"][0]["event"] = json!("'Neue Bestellung'");
    connect(&stage, "own-shop", json!({ "secrets": ["own-shop-key"], "mapping": named })).await;
    let policy = "[experiment]\nholdout = 0.0\n[event_names]\n\"Neue Bestellung\" = \"Order Completed\"\n";
    stage.administer("PUT", "/v1/policy", policy).await;
    let at = stage.now().to_string();
    let order = |customer: &str, order: &str| {
        json!({
            "type": "track", "event": "neue_bestellung", "userId": customer, "messageId": order, "timestamp": at,
            "properties": { "order_id": order, "total": "12.50", "currency": "EUR" },
        })
    };
    assert_eq!(stage.post("/v1/track", order("anna", "A-1")).await.0, 200);
    assert_eq!(stage.post("/v1/import", json!({ "batch": [order("bela", "B-1")] })).await.0, 200);
    let body = json!({ "no": "C-1", "sum": "12.50", "buyer": "dora@example.com", "at": at });
    assert_eq!(own_shop(&stage, &body).await, 200);
    stage.settle().await;
    for customer in ["anna".to_owned(), "bela".to_owned(), guest(&stage, "dora@example.com")] {
        assert_eq!(worth(&stage, &customer).await, 1_250, "{customer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_comes_twice_and_out_of_order_counts_once_with_its_latest_amount() {
    let mut stage = with_shopify().await;
    let newer = order_with("38.30", "2026-03-02T09:00:05+01:00");
    let older = order_with("99.90", "2026-03-02T08:00:00+01:00");
    for body in [&newer, &older, &newer, &older] {
        assert_eq!(shopify(&stage, "orders/updated", body, SHOPIFY_KEY).await.0, 200);
        stage.settle().await;
        assert_eq!(worth(&stage, ANNA).await, 3_830);
    }
    assert_eq!(stage.customer(ANNA).await.folded.orders.recent().len(), 1);
    assert_eq!(facts(&stage, ANNA).await.len(), 2);
    assert_eq!(read(&stage, "shopify").await.len(), 2, "each body is kept and read once");
    assert_eq!(waiting(&stage).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_keys_of_the_connection_open_it_and_what_they_did_not_sign_leaves_nothing() {
    let mut stage = with_shopify().await;
    connect(&stage, "stripe", json!({ "secrets": [STRIPE_KEY] })).await;
    let body = own("shopify/orders-paid.json");
    for secret in ["another-key-0123456789", STRIPE_KEY, "rk_write_0123"] {
        let (status, answer) = shopify(&stage, "orders/paid", &body, secret).await;
        assert_eq!(status, 401, "{answer}");
        assert!(answer["detail"].as_str().expect("a detail").contains("signature does not fit"), "{answer}");
    }
    let unsigned = [("X-Shopify-Topic", "orders/paid".to_owned())];
    assert_eq!(post(&stage, &format!("/v1/webhooks/shopify/{SHOP}"), &unsigned, &body).await.0, 401);
    let signed = [("X-Shopify-Hmac-Sha256", signature(SHOPIFY_KEY, &body))];
    for elsewhere in ["shopify/other-shop".to_owned(), format!("woocommerce/{SHOP}"), format!("shopify/{SHOP}%23x")] {
        let (status, answer) = post(&stage, &format!("/v1/webhooks/{elsewhere}"), &signed, &body).await;
        assert_eq!(status, 404, "{elsewhere}: {answer}");
    }
    stage.settle().await;
    assert_eq!((waiting(&stage).await, read(&stage, "shopify").await.len()), (0, 0));
    assert!(facts(&stage, ANNA).await.is_empty());
    assert_eq!(stage.administer("GET", "/v1/connectors/shopify", "").await["last_delivery_at"], Value::Null);

    // While a key is replaced, both fit; afterwards only the new one does.
    connect(&stage, "shopify", json!({ "secrets": ["the-new-key-0123456789", SHOPIFY_KEY] })).await;
    stage.skip("2m");
    for secret in ["the-new-key-0123456789", SHOPIFY_KEY] {
        assert_eq!(shopify(&stage, "orders/paid", &body, secret).await.0, 200);
    }
    connect(&stage, "shopify", json!({ "secrets": ["the-new-key-0123456789"] })).await;
    stage.skip("2m");
    assert_eq!(shopify(&stage, "orders/paid", &body, SHOPIFY_KEY).await.0, 401);
    stage.administer("DELETE", "/v1/connectors/shopify", "").await;
    stage.skip("2m");
    assert_eq!(shopify(&stage, "orders/paid", &body, "the-new-key-0123456789").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_order_is_kept_with_the_reason_and_costs_its_neighbours_nothing() {
    let mut stage = with_shopify().await;
    let mut test = own_json("shopify/orders-paid.json");
    test["test"] = json!(true);
    let too_long = vec![b' '; rekindle_store::webhooks::deliveries::MAX_BODY_BYTES + 1];
    let (status, answer) = shopify(&stage, "orders/paid", &too_long, SHOPIFY_KEY).await;
    assert_eq!(status, 413, "{answer}");
    let bodies: [&[u8]; 4] = [b"{\"id\":", b"\x1f\x8b\x08\x00garbage", b"[]", b""];
    for body in bodies {
        assert_eq!(shopify(&stage, "orders/paid", body, SHOPIFY_KEY).await.0, 200, "{body:?}");
    }
    assert_eq!(shopify(&stage, "orders/paid", test.to_string().as_bytes(), SHOPIFY_KEY).await.0, 200);
    assert_eq!(shopify(&stage, "orders/paid", &own("shopify/orders-paid.json"), SHOPIFY_KEY).await.0, 200);
    stage.settle().await;
    assert_eq!(worth(&stage, ANNA).await, 3_830, "the test order is none");
    let read = read(&stage, "shopify").await;
    let outcomes = |wanted: &str| read.iter().filter(|one| one["outcome"] == wanted).count();
    assert_eq!((outcomes("refused"), outcomes("test"), outcomes("events")), (4, 1, 1), "{read:?}");
    let day = stage.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let (refused, _) = stage.stack.store.refused_on(&key(ANNA).shop, day, None).await.expect("listed");
    assert_eq!(refused.len(), 4, "{refused:?}");
    assert!(refused.iter().any(|one| one.reason.contains("is not JSON")), "{refused:?}");
    assert!(stage.stack.cloud.queues().is_empty(&format!("{HOOKS_QUEUE}-dead")).expect("a queue"));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_delivery_whose_message_is_lost_or_was_never_put_on_the_queue_is_found_again() {
    let mut stage = with_shopify().await;
    assert_eq!(shopify(&stage, "orders/paid", &own("shopify/orders-paid.json"), SHOPIFY_KEY).await.0, 200);
    stage.stack.cloud.queues().purge(HOOKS_QUEUE).expect("a queue");
    let refuses = Matching::Recipient(HOOKS_QUEUE.to_owned());
    stage.stack.cloud.faults().plan(Service::Sqs, 1, refuses, Fault::Refuse(400, "AccessDenied"));
    let consent = own("shopify/customers-email-consent.json");
    let topic = "customers_email_marketing_consent/update";
    assert_eq!(shopify(&stage, topic, &consent, SHOPIFY_KEY).await.0, 200, "it is durable without the queue");
    stage.settle().await;
    assert_eq!((facts(&stage, ANNA).await.len(), waiting(&stage).await), (0, 2));
    assert_eq!(hooks::sweep(&stage.stack.handlers.hooks).await.expect("swept"), 0, "it may still be on its way");
    stage.skip("16m");
    assert_eq!(hooks::sweep(&stage.stack.handlers.hooks).await.expect("swept"), 2);
    stage.settle().await;
    assert_eq!(worth(&stage, ANNA).await, 3_830);
    assert_eq!((facts(&stage, ANNA).await.len(), waiting(&stage).await), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_stops_before_it_noted_that_it_read_does_the_same_once_more() {
    let mut stage = with_shopify().await;
    assert_eq!(shopify(&stage, "orders/paid", &own("shopify/orders-paid.json"), SHOPIFY_KEY).await.0, 200);
    let message = stage.stack.cloud.queues().receive(HOOKS_QUEUE, 1).expect("a queue").remove(0);
    let work = serde_json::from_str(&message.body).expect("work");
    let hooks = &stage.stack.handlers.hooks;
    assert_eq!(hooks.read_delivery(&work).await.expect("read"), hooks::Progress::Read);
    // As if the worker had stopped right after the facts: the notes that follow are gone.
    let read = read(&stage, "shopify").await.remove(0);
    let key = DeliveryKey { shop: key(ANNA).shop, digest: read["id"].as_str().expect("an id").to_owned() };
    let received_at = read["received_at"].as_str().and_then(|at| at.parse().ok()).expect("an instant");
    stage.stack.store.forget_read(&key, "shopify", received_at).await.expect("forgotten");
    let before = facts(&stage, ANNA).await;
    stage.skip("3m");
    assert_eq!(hooks.read_delivery(&work).await.expect("read"), hooks::Progress::Read);
    assert_eq!(hooks.read_delivery(&work).await.expect("known"), hooks::Progress::Known);
    assert_eq!(facts(&stage, ANNA).await, before);
    stage.settle().await;
    assert_eq!(worth(&stage, ANNA).await, 3_830);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_refund_that_names_only_its_order_waits_for_it_and_is_its_customers() {
    let mut stage = with_shopify().await;
    stage.pass_to("2026-03-05T10:00:00Z".parse().expect("an instant")).await;
    assert_eq!(shopify(&stage, "refunds/create", &own("shopify/refunds-create.json"), SHOPIFY_KEY).await.0, 200);
    stage.settle().await;
    assert_eq!((waiting(&stage).await, read(&stage, "shopify").await.len()), (1, 0));
    assert_eq!(shopify(&stage, "orders/paid", &own("shopify/orders-paid.json"), SHOPIFY_KEY).await.0, 200);
    stage.settle().await;
    assert_eq!(worth(&stage, ANNA).await, 3_830);
    stage.skip("16m");
    hooks::sweep(&stage.stack.handlers.hooks).await.expect("swept");
    stage.settle().await;
    assert_eq!((worth(&stage, ANNA).await, waiting(&stage).await), (3_030, 0));

    // One whose order never comes is refused after a day, where people see it.
    let mut stray = own_json("shopify/refunds-create.json");
    stray["order_id"] = json!(404);
    assert_eq!(shopify(&stage, "refunds/create", stray.to_string().as_bytes(), SHOPIFY_KEY).await.0, 200);
    stage.settle().await;
    // When 32 hours are over, in minutes.
    for wait in ["16m", "1909m"] {
        stage.skip(wait);
        hooks::sweep(&stage.stack.handlers.hooks).await.expect("swept");
        stage.settle().await;
    }
    assert_eq!(waiting(&stage).await, 0);
    let read = read(&stage, "shopify").await;
    let stray = read.iter().find(|one| one["outcome"] == "refused").expect("listed");
    assert!(stray["detail"].as_str().expect("words").contains("it is not known who placed this order"), "{stray}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_takes_a_known_number_of_request_units() {
    let stage = with_shopify().await;
    let capacity = stage.stack.store.capacity();
    capacity.take();
    let order = own("shopify/orders-paid.json");
    assert_eq!(shopify(&stage, "orders/paid", &order, SHOPIFY_KEY).await.0, 200);
    let mut bill = String::new();
    let mut add = |step: &str| {
        let used = capacity.take();
        bill.push_str(&format!("{step:<58} {:>5.1} {:>5.1}\n", used.read, used.write));
    };
    add("first order of a minute: stored, connection looked up");
    let work = async || {
        let message = stage.stack.cloud.queues().receive(HOOKS_QUEUE, 1).expect("a queue").remove(0);
        serde_json::from_str(&message.body).expect("work")
    };
    stage.stack.handlers.hooks.read_delivery(&work().await).await.expect("read");
    add("first order of a minute: read");
    let next = order_with("38.30", "2026-03-02T09:30:00+01:00");
    assert_eq!(shopify(&stage, "orders/updated", &next, SHOPIFY_KEY).await.0, 200);
    add("the same order, changed: stored");
    stage.stack.handlers.hooks.read_delivery(&work().await).await.expect("read");
    add("the same order, changed: read");
    assert_eq!(shopify(&stage, "orders/updated", &next, SHOPIFY_KEY).await.0, 200);
    add("repetition: answered");
    stage.stack.handlers.hooks.read_delivery(&work().await).await.expect("known");
    add("repetition: recognised");
    assert_eq!(shopify(&stage, "orders/updated", &next, "another-key-0123456789").await.0, 401);
    add("wrong signature");
    hooks::sweep(&stage.stack.handlers.hooks).await.expect("swept");
    add("sweep without anything that waits");
    insta::assert_snapshot!(bill);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_product_of_shopify_is_kept_with_its_variants_and_what_it_has_no_more_is_discontinued() {
    let mut stage = Stage::new().await;
    connect(&stage, "shopify", json!({ "secrets": [SHOPIFY_KEY], "currency": "EUR" })).await;
    let whole = own_json("shopify/products-update.json");
    assert_eq!(shopify(&stage, "products/update", &whole.to_string().into_bytes(), SHOPIFY_KEY).await.0, 200);
    stage.settle().await;
    let path = "/v1/products/9007199254740995";
    let shown = stage.administer("GET", path, "").await;
    assert_eq!((&shown["name"], &shown["said_by"]), (&json!("Assam"), &json!(["shop_system"])));
    let variants = shown["variants"].as_array().expect("a list");
    let of = |id: &str| variants.iter().find(|variant| variant["variant"] == id).expect("a variant");
    let small = of("9007199254740997");
    assert_eq!((&small["price"], &small["sale_price"]), (&json!("9.95"), &json!("8.95")));
    assert_eq!(small["availability"], "out_of_stock");
    assert_eq!(of("9007199254740998")["availability"], "in_stock");
    let mut without = whole.clone();
    without["variants"].as_array_mut().expect("a list").pop();
    without["updated_at"] = json!("2026-03-01T09:00:00Z");
    shopify(&stage, "products/update", &without.to_string().into_bytes(), SHOPIFY_KEY).await;
    // The older one, delivered late, brings nothing back.
    shopify(&stage, "products/update", &whole.to_string().into_bytes(), SHOPIFY_KEY).await;
    stage.settle().await;
    let shown = stage.administer("GET", path, "").await;
    let gone = shown["variants"].as_array().expect("a list").iter().find(|one| one["variant"] == "9007199254740998");
    assert_eq!(gone.expect("it is still known")["availability"], "discontinued");
}
