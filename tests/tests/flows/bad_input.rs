//! Bad input through the HTTP API: a clear answer that names what is wrong, and nothing else is lost.

use crate::stage::{Stage, key, order_at};
use jiff::SignedDuration;
use rekindle_lifecycle::customer::Folded;
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::reason::Reason;
use rekindle_lifecycle::stage::Stage as Lifecycle;
use serde_json::{Value, json};

/// A good order with one thing changed.
fn spoilt(stage: &Stage, name: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut order = order_at(name, name, stage.now());
    change(&mut order);
    order
}

/// Takes everything out of an order by which its customer could be found.
fn of_nobody(order: &mut Value, id: &Value) {
    order["userId"] = id.clone();
    order.as_object_mut().expect("an object").remove("context");
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn in_a_batch_each_bad_element_is_named_and_its_neighbours_become_customers() {
    let mut stage = Stage::new().await;
    let bad = [
        ("is missing", spoilt(&stage, "b0", |order| of_nobody(order, &json!("")))),
        ("at most 256", spoilt(&stage, "b1", |order| of_nobody(order, &json!("x".repeat(300))))),
        ("is unknown", spoilt(&stage, "b2", |order| order["type"] = json!("buy"))),
        ("levels", spoilt(&stage, "b3", |order| order["properties"]["deep"] = deep(40))),
        ("is missing", spoilt(&stage, "b4", |order| of_nobody(order, &json!(null)))),
        ("it should be an object", json!(7)),
    ];
    let mut batch = Vec::new();
    for (number, (_, element)) in bad.iter().enumerate() {
        batch.push(element.clone());
        batch.push(order_at(&format!("good{number}"), &format!("g{number}"), stage.now()));
    }
    let (status, answer) = stage.post("/v1/batch", json!({ "batch": batch })).await;
    assert_eq!((status, &answer["success"], &answer["accepted"]), (200, &json!(true), &json!(bad.len())), "{answer}");
    let rejected = answer["rejected"].as_array().expect("a list");
    assert_eq!(rejected.len(), bad.len());
    for (number, (told, _)) in bad.iter().enumerate() {
        assert_eq!(rejected[number]["index"], json!(2 * number));
        let reason = rejected[number]["reason"].as_str().unwrap_or_default();
        assert!(reason.contains(told), "{number}: {reason}");
    }
    stage.pass("1h").await;
    assert_eq!(stage.overview().await.customers, bad.len() as u64, "the customers of the good events and no others");
    assert_eq!(stage.mailbox().len(), bad.len());
    let day = stage.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let (kept, _) = stage.stack.store.refused_on(&stage.stack.shop.id, day, None).await.expect("the quarantine");
    assert_eq!(kept.len(), bad.len(), "what was refused is kept with its reason");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_with_a_field_that_is_wrong_is_an_order_of_its_customer() {
    let mut stage = Stage::new().await;
    let ahead = (stage.now() + SignedDuration::from_mins(10)).to_string();
    let orders = [
        ("c0", "is not a decimal", spoilt(&stage, "c0", |order| order["properties"]["total"] = json!("thirty"))),
        (
            "c1",
            "it should be a number",
            spoilt(&stage, "c1", |order| order["properties"]["total"] = json!({ "sum": 3 })),
        ),
        ("c2", "ISO 4217", spoilt(&stage, "c2", |order| order["properties"]["currency"] = json!("EUX"))),
        ("c3", "more than 5 minutes ahead", spoilt(&stage, "c3", |order| order["timestamp"] = json!(ahead))),
        ("c4", "known by its messageId", spoilt(&stage, "c4", |order| order["properties"]["order_id"] = json!(null))),
        ("c5", "it should be an object", spoilt(&stage, "c5", |order| order["properties"] = json!([]))),
    ];
    for (customer, warning, order) in orders {
        let (status, answer) = stage.post("/v1/track", order).await;
        assert_eq!(status, 200, "{customer}: {answer}");
        assert!(answer["warnings"].to_string().contains(warning), "{customer}: {answer}");
        stage.settle().await;
        assert_eq!(stage.customer(customer).await.stage, Lifecycle::New, "{customer}");
    }
}

fn deep(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, _| json!([inner]))
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_cannot_be_served_are_problems_that_say_why() {
    let mut stage = Stage::new().await;
    let order = order_at("anna", "a1", stage.now());
    let bearer = Some(format!("Bearer {}", stage.key));
    // Blanks are no content, but count: this body is one byte too long.
    let mut long = json!({ "batch": [order] }).to_string();
    long.push_str(&" ".repeat(500 * 1024 + 1 - long.len()));
    let wrong = Some("Bearer rk_write_0000000000000000000000000000".to_owned());
    for (body, authorization, status, told) in [
        ("{\"batch\":[{]}".to_owned(), bearer.clone(), 400, "line 1"),
        (String::new(), bearer.clone(), 400, ""),
        (long.clone(), bearer.clone(), 413, "512000"),
        (json!({ "batch": [order] }).to_string(), None, 401, "No write key"),
        (json!({ "batch": [order] }).to_string(), wrong, 401, "not known"),
        ("x".repeat(11 << 20), bearer.clone(), 413, "too large"),
    ] {
        let shown: String = body.chars().take(40).collect();
        let (answered, problem) = stage.post_text("/v1/batch", body, authorization).await;
        assert_eq!(answered, status, "{shown}: {problem}");
        assert_eq!(problem["status"], json!(status), "{shown}: {problem}");
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(!detail.is_empty() && detail.contains(told), "{shown}: {problem}");
    }
    stage.settle().await;
    assert_eq!(stage.overview().await.customers, 0, "nothing of that was stored");
    long.pop();
    assert_eq!(stage.post_text("/v1/batch", long, bearer).await.0, 200, "one byte less is served");
    let of_nobody = spoilt(&stage, "x", |order| of_nobody(order, &json!(null)));
    let (status, problem) = stage.post("/v1/track", of_nobody).await;
    assert_eq!((status, &problem["field"]), (400, &json!("userId")), "{problem}");
    stage.settle().await;
    assert_eq!(stage.overview().await.customers, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_fields_are_welcome() {
    let mut stage = Stage::new().await;
    let order = spoilt(&stage, "anna", |order| {
        order["integrations"] = json!({ "All": true });
        order["properties"]["mood"] = json!(["good", { "very": 1 }]);
    });
    stage.take(&[order]).await;
    stage.settle().await;
    assert_eq!(stage.customer("anna").await.stage, Lifecycle::New);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_with_control_characters_markup_and_emoji_become_clean_mail() {
    let mut stage = Stage::new().await;
    let names = [
        ("c0", "An\u{0}na\r\n", "Thank you, Anna."),
        ("c6", "Anna\r\nBcc: all@example.com", "Thank you."),
        ("c1", "👩‍🎤 Zoë", "👩‍🎤 Zoë"),
        ("c2", "<script>alert(1)</script>", "Thank you."),
        ("c3", "{{ 7 * 7 }}", "Thank you."),
        ("c4", "\u{202e}annA", "annA"),
        ("c5", "\u{7}\u{1b}", "Thank you."),
    ];
    for (id, name, _) in names {
        let order = spoilt(&stage, id, |order| order["context"]["traits"]["firstName"] = json!(name));
        stage.take(&[order]).await;
    }
    stage.pass("1h").await;
    let mailbox = stage.mailbox();
    assert_eq!(mailbox.len(), names.len());
    for (id, _, shown) in names {
        let to = format!("{id}@example.com");
        let mail = mailbox.iter().find(|mail| mail.content.request.to[0] == to).expect("a mail");
        let text = mail.content.text.as_deref().unwrap_or_default();
        assert!(text.contains(shown), "{id}: {text}");
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{id}: {text:?}");
        let html = mail.content.html.as_deref().unwrap_or_default();
        assert!(!html.contains("<script>alert"), "{id}");
        let subject = mail.content.subject.as_deref().unwrap_or_default();
        assert!(!subject.is_empty() && !subject.chars().any(char::is_control), "{id}: {subject:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_arrives_before_its_order_counts_once_the_order_arrives() {
    let mut stage = Stage::new().await;
    let refund = json!({
        "type": "track", "event": "Order Refunded", "userId": "anna", "messageId": "r", "timestamp": stage.now().to_string(),
        "properties": { "order_id": "a1", "total": "30.00", "currency": "EUR" },
    });
    stage.take(&[refund]).await;
    stage.settle().await;
    assert_eq!(stage.customer("anna").await.stage, Lifecycle::Prospect);
    stage.take(&[order_at("anna", "a1", stage.now() - SignedDuration::from_hours(1))]).await;
    stage.pass("2h").await;
    assert_eq!(stage.customer("anna").await.stage, Lifecycle::Prospect, "the whole order was refunded");
    assert!(stage.mailbox().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_posted_again_with_another_time_or_content_is_still_one_order() {
    let mut stage = Stage::new().await;
    let at = stage.now();
    let mut other = order_at("anna", "a1", at);
    other["properties"]["total"] = json!("45.00");
    let orders = [
        order_at("anna", "a1", at),
        order_at("anna", "a1", at - SignedDuration::from_hours(30)),
        order_at("anna", "a1", at - SignedDuration::from_mins(1)),
        other,
    ];
    for order in &orders {
        stage.take(std::slice::from_ref(order)).await;
        stage.settle().await;
    }
    let anna = stage.customer("anna").await;
    assert_eq!((anna.stage, anna.folded.orders.recent().len()), (Lifecycle::New, 1));
    let facts = stage.stack.store.facts_of(&key("anna")).all().await.expect("facts");
    assert_eq!(facts.len(), 4, "each is stored beside the others");
    assert_eq!(anna.folded, Folded::recount(&facts, &Policy::built_in().calendar));
    // The reverse order gives the same state.
    for mut order in orders.into_iter().rev() {
        order["userId"] = json!("bela");
        order["context"]["traits"]["email"] = json!("bela@example.com");
        stage.take(&[order]).await;
    }
    stage.settle().await;
    let bela = stage.customer("bela").await;
    assert_eq!(bela.folded.orders, anna.folded.orders);
    stage.pass("2d").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_phone_and_a_missing_address_only_prevent_the_message() {
    let mut stage = Stage::new().await;
    let order = spoilt(&stage, "anna", |order| {
        order["context"]["traits"] = json!({ "phone": "call me", "sms_marketing_consent": true });
    });
    let (status, answer) = stage.post("/v1/batch", json!({ "batch": [order] })).await;
    assert_eq!((status, &answer["accepted"]), (200, &json!(1)));
    assert_eq!(answer["warnings"][0]["field"], json!("context.traits.phone"), "{answer}");
    stage.pass("15d").await;
    let anna = stage.customer("anna").await;
    assert_eq!((anna.stage, &anna.folded.profile.phone), (Lifecycle::New, &None));
    for step in ["thanks", "guide", "nudge", "text", "question"] {
        assert_eq!(stage.not_sent("anna", step).await, Some(Reason::NoAddress), "{step}");
    }
    assert!(stage.mailbox().is_empty());
    // Once there is an address, the steps that are still due are sent.
    stage.order("bela", "b1").await;
    stage.tell("anna", json!({ "email": "anna@example.com" })).await;
    stage.pass("80d").await;
    assert_eq!(stage.sent("anna"), ["reengage/reminder"]);
}
