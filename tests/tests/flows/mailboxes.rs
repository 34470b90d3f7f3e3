//! Several customers with one address are one recipient: what they refuse, and how much they get, holds for the address.

use crate::loops::link;
use crate::stage::{Stage, key, order_at};
use futures::future::join_all;
use rekindle_emulators::{Matching, Outcome};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::facts::{ConsentEvent, Event, Fact, Traits};
use rekindle_lifecycle::message::MessageState;
use rekindle_lifecycle::reason::Reason;
use serde_json::{Value, json};

const SHARED: &str = "shared@example.com";

/// An order of a customer whose address is [`SHARED`].
async fn order(stage: &Stage, customer: &str, order: &str) {
    let mut event = order_at(customer, order, stage.now());
    event["context"]["traits"]["email"] = SHARED.into();
    stage.take(&[event]).await;
}

fn sent_to_all(stage: &Stage, customers: &[&str]) -> Vec<String> {
    customers.iter().flat_map(|customer| stage.sent(customer)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_ids_with_one_address_get_one_welcome_and_the_other_says_why_it_did_not_come() {
    let mut stage = Stage::new().await;
    order(&stage, "anna", "a1").await;
    order(&stage, "guest-17", "g1").await;
    stage.pass("2h").await;
    assert_eq!(sent_to_all(&stage, &["anna", "guest-17"]), ["welcome/thanks"]);
    let mut ends = Vec::new();
    for customer in ["anna", "guest-17"] {
        let message = stage.message(customer, "thanks").await;
        ends.push((message.state, message.withdrawn));
    }
    ends.sort_by_key(|(_, withdrawn)| withdrawn.is_some());
    assert_eq!(ends, [(MessageState::Delivered, None), (MessageState::Cancelled, Some(Reason::SameMailbox))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_two_ids_that_are_sent_at_one_moment_are_one_message() {
    let mut stage = Stage::new().await;
    let customers = ["anna", "guest-1", "guest-2", "guest-3"];
    for customer in customers {
        order(&stage, customer, customer).await;
    }
    stage.settle().await;
    stage.skip("1h");
    join_all(customers.map(|customer| stage.advance(customer))).await;
    let mut messages = Vec::new();
    for customer in customers {
        messages.push((customer, stage.message(customer, "thanks").await.id));
    }
    join_all(messages.iter().map(|(customer, id)| stage.send(customer, id))).await;
    assert!(sent_to_all(&stage, &customers).len() <= 1, "of several at one moment one goes out, or none yet");
    stage.pass("3h").await;
    assert_eq!(sent_to_all(&stage, &customers), ["welcome/thanks"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_ids_of_one_address_get_no_more_than_one_customer() {
    let mut alone = Stage::new().await;
    alone.order("anna", "a1").await;
    alone.pass("30d").await;
    let mut stage = Stage::new().await;
    let customers: Vec<String> = (0..20).map(|number| format!("guest-{number}")).collect();
    for customer in &customers {
        order(&stage, customer, customer).await;
    }
    stage.pass("30d").await;
    let mut sent: Vec<String> = customers.iter().flat_map(|customer| stage.sent(customer)).collect();
    let mut expected = alone.sent("anna");
    sent.sort_unstable();
    expected.sort_unstable();
    assert_eq!(sent, expected);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_refusal_under_one_id_holds_for_the_other_and_so_does_the_way_back() {
    let mut stage = Stage::new().await;
    order(&stage, "anna", "a1").await;
    stage.pass("2h").await;
    let unsubscribe = link(&stage.text_of("anna", "welcome/thanks"), "u");
    assert_eq!(stage.browse(&unsubscribe, Some("List-Unsubscribe=One-Click")).await.0, 200);
    order(&stage, "guest-17", "g1").await;
    stage.pass("40d").await;
    assert!(stage.sent("guest-17").is_empty(), "{:?}", stage.sent("guest-17"));
    assert_eq!(stage.message("guest-17", "thanks").await.withdrawn, Some(Reason::NoConsent));
    let shown = stage.administer("GET", "/v1/customers/guest-17", "").await;
    assert_eq!(shown["permissions"]["email"]["marketing"], json!(false), "{shown}");

    assert_eq!(stage.browse(&unsubscribe, Some("act=undo&again=service+marketing+survey+referral")).await.0, 200);
    let shown = stage.administer("GET", "/v1/customers/guest-17", "").await;
    assert_eq!(shown["permissions"]["email"]["marketing"], json!(true), "{shown}");
    order(&stage, "guest-18", "g2").await;
    stage.pass("40d").await;
    assert!(stage.sent("guest-18").iter().any(|step| step.starts_with("welcome/")), "{:?}", stage.sent("guest-18"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_under_one_id_opens_the_address_for_another_that_had_refused() {
    let mut stage = Stage::new().await;
    order(&stage, "anna", "a1").await;
    order(&stage, "guest-17", "g1").await;
    stage.pass("2h").await;
    let first = if stage.sent("anna").is_empty() { "guest-17" } else { "anna" };
    let unsubscribe = link(&stage.text_of(first, "welcome/thanks"), "u");
    assert_eq!(stage.browse(&unsubscribe, Some("")).await.0, 200);
    stage.pass("1d").await;
    let before = sent_to_all(&stage, &["anna", "guest-17"]).len();
    // The same person, as the other id: a link of their own would be in a mail that they do not get, so the fact is stored.
    let other = if first == "anna" { "guest-17" } else { "anna" };
    stage.agree_by_page(other, SHARED).await;
    stage.pass("60d").await;
    let after = stage.sent(first).len() + stage.sent(other).len();
    assert!(after > before, "the one who had refused gets mails again");
    assert!(stage.sent(first).len() > 1 || stage.sent(other).len() > 1);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_mistyped_address_that_bounces_closes_nothing_once_it_is_corrected() {
    let mut stage = Stage::new().await;
    order(&stage, "anna", "a1").await;
    stage.settle().await;
    stage.stack.cloud.faults().plan_outcomes(1, Matching::Any, vec![Outcome::PermanentBounce]);
    stage.pass("2h").await;
    let closed_by =
        async |stage: &Stage| -> Value { stage.shown("anna").await["permissions"]["email"]["closed_by"].clone() };
    assert_eq!(closed_by(&stage).await, json!("permanent_bounce"));
    stage.pass("1h").await;
    stage.tell("anna", json!({ "email": "corrected@example.com" })).await;
    stage.pass("40d").await;
    assert_eq!(closed_by(&stage).await, Value::Null);
    assert!(stage.sent("anna").len() > 1, "{:?}", stage.sent("anna"));
    // The mistyped one stays closed, whoever has it.
    order(&stage, "guest-17", "g1").await;
    stage.pass("2d").await;
    assert!(stage.sent("guest-17").is_empty());
    assert_eq!(stage.message("guest-17", "thanks").await.withdrawn, Some(Reason::Suppressed));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn after_a_complaint_the_customers_own_yes_on_the_page_works() {
    let mut stage = Stage::new().await;
    order(&stage, "anna", "a1").await;
    stage.settle().await;
    stage.stack.cloud.faults().plan_outcomes(1, Matching::Any, vec![Outcome::Delivery, Outcome::Complaint]);
    stage.pass("2h").await;
    let listed = stage.administer("GET", "/v1/suppressions", "").await;
    assert_eq!(listed["suppressions"][0]["cause"], json!("complaint"), "{listed}");
    let preferences = link(&stage.text_of("anna", "welcome/thanks"), "p");
    let form = "act=save&shown-email-marketing=off&shown-email-survey=off&shown-email-referral=off\
                &email-marketing=on&email-survey=on&email-referral=on&language=en&time_zone=";
    assert_eq!(stage.browse(&preferences, Some(form)).await.0, 200);
    let listed = stage.administer("GET", "/v1/suppressions", "").await;
    assert_eq!(listed["suppressions"], json!([]), "the list says what the mailbox says");
    stage.pass("40d").await;
    assert!(stage.sent("anna").len() > 1, "{:?}", stage.sent("anna"));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_yes_whose_page_stopped_on_the_way_is_noted_by_the_stream() {
    let mut stage = Stage::new().await;
    order(&stage, "anna", "a1").await;
    stage.administer("POST", "/v1/suppressions", &format!("channel,address,cause\nemail,{SHARED},stop\n")).await;
    stage.skip("1m");
    // The fact is stored and applied, and nothing else.
    stage.agree("anna", Channel::Email).await;
    stage.pass("2h").await;
    assert_eq!(stage.administer("GET", "/v1/suppressions", "").await["suppressions"], json!([]));
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_click_after_one_that_stopped_half_way_closes_the_address_for_every_id() {
    let mut stage = Stage::new().await;
    order(&stage, "anna", "a1").await;
    order(&stage, "guest-17", "g1").await;
    stage.pass("2h").await;
    let (id, other) = if stage.sent("anna").is_empty() { ("guest-17", "anna") } else { ("anna", "guest-17") };
    let unsubscribe = link(&stage.text_of(id, "welcome/thanks"), "u");
    // The first click stored the refusal and got no further; the stream is down.
    let refusal = ConsentEvent {
        channel: Channel::Email,
        purpose: None,
        granted: false,
        source: "unsubscribe page".to_owned(),
        text_version: None,
        own: true,
    };
    let fact =
        Fact { at: stage.now(), id: "click".to_owned(), event: Event::Consent(refusal), traits: Traits::default() };
    stage.stack.store.store_and_apply(&key(id), &[fact], stage.now()).await.expect("stored");
    let allows = async || {
        stage.administer("GET", &format!("/v1/customers/{other}"), "").await["permissions"]["email"]["marketing"]
            .clone()
    };
    assert_eq!(allows().await, true);
    let (status, _) = stage.browse(&unsubscribe, Some("")).await;
    assert_eq!((status, allows().await), (200, json!(false)));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn an_address_listed_by_hand_is_shown_as_closed_and_opens_when_it_is_lifted() {
    let mut stage = Stage::new().await;
    stage.administer("POST", "/v1/suppressions", &format!("channel,address\nemail,{SHARED}\n")).await;
    order(&stage, "anna", "a1").await;
    stage.pass("2h").await;
    let shown = stage.shown("anna").await;
    assert_eq!(shown["permissions"]["email"]["closed_by"], json!("manual"), "{shown}");
    stage.administer("DELETE", &format!("/v1/suppressions/email/{SHARED}"), "").await;
    let shown = stage.shown("anna").await;
    assert_eq!(shown["permissions"]["email"]["closed_by"], Value::Null, "{shown}");
    stage.pass("40d").await;
    assert!(!stage.sent("anna").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_customer_leaves_no_trace_in_the_mailbox_but_what_protects_the_address() {
    let mut stage = Stage::new().await;
    order(&stage, "anna", "a1").await;
    stage.pass("2h").await;
    let unsubscribe = link(&stage.text_of("anna", "welcome/thanks"), "u");
    assert_eq!(stage.browse(&unsubscribe, Some("")).await.0, 200);
    let customer = stage.customer("anna").await;
    let keys = stage.stack.handlers.send.link_keys.mailboxes(&key("anna").shop, &customer.folded.profile);
    assert_eq!(stage.stack.store.mailbox(&keys[0]).await.expect("read").places.len(), 1);
    stage.administer("DELETE", "/v1/customers/anna", "").await;
    let mailbox = stage.stack.store.mailbox(&keys[0]).await.expect("read");
    assert!(mailbox.places.is_empty() && !mailbox.said.is_empty(), "{mailbox:?}");
}
