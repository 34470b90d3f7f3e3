//! What a newer version of the engine stored: nothing fails because of it, it is shown as unknown, nothing goes out that it
//! may forbid, and the version that knows it counts it by itself.

use crate::golden_events::take_in;
use crate::inbound_texts::{closed, text, texted};
use crate::outcomes::about_to_thank;
use crate::stage::{Stage, key, span};
use aws_sdk_dynamodb::types::AttributeValue;
use rekindle_emulators::{Fault, Matching, Service};
use rekindle_lifecycle::facts::{KNOWN_CODES, SuppressionCause};
use rekindle_lifecycle::id::MessageId;
use rekindle_lifecycle::message::MessageState;
use rekindle_lifecycle::reason::Reason;
use rekindle_store::keys;
use rekindle_store::sending::phone_numbers::TextKind;
use send::Progress;
use serde_json::{Value, json};

/// Writes an item of a customer's activity as another version would.
async fn write(stage: &Stage, id: &str, sk: &str, attributes: &[(&str, &str)]) {
    let mut put = stage.stack.dynamodb().put_item().table_name(&stage.stack.store.tables().activity);
    put = put.item("pk", AttributeValue::S(key(id).pk())).item("sk", AttributeValue::S(sk.to_owned()));
    for (name, value) in attributes {
        put = put.item(*name, AttributeValue::S((*value).to_owned()));
    }
    put.item("revision", AttributeValue::N("1".to_owned())).send().await.expect("written");
}

fn message_id(text: &str) -> MessageId {
    MessageId::parse(text).expect("an id")
}

/// Writes a fact of a kind that this version does not know.
async fn write_fact(stage: &Stage, id: &str, kind: &str, class: &str) -> String {
    let sk = format!("fact#{}#{kind}#1#digest", keys::occurred_at(stage.now()));
    let fact = json!({ "at": stage.now(), "id": "1", "kind": kind, "detail": { "new": true } }).to_string();
    write(stage, id, &sk, &[("fact", &fact), ("class", class)]).await;
    sk
}

/// Makes the customer's record that of a version that knew fewer codes, where it notes that something was not counted.
async fn note_as_an_earlier_version(stage: &Stage, id: &str) {
    let (client, customers) = (stage.stack.dynamodb(), &stage.stack.store.tables().customers);
    let item = client.get_item().table_name(customers).key("pk", AttributeValue::S(key(id).pk())).send().await;
    let mut item = item.expect("read").item.expect("a customer");
    let folded = item["folded"].as_s().expect("JSON").replace(&format!("\"c\":{KNOWN_CODES},"), "\"c\":1,");
    item.insert("folded".to_owned(), AttributeValue::S(folded));
    client.put_item().table_name(customers).set_item(Some(item)).send().await.expect("written");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_beside_what_another_version_stored() {
    let mut stage = Stage::new().await;
    stage.order("anna", "o1").await;
    stage.pass("2h").await;
    let now = keys::occurred_at(stage.now());
    write_fact(&stage, "anna", "wish", "x").await;
    let known = serde_json::to_value(stage.message("anna", "thanks").await).expect("JSON");
    let strange_id = "b".repeat(26);
    let mut strange = known.clone();
    for (field, value) in [("id", json!(strange_id)), ("channel", json!("push")), ("purpose", json!("review"))] {
        strange[field] = value;
    }
    strange["unless"] = json!(["wished"]);
    strange["state"] = json!("scheduled");
    strange["withdrawn"] = json!("full_moon");
    write(&stage, "anna", &format!("message#{strange_id}"), &[("message", &strange.to_string())]).await;
    write(&stage, "anna", &format!("message#{}", "c".repeat(26)), &[("message", "{ damaged")]).await;
    let entries =
        json!([{ "entry": "arm_drawn", "arm": 2 }, { "entry": "not_sent", "journey": "a", "reason": "full_moon" }]);
    write(&stage, "anna", &format!("decision#{now}#0000000900"), &[("entries", &entries.to_string())]).await;
    write(&stage, "anna", &format!("decision#{now}#0000000901"), &[("entries", "{ damaged")]).await;
    write(&stage, "anna", &format!("fact#{now}#wish#2#digest"), &[("fact", "{ damaged"), ("class", "x")]).await;
    stage.pass("2d").await;

    // A sweep, the recount and the sending of the strange message change nothing that they do not understand.
    stage.stack.handlers.advance.advance_customer(&key("anna"), &[], true).await.expect("counted again");
    let progress = stage.send("anna", &message_id(&strange_id)).await.expect("looked at");
    assert!(matches!(progress, Progress::Waiting(_)), "{progress:?}");
    let progress = stage.send("anna", &message_id(&"c".repeat(26))).await.expect("looked at");
    assert!(matches!(progress, Progress::Waiting(_)), "{progress:?}");
    let uncounted = stage.customer("anna").await.folded.uncounted.expect("noted");
    assert_eq!((uncounted.codes, uncounted.permission), (KNOWN_CODES, false));

    let customer = stage.administer("GET", "/v1/customers/anna", "").await;
    assert_eq!(customer["stage"], "new");
    let timeline = stage.administer("GET", "/v1/customers/anna/timeline", "").await;
    let unknown: Vec<&Value> =
        timeline["entries"].as_array().expect("entries").iter().filter(|row| row["kind"] == "unknown").collect();
    let of = |what: &str| unknown.iter().filter(|row| row["what"] == what).count();
    assert_eq!((of("fact"), of("decision"), of("message")), (2, 2, 1), "{timeline}");
    let export = stage.administer("GET", "/v1/customers/anna/export", "").await;
    let text = export.to_string();
    for part in ["\"detail\":{\"new\":true}", "\"arm\":2", "full_moon", "push", "{ damaged"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(export["unreadable"], 2);
    stage.administer("GET", "/v1/reports/nps?by=month", "").await;
    assert_eq!(stage.overview().await.customers, 1);

    let erased = stage.administer("DELETE", "/v1/customers/anna", "").await;
    assert_eq!(erased["erased"], true);
    assert!(stage.messages("anna").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_permission_holds_messages_until_a_version_that_knows_it_has_counted_it() {
    let mut stage = about_to_thank().await;
    let sk = write_fact(&stage, "anna", "quiet_weeks", "p").await;
    stage.pass("2h").await;
    assert!(stage.mailbox().is_empty(), "it may be a refusal");
    let uncounted = stage.customer("anna").await.folded.uncounted.expect("noted");
    assert_eq!((uncounted.codes, uncounted.permission), (KNOWN_CODES, true));
    assert!(stage.customer("anna").await.due_at.is_some_and(|due_at| due_at <= stage.now() + span("1d")));

    // The newer version: it reads the fact, and knows more than the one that noted it.
    let fact = json!({ "at": stage.now(), "id": "1", "kind": "other", "name": "quiet weeks" }).to_string();
    write(&stage, "anna", &sk, &[("fact", &fact), ("class", "x")]).await;
    note_as_an_earlier_version(&stage, "anna").await;
    assert_eq!(stage.customer("anna").await.folded.uncounted.map(|uncounted| uncounted.codes), Some(1));
    stage.pass("26h").await;
    assert_eq!(stage.customer("anna").await.folded.uncounted, None, "counted by itself");
    assert_eq!(stage.sent("anna").first().map(String::as_str), Some("welcome/thanks"));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_text_is_counted_together_with_what_an_earlier_version_could_not_count() {
    let stage = texted(TextKind::Other).await;
    let sk = write_fact(&stage, "anna", "quiet_weeks", "p").await;
    stage.stack.handlers.advance.advance_customer(&key("anna"), &[], true).await.expect("counted again");
    let fact = json!({ "at": stage.now(), "id": "1", "kind": "other", "name": "quiet weeks" }).to_string();
    write(&stage, "anna", &sk, &[("fact", &fact), ("class", "x")]).await;
    note_as_an_earlier_version(&stage, "anna").await;
    assert_eq!(stage.customer("anna").await.folded.uncounted.map(|uncounted| uncounted.codes), Some(1));
    assert!(take_in(&stage, &[&text(1, "STOP")]).await.failed.is_empty());
    assert_eq!(stage.customer("anna").await.folded.uncounted, None);
    assert_eq!(closed(&stage, "anna").await, Some(SuppressionCause::Stop));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_on_an_unknown_channel_is_withdrawn_only_once_it_is_too_late() {
    let mut stage = about_to_thank().await;
    stage.stack.cloud.faults().plan(Service::Ses, 1, Matching::Any, Fault::Throttle);
    stage.pass("1h").await;
    let message = stage.message("anna", "thanks").await;
    let mut strange = serde_json::to_value(&message).expect("JSON");
    strange["channel"] = json!("push");
    strange["revision"] = json!(1);
    write(&stage, "anna", &format!("message#{}", message.id), &[("message", &strange.to_string())]).await;
    let progress = stage.send("anna", &message.id).await.expect("looked at");
    assert!(matches!(progress, Progress::Waiting(_)), "{progress:?}");
    assert_eq!(stage.message("anna", "thanks").await.state, MessageState::Queued);
    stage.pass_to(message.not_after).await;
    stage.pass("2h").await;
    let over = stage.message("anna", "thanks").await;
    assert_eq!((over.state, over.withdrawn), (MessageState::Cancelled, Some(Reason::TooLate)));
    assert!(!stage.sent("anna").contains(&"welcome/thanks".to_owned()));
}
