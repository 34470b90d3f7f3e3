//! Every loop from a message to its reader and back: answers and calls, friends and rewards, coupons and orders, a shop
//! that is stopped, an address on its list, a customer who is erased.

use crate::stage::{Stage, key, order_at};
use rekindle_lifecycle::decide::Entry;
use rekindle_lifecycle::message::MessageState;
use rekindle_lifecycle::reason::Reason;
use rekindle_lifecycle::referral::Refusal;
use rekindle_store::Guarded;
use serde_json::{Value, json};

/// The first link in a text that leads to a page of this kind.
pub(crate) fn link(text: &str, page: &str) -> String {
    let marker = format!("/{page}/");
    let word = text.split_whitespace().find(|word| word.contains(&marker) && word.starts_with("http"));
    word.unwrap_or_else(|| panic!("no link to /{page}/ in {text}")).to_owned()
}

/// The link of a score in an NPS mail.
pub(crate) fn score_link(text: &str, score: u8) -> String {
    let line = text.lines().find(|line| line.starts_with(&format!("{score}: "))).expect("a line for each score");
    link(line, "n")
}

/// An order with one more property.
async fn order_with(stage: &Stage, customer: &str, order: &str, property: &str, value: &str) {
    let mut event = order_at(customer, order, stage.now());
    event["properties"][property] = json!(value);
    stage.take(&[event]).await;
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn an_unhappy_answer_leads_to_a_call_and_only_then_to_an_apology() {
    let mut stage = Stage::new().await;
    stage.order("anna", "a1").await;
    stage.pass("15d").await;
    let url = score_link(&stage.text_of("anna", "nps/question"), 2);
    let (status, page) = stage.browse(&url, None).await;
    assert_eq!(status, 200, "{page}");
    assert!(stage.customer("anna").await.folded.nps.is_none(), "nothing counts before it is sent");
    let form = "score=2&comment=It+came+%3Cb%3Ebroken%3C%2Fb%3E&may_call=yes";
    for _ in 0..2 {
        assert_eq!(stage.browse(&url, Some(form)).await.0, 200);
    }
    stage.pass("1d").await;

    let open = stage.administer("GET", "/v1/tasks?state=open", "").await;
    let [task] = open["tasks"].as_array().expect("a list").as_slice() else { panic!("{open}") };
    assert_eq!((task["customer"].as_str(), task["journey"].as_str()), (Some("anna"), Some("nps-detractor")));
    assert_eq!(task["nps"]["score"], 2);
    assert_eq!(task["nps"]["comment"], "It came <b>broken</b>");
    assert!(task["history"].to_string().contains("1 orders"), "{task}");
    let told = stage.browse(&format!("{}/local/events.json", stage.url), None).await.1;
    assert_eq!(told.matches("\"type\":\"rekindle.task.opened\"").count(), 1, "{told}");
    assert!(!stage.sent("anna").contains(&"nps-detractor/apology".to_owned()));

    let id = task["id"].as_str().expect("an id");
    let close = format!("/v1/tasks/{id}/close");
    for outcome in ["We sent a new one", "Nobody was there"] {
        stage.administer("POST", &close, &json!({ "outcome": outcome, "by": "Marta" }).to_string()).await;
    }
    let closed = stage.administer("GET", &format!("/v1/tasks/{id}"), "").await;
    assert!(closed.to_string().contains("We sent a new one"), "the first outcome is kept: {closed}");
    stage.pass("2d").await;
    assert_eq!(stage.sent("anna").iter().filter(|sent| *sent == "nps-detractor/apology").count(), 1);
}

/// A policy whose first step is a task.
pub(crate) const CALL: &str = r#"
[experiment]
holdout = 0.0
[[journey]]
id = "hello"
trigger = "first_order"
purpose = "marketing"
priority = 1
[[journey.step]]
id = "call"
delay = "1h"
channel = "task"
template = "welcome-call"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_task_whose_opening_is_interrupted_is_still_opened_exactly_once() {
    let mut stage = Stage::new().await;
    stage.stack.store.put_policy(&stage.stack.shop.id, CALL).await.expect("valid");
    stage.order("anna", "a1").await;
    stage.settle().await;
    stage.skip("1h");
    stage.advance("anna").await;
    // A sender claims it and crashes.
    let claimed = stage.message("anna", "call").await.claimed(stage.now());
    let anna = stage.customer("anna").await;
    assert_eq!(stage.stack.store.claim(&anna, &claimed).await.expect("an answer"), Guarded::Written);
    stage.pass("1m").await;
    assert_eq!(stage.administer("GET", "/v1/tasks", "").await["tasks"], json!([]), "the lease still runs");
    stage.pass("10m").await;
    assert_eq!(stage.message("anna", "call").await.state, MessageState::Accepted);
    let tasks = stage.administer("GET", "/v1/tasks", "").await;
    assert_eq!(tasks["tasks"].as_array().map(Vec::len), Some(1), "{tasks}");
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_friend_earns_the_referrer_a_coupon_once_the_order_is_final() {
    let mut stage = Stage::new().await;
    stage.order("anna", "a1").await;
    stage.pass("15d").await;
    let url = score_link(&stage.text_of("anna", "nps/question"), 10);
    let (_, thanks) = stage.browse(&url, Some("score=10")).await;
    let thanks = thanks.replace("&#x2f;", "/");
    let code = thanks.split("/r/").nth(1).map(|rest| rest.chars().take(8).collect::<String>()).expect("a code");
    stage.pass("2d").await;
    let invitation = stage.text_of("anna", "nps-promoter/invitation");
    assert!(invitation.contains(&format!("/r/{code}")), "the mail has the code of the page: {invitation}");

    // The friend opens the link twice; link scanners only read the page.
    let page = format!("{}/r/{code}", stage.url);
    assert_eq!(stage.browse(&page, None).await.0, 200);
    assert_eq!(stage.stack.store.referral_visits(&code, stage.now()).await.expect("counted"), 0);
    for _ in 0..2 {
        assert_eq!(stage.browse(&page, Some("")).await.0, 303);
    }
    assert_eq!(stage.stack.store.referral_visits(&code, stage.now()).await.expect("counted"), 1);

    order_with(&stage, "bob", "b1", "referral_code", &code.to_lowercase()).await;
    order_with(&stage, "cleo", "c1", "referral_code", &code).await;
    // Anna under another name, and a customer with a code that belongs to no referrer.
    let mut again = order_at("anna2", "x1", stage.now());
    again["properties"]["referral_code"] = json!(code);
    again["context"]["traits"]["email"] = json!("Anna+again@example.com");
    stage.take(&[again]).await;
    order_with(&stage, "dora", "d1", "referral_code", "22222222").await;
    stage.pass("10d").await;
    let refund = json!({
        "type": "track", "event": "Order Refunded", "userId": "cleo", "messageId": "c1-refund",
        "timestamp": stage.now().to_string(), "properties": { "order_id": "c1" },
    });
    stage.take(&[refund]).await;
    stage.pass("6d").await;
    assert_eq!(stage.sent("anna").iter().filter(|sent| *sent == "referral-reward/reward").count(), 1);
    let refused = |entries: Vec<Entry>| -> Vec<Refusal> {
        let refusals = entries.into_iter().filter_map(|entry| match entry {
            Entry::ReferralRefused { refusal, .. } => Some(refusal),
            _ => None,
        });
        refusals.collect()
    };
    let mut of_anna = refused(stage.entries("anna").await);
    of_anna.sort_unstable();
    assert_eq!(of_anna, [Refusal::SameAddress, Refusal::OrderUndone]);
    assert_eq!(refused(stage.entries("dora").await), [Refusal::UnknownCode]);

    // The reward is a coupon of her own, and an order uses it up.
    let reward = stage.text_of("anna", "referral-reward/reward");
    let coupon = reward.split_whitespace().find(|word| word.starts_with("THANKS-")).expect("a coupon").to_owned();
    let path = format!("/v1/coupons/{coupon}");
    let before = stage.administer("GET", &path, "").await;
    assert_eq!(before["percent"], 15, "{before}");
    let typed = coupon.to_lowercase().replace('-', "\u{2011}");
    order_with(&stage, "anna", "a2", "coupon", &typed).await;
    stage.settle().await;
    let after = stage.administer("GET", &path, "").await;
    assert!(after.to_string().contains("a2") && !before.to_string().contains("a2"), "{after}");
}

const POOL: &str = r#"
[experiment]
holdout = 0.0
[[journey]]
id = "gift"
trigger = "first_order"
purpose = "marketing"
priority = 1
[[journey.step]]
id = "gift"
delay = "1h"
channel = "email"
template = "welcome-nudge"
coupon = { pool = "spring", percent = 20, valid_for = "7d" }
"#;

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn an_empty_pool_leaves_a_mail_without_its_coupon_but_no_customer_without_the_mail() {
    let mut stage = Stage::new().await;
    stage.stack.store.put_policy(&stage.stack.shop.id, POOL).await.expect("valid");
    stage.administer("POST", "/v1/coupons/pools/spring", "SPRING-1\nSPRING-2\n").await;
    for customer in ["anna", "bob", "cleo"] {
        stage.order(customer, customer).await;
    }
    stage.pass("2h").await;
    let texts = ["anna", "bob", "cleo"].map(|customer| stage.text_of(customer, "gift/gift"));
    let given: Vec<&str> = ["SPRING-1", "SPRING-2"]
        .into_iter()
        .filter(|code| texts.iter().filter(|t| t.contains(code)).count() == 1)
        .collect();
    assert_eq!(given, ["SPRING-1", "SPRING-2"], "each code went to one customer");
    assert_eq!(texts.iter().filter(|text| !text.contains("SPRING-")).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_stopped_shop_sends_nothing_and_later_continues_where_it_stopped() {
    let mut stage = Stage::new().await;
    let stop = json!({ "paused": true, "note": "wrong prices" }).to_string();
    let go = json!({ "paused": false }).to_string();
    let told = stage.administer("PUT", "/v1/sending", &stop).await;
    assert_eq!((told["paused"].as_bool(), &told["pause"]["note"]), (Some(true), &json!("wrong prices")), "{told}");
    stage.order("anna", "a1").await;
    stage.pass("1d").await;
    assert!(stage.sent("anna").is_empty());
    assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Queued);
    stage.administer("PUT", "/v1/sending", &go).await;
    stage.pass("2h").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);

    // What is no longer useful by then is not sent.
    stage.administer("PUT", "/v1/sending", &stop).await;
    stage.pass("8d").await;
    stage.administer("PUT", "/v1/sending", &go).await;
    stage.pass("2h").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
    assert_eq!(stage.message("anna", "guide").await.withdrawn, Some(Reason::TooLate));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn an_address_on_the_shops_list_gets_nothing_whichever_customer_has_it() {
    let mut stage = Stage::new().await;
    let list = "channel,address,cause\nemail,Anna@Example.com,manual\nemail,not an address,manual\n";
    let answer = stage.administer("POST", "/v1/suppressions", list).await;
    assert!(answer.to_string().contains('3'), "the bad line is named: {answer}");
    stage.order("anna", "a1").await;
    stage.order("bob", "b1").await;
    stage.pass("2h").await;
    assert!(stage.sent("anna").is_empty());
    assert_eq!(stage.message("anna", "thanks").await.withdrawn, Some(Reason::Suppressed));
    assert_eq!(stage.sent("bob"), ["welcome/thanks"]);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn consent_to_text_messages_is_requested_before_any_is_sent() {
    let mut stage = Stage::new().await;
    stage.order("anna", "a1").await;
    stage.tell("anna", json!({ "phone": "+12025550143", "sms_marketing_consent": true })).await;
    stage.pass("2d").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks", "confirm-sms/question"]);
    let url = link(&stage.text_of("anna", "confirm-sms/question"), "c");
    assert_eq!(stage.browse(&url, None).await.0, 200);
    stage.pass("1h").await;
    let allowed = async |stage: &Stage| stage.shown("anna").await["permissions"]["sms"]["marketing"].clone();
    assert_eq!(allowed(&stage).await, false, "a GET is no consent");
    assert_eq!(stage.browse(&url, Some("")).await.0, 200);
    assert_eq!(allowed(&stage).await, true);
    stage.pass("14d").await;
    assert!(stage.sent("anna").contains(&"welcome/text".to_owned()), "{:?}", stage.sent("anna"));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_request_for_erasure_is_one_task_and_is_erased_with_the_customer() {
    let mut stage = Stage::new().await;
    stage.order("anna", "a1").await;
    stage.pass("2h").await;
    let preferences = link(&stage.text_of("anna", "welcome/thanks"), "p");
    for _ in 0..2 {
        assert_eq!(stage.browse(&preferences, Some("act=erase")).await.0, 200);
    }
    let open = async |stage: &Stage| stage.administer("GET", "/v1/tasks?state=open", "").await["tasks"].clone();
    let tasks = open(&stage).await;
    assert_eq!(tasks.as_array().map(Vec::len), Some(1), "{tasks}");
    assert!(tasks[0]["title"].as_str().is_some_and(|title| title.contains("erased")), "{tasks}");
    assert!(stage.customer("anna").await.version > 0, "the link alone does not erase a customer");
    stage.administer("DELETE", "/v1/customers/anna", "").await;
    assert_eq!(open(&stage).await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn an_erased_customer_stays_erased_whatever_arrives_later() {
    let mut stage = Stage::new().await;
    stage.order("anna", "a1").await;
    stage.pass("2h").await;
    let unsubscribe = link(&stage.text_of("anna", "welcome/thanks"), "u");
    // Stored, but not folded yet when the customer is erased.
    stage.order("anna", "a2").await;
    stage.administer("DELETE", "/v1/customers/anna", "").await;
    stage.settle().await;
    stage.pass("30d").await;
    assert_eq!(stage.customer("anna").await.version, 0);
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
    let (status, page) = stage.browse(&unsubscribe, Some("")).await;
    assert!(status == 200 && page.contains("Nothing is stored about you any more"), "{page}");
    assert_eq!(stage.customer("anna").await.version, 0, "the form in an old mail does not restore the customer");
    assert!(stage.stack.store.facts_of(&key("anna")).all().await.expect("facts").is_empty());
    // A new order starts a new customer.
    stage.order("anna", "a3").await;
    stage.pass("2h").await;
    assert_eq!(stage.customer("anna").await.folded.orders.recent().len(), 1);
    let kept: Value = stage.administer("GET", "/v1/customers/anna/export", "").await;
    assert!(!kept.to_string().contains("a1"), "{kept}");
}
