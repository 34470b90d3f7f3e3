//! The examples under `events/`: each fits its schema, and each is processed correctly.

use crate::feedback::sent_and_reported;
use crate::stage::{Stage, key};
use ::feedback::Batch;
use aws_lambda_events::event::sqs::SqsEvent;
use base64ct::{Base64UrlUnpadded, Encoding};
use rekindle_emulators::Outcome;
use rekindle_lifecycle::facts::{Event, Fact, ReactionKind};
use rekindle_lifecycle::message::MessageState;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Placeholder in the examples for the id of our message.
const MESSAGE: &str = "thanksmailtoanna2222222222";
/// How the examples name the customer.
const ANNA: &str = "YW5uYQ";
/// Placeholder in the examples for the address of the customers' pages.
const LINKS: &str = "https://links.example.com";

fn events() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../events")
}

fn json_of(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The examples of a folder, by name, sorted.
fn examples(folder: &str) -> Vec<(String, Value)> {
    let files = std::fs::read_dir(events().join(folder)).expect("the folder");
    let mut found: Vec<_> = files
        .map(|file| file.expect("a file").path())
        .map(|path| (path.file_stem().expect("a name").to_string_lossy().into_owned(), json_of(&path)))
        .collect();
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    assert!(found.len() > 5, "{folder}");
    found
}

/// The text of an example, about this message and these pages.
fn example(path: &str, message: &str, links: &str) -> String {
    let text = std::fs::read_to_string(events().join(path)).expect("the example");
    text.replace(MESSAGE, message).replace(LINKS, links)
}

fn schema_of(folder: &str, example: &Value) -> &'static str {
    match folder {
        _ if example.get("TopicArn").is_some() => "sns-notification",
        "ses" if example.get("notificationType").is_some() => "ses-notification",
        "ses" => "ses-event",
        "sms" => "inbound-sms",
        _ if example.get("batch").is_some() => "segment-batch",
        _ => "segment-call",
    }
}

/// The errors of a value under a schema.
fn complaints(schema: &str, value: &Value) -> Vec<String> {
    let schema = json_of(&events().join(format!("schema/{schema}.schema.json")));
    let validator = jsonschema::draft202012::new(&schema).expect("a schema");
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn every_example_fits_its_schema() {
    for folder in ["ses", "sms", "segment"] {
        for (name, example) in examples(folder) {
            assert_eq!(complaints(schema_of(folder, &example), &example), [""; 0], "{folder}/{name}");
            if let Some(inner) = example.get("Message").and_then(Value::as_str) {
                let inner: Value = serde_json::from_str(inner).expect("JSON in the envelope");
                assert_eq!(complaints(schema_of(folder, &inner), &inner), [""; 0], "inside {folder}/{name}");
            }
        }
    }
}

#[test]
fn there_is_an_example_of_every_type_that_ses_publishes() {
    let types: Vec<String> =
        examples("ses").iter().filter_map(|(_, event)| event["eventType"].as_str().map(str::to_owned)).collect();
    for wanted in [
        "Send",
        "Delivery",
        "Bounce",
        "Complaint",
        "Reject",
        "Open",
        "Click",
        "Rendering Failure",
        "DeliveryDelay",
        "Subscription",
    ] {
        assert!(types.iter().any(|found| found == wanted), "{wanted}");
    }
}

#[test]
fn a_schema_refuses_what_lacks_a_part_or_has_a_wrong_one() {
    let broken = |path: &str, schema: &str, pointer: &str, value: Option<Value>| {
        let mut example = json_of(&events().join(path));
        let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
        let parent = example.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
        match value {
            Some(value) => parent.insert(field.to_owned(), value),
            None => parent.remove(field),
        };
        assert!(!complaints(schema, &example).is_empty(), "{path} with a change at {pointer}");
    };
    broken("ses/send.json", "ses-event", "/mail/messageId", None);
    broken("ses/send.json", "ses-event", "/mail/timestamp", Some(json!("yesterday")));
    broken("ses/send.json", "ses-event", "/mail/tags/shop", Some(json!("shop")));
    broken("ses/bounce-permanent.json", "ses-event", "/bounce/bounceType", Some(json!("Hard")));
    broken("ses/bounce-permanent.json", "ses-event", "/bounce", None);
    broken("ses/click.json", "ses-event", "/click/link", None);
    broken("ses/subscription.json", "ses-event", "/subscription/newTopicPreferences/unsubscribeAll", None);
    broken("ses/notification-bounce.json", "ses-notification", "/notificationType", Some(json!("Open")));
    broken("ses/wrapped-by-sns.json", "sns-notification", "/Message", Some(json!({})));
    broken("sms/stop.json", "inbound-sms", "/originationNumber", Some(json!("STOP")));
    broken("sms/stop.json", "inbound-sms", "/inboundMessageId", None);
    broken("segment/order-completed.json", "segment-call", "/properties/order_id", None);
    broken("segment/order-completed.json", "segment-call", "/userId", None);
    broken("segment/batch.json", "segment-batch", "/batch", Some(json!([{ "type": "track", "messageId": "m" }])));
}

/// Processes bodies from the queue in one batch, and returns the result.
pub(crate) async fn take_in(stage: &Stage, bodies: &[&str]) -> Batch {
    let records =
        bodies.iter().enumerate().map(|(place, body)| json!({ "messageId": place.to_string(), "body": body }));
    let event: SqsEvent =
        serde_json::from_value(json!({ "Records": records.collect::<Vec<_>>() })).expect("a batch of the queue");
    stage.stack.handlers.feedback.process_batch(event.records).await
}

/// Anna's stored facts, except orders.
async fn said(stage: &Stage) -> Vec<Fact> {
    let mut facts = stage.facts("anna").await;
    facts.retain(|fact| fact.order_id().is_none());
    facts
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn every_report_of_ses_is_processed_correctly_and_changes_nothing_the_second_time() {
    use MessageState::{Accepted, Bounced, Complained, Delivered, Failed};
    let expected: [(&str, MessageState, &[&str], &str); 23] = [
        ("bounce-permanent", Bounced, &["suppressed"], "bounce_permanent"),
        ("bounce-transient", Bounced, &["soft_bounce"], "bounce_passing"),
        ("bounce-undetermined", Bounced, &["soft_bounce"], "bounce_passing"),
        ("click", Accepted, &["reaction"], "click"),
        ("click-by-a-scanner", Accepted, &[], "click_of_no_reaction"),
        ("click-on-unsubscribe", Accepted, &[], "click_of_no_reaction"),
        ("complaint", Complained, &["suppressed"], "complaint"),
        ("complaint-not-spam", Accepted, &[], "complaint_not_spam"),
        ("complaint-whole-domain", Complained, &["suppressed"], "complaint"),
        ("delivery", Delivered, &[], "delivery"),
        ("delivery-delay", Accepted, &[], "delivery_delay"),
        ("notification-bounce", Accepted, &[], "not_ours"),
        ("notification-complaint", Accepted, &[], "not_ours"),
        ("notification-delivery", Accepted, &[], "not_ours"),
        ("of-another-sender", Accepted, &[], "not_ours"),
        ("open", Accepted, &[], "open"),
        ("raw-delivery", Delivered, &[], "delivery"),
        ("reject", Failed, &[], "reject"),
        ("rendering-failure", Failed, &[], "rendering_failure"),
        ("send", Accepted, &[], "send"),
        ("subscription", Accepted, &["consent"], "subscription"),
        ("unknown-type", Accepted, &[], "unknown_type"),
        ("wrapped-by-sns", Bounced, &["suppressed"], "bounce_permanent"),
    ];
    let names: Vec<_> = examples("ses").into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, expected.map(|(name, ..)| name), "each example has its expectation");
    for (name, state, facts, count) in expected {
        let (stage, _) = sent_and_reported(vec![Outcome::Delivery]).await;
        let id = stage.message("anna", "thanks").await.id;
        let body = example(&format!("ses/{name}.json"), id.as_str(), &stage.url);
        for time in ["first", "second"] {
            let batch = take_in(&stage, &[&body]).await;
            assert_eq!((batch.failed.len(), batch.counts.get(count)), (0, 1), "{name}, the {time} time: {batch:?}");
            assert_eq!(stage.message("anna", "thanks").await.state, state, "{name}, the {time} time");
            let facts_said = said(&stage).await;
            let kinds: Vec<_> = facts_said.iter().map(Fact::kind).collect();
            assert_eq!(kinds, facts, "{name}, the {time} time");
        }
        let day = stage.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let (kept, _) = stage.stack.store.refused_on(&stage.stack.shop.id, day, None).await.expect("read");
        assert_eq!(kept.len(), usize::from(name == "unknown-type"), "{name}");
        let listed = stage.stack.store.suppressions(&stage.stack.shop.id, None, 100).await.expect("the list").entries;
        let addresses: Vec<_> = listed.iter().filter_map(|entry| entry.address.as_deref()).collect();
        let expected: &[&str] = if facts == ["suppressed"] { &["anna@example.com"] } else { &[] };
        assert_eq!(addresses, expected, "{name}: of a list of recipients only ours");
        assert_eq!(stage.overview().await.customers, 1, "{name}: no customer is invented");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_soon_after_a_late_delivery_is_a_programs() {
    let (stage, _) = sent_and_reported(vec![Outcome::Delivery]).await;
    let id = stage.message("anna", "thanks").await.id;
    let mut delivery: Value = serde_json::from_str(&example("ses/delivery.json", id.as_str(), "")).expect("JSON");
    delivery["delivery"]["timestamp"] = "2026-03-02T12:14:01.000Z".into();
    // The click happened 8 seconds after that, and precedes it in the batch.
    let click = example("ses/click.json", id.as_str(), "");
    let batch = take_in(&stage, &[&click, &delivery.to_string()]).await;
    assert_eq!((batch.counts.get("click_of_no_reaction"), batch.counts.get("delivery")), (1, 1));
    assert!(said(&stage).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_names_its_message_its_run_and_its_link_and_shows_that_the_mail_was_accepted() {
    let (stage, _) = sent_and_reported(vec![Outcome::Delivery]).await;
    let message = stage.message("anna", "thanks").await;
    // The outcome of the mail is unknown: SES's answer was lost, and its event as well.
    let unknown = rekindle_lifecycle::message::Message {
        state: MessageState::Unknown,
        unknown_since: Some(stage.now()),
        accepted_at: None,
        provider_id: None,
        revision: message.revision + 1,
        ..message.clone()
    };
    stage.stack.store.put_message(&key("anna"), &unknown).await.expect("written");
    take_in(&stage, &[&example("ses/click.json", message.id.as_str(), "")]).await;
    assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Accepted);
    let facts = said(&stage).await;
    let Event::Reaction(reaction) = &facts[0].event else { panic!("{facts:?}") };
    assert_eq!((reaction.how, reaction.message.as_ref()), (ReactionKind::Click, Some(&message.id)));
    let run = rekindle_lifecycle::id::run_digest(&message.journey, &message.run);
    assert_eq!((reaction.run.as_ref(), reaction.link.as_ref().map(String::len)), (Some(&run), Some(8)));
    assert_eq!(facts[0].at, "2026-03-02T12:14:09.331Z".parse().expect("an instant"));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_refusal_on_the_contact_list_of_ses_is_the_customers_own() {
    let (mut stage, _) = sent_and_reported(vec![Outcome::Delivery]).await;
    let id = stage.message("anna", "thanks").await.id;
    let holder = stage.holder("anna", &id).await.customer;
    let event = example("ses/subscription.json", id.as_str(), "");
    take_in(&stage, &[&event.replace(ANNA, &Base64UrlUnpadded::encode_string(holder.as_str().as_bytes()))]).await;
    stage.pass("10h").await;
    stage.tell("anna", json!({ "email_marketing_consent": true })).await;
    stage.settle().await;
    let permissions = stage.customer("anna").await.folded.permissions;
    let policy = stage.stack.store.policy(&stage.stack.shop.id, stage.now()).await.expect("a policy");
    let (email, marketing) =
        (rekindle_lifecycle::channel::Channel::Email, rekindle_lifecycle::channel::Purpose::Marketing);
    assert!(!permissions.allow(&policy.consent, email, marketing), "the shop's consent does not lift it");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_events_at_once_in_the_worst_order_and_twice_at_the_same_time_end_correctly() {
    let (stage, _) = sent_and_reported(vec![Outcome::Delivery]).await;
    let id = stage.message("anna", "thanks").await.id;
    let names =
        ["complaint", "bounce-transient", "click", "open", "delivery-delay", "delivery", "send", "unknown-type"];
    let bodies: Vec<String> =
        names.iter().map(|name| example(&format!("ses/{name}.json"), id.as_str(), &stage.url)).collect();
    let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
    let backwards: Vec<&str> = bodies.iter().rev().copied().collect();
    let (one, other) = tokio::join!(take_in(&stage, &bodies), take_in(&stage, &backwards));
    assert_eq!((one.failed, other.failed), (vec![], vec![]));
    assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Complained);
    let facts_said = said(&stage).await;
    let mut kinds: Vec<_> = facts_said.iter().map(Fact::kind).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["reaction", "soft_bounce", "suppressed"]);
    let reputation = stage.stack.store.reputation(&stage.stack.shop.id).await.expect("read");
    assert_eq!((reputation.mails(), reputation.complaints(), reputation.bounces()), (1, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_megabyte_and_markup_in_an_event_do_no_harm() {
    let (stage, _) = sent_and_reported(vec![Outcome::Delivery]).await;
    let id = stage.message("anna", "thanks").await.id;
    let mut event: Value = serde_json::from_str(&example("ses/unknown-type.json", id.as_str(), "")).expect("JSON");
    event["eventType"] = "<script>alert(1)</script>".into();
    event["padding"] = "<b>{{ 7 * 7 }}</b>".repeat(60_000).into();
    let mut bounce: Value = serde_json::from_str(&example("ses/bounce-permanent.json", id.as_str(), "")).expect("JSON");
    bounce["bounce"]["bouncedRecipients"][0]["diagnosticCode"] = "<img src=x onerror=alert(1)>".repeat(40_000).into();
    let batch = take_in(&stage, &[&event.to_string(), &bounce.to_string(), "x", &"[".repeat(1 << 20)]).await;
    assert_eq!((batch.counts.get("unknown_type"), batch.counts.get("bounce_permanent")), (1, 1));
    assert_eq!(batch.failed, ["2", "3"], "what is not JSON goes to the dead letters");
    let day = stage.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let (kept, _) = stage.stack.store.refused_on(&stage.stack.shop.id, day, None).await.expect("read");
    assert!(kept[0].body.len() <= 32 * 1024);
    assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Bounced);
}
