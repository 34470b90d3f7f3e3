//! What customers text back.

use crate::console;
use crate::golden_events::take_in;
use crate::outcomes::about_to_thank;
use crate::stage::{Stage, key, span};
use crate::ways_back::preferences;
use jiff::Timestamp;
use rekindle_emulators::{Fault, MailboxFilter, Matching, Page, Service};
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::contact::PhoneNumber;
use rekindle_lifecycle::facts::{Event, Fact, SuppressionCause};
use rekindle_lifecycle::id::MessageId;
use rekindle_store::sending::phone_numbers::TextKind;
use rekindle_store::shop::task::Task;
use rekindle_store::shop::tasks::TaskList;
use serde_json::{Value, json};

/// The number in the examples.
const PHONE: &str = "+12025550143";

/// Anna and Bela share a number; Anna was texted this now, Bela something an hour ago.
pub(crate) async fn texted(kind: TextKind) -> Stage {
    let mut stage = about_to_thank().await;
    stage.order("bela", "b1").await;
    for customer in ["anna", "bela"] {
        stage.tell(customer, json!({ "phone": PHONE, "sms_marketing_consent": true })).await;
    }
    stage.pass("2h").await;
    note(&stage, "bela", PHONE, TextKind::Other, stage.now() - span("1h")).await;
    note(&stage, "anna", PHONE, kind, stage.now()).await;
    stage
}

pub(crate) async fn note(stage: &Stage, customer: &str, phone: &str, kind: TextKind, at: Timestamp) {
    let fingerprint = stage.stack.shop.link_keys.phone_fingerprint(&PhoneNumber::parse(phone).expect("a number"));
    let id = stage.message(customer, "thanks").await.id;
    let holder = stage.holder(customer, &id).await;
    stage.stack.store.note_text(&fingerprint, &holder, &id, kind, at).await.expect("noted");
}

/// A text with this body; each number is a text of its own.
pub(crate) fn text(number: u32, body: &str) -> String {
    json!({
        "originationNumber": PHONE, "destinationNumber": "+12025550100", "messageKeyword": "KEYWORD",
        "messageBody": body, "inboundMessageId": format!("in-{number}"),
    })
    .to_string()
}

fn example(name: &str) -> String {
    let path = format!("{}/../events/sms/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).expect("the example")
}

/// Returns the customer's facts except orders and traits reported by the shop.
pub(crate) async fn said(stage: &Stage, customer: &str) -> Vec<Fact> {
    let mut facts = stage.facts(customer).await;
    facts.retain(|fact| fact.order_id().is_none() && !matches!(fact.event, Event::Identified));
    facts
}

pub(crate) async fn closed(stage: &Stage, customer: &str) -> Option<SuppressionCause> {
    stage.customer(customer).await.folded.suppressed(Channel::Sms, stage.now())
}

/// Why the number is on the shop's list, if it is.
async fn listed(stage: &Stage) -> Option<SuppressionCause> {
    let number = stage.stack.shop.link_keys.phone_fingerprint(&PhoneNumber::parse(PHONE).expect("a number"));
    let entry = stage.stack.store.suppression(&stage.stack.shop.id, Channel::Sms, &number).await.expect("read");
    entry.map(|entry| entry.cause)
}

async fn allowed(stage: &Stage, customer: &str) -> bool {
    let policy = stage.stack.store.policy(&stage.stack.shop.id, stage.now()).await.expect("a policy");
    let permissions = stage.customer(customer).await.folded.permissions;
    permissions.allow(&policy.consent, Channel::Sms, Purpose::Marketing) && closed(stage, customer).await.is_none()
}

fn texts_out(stage: &Stage) -> Vec<String> {
    let filter = MailboxFilter { channel: Some(Channel::Sms), ..MailboxFilter::default() };
    let texts = stage.stack.cloud.mailbox().load(&filter, Page::Newest, 100).expect("the mailbox");
    texts.into_iter().filter_map(|text| text.content.text).collect()
}

/// The one task of the shop.
async fn only_task(stage: &Stage) -> Task {
    let page = stage.stack.store.tasks(&stage.stack.shop.id, TaskList::Open, None, 9).await.expect("tasks");
    let [task] = <[Task; 1]>::try_from(page.tasks).expect("one task");
    task
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_plain_request_to_stop_closes_the_number_and_a_question_opens_a_task() {
    let stage = texted(TextKind::Other).await;
    let batch = take_in(&stage, &[&text(1, "Can I cancel my order?")]).await;
    assert_eq!(batch.counts.get("text_reply"), 1);
    assert_eq!(
        (only_task(&stage).await.history[0].as_str(), closed(&stage, "anna").await),
        ("They wrote: Can I cancel my order?", None)
    );
    let batch = take_in(&stage, &[&text(2, "Please take me off your list.\nAnna Meyer")]).await;
    assert_eq!(batch.counts.get("text_stop"), 1);
    assert_eq!(closed(&stage, "anna").await, Some(SuppressionCause::Stop));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_start_that_the_provider_does_not_allow_yet_opens_nothing_and_a_task() {
    let stage = texted(TextKind::Other).await;
    for (number, body, count, is_closed) in [
        (1, "stop", "text_stop", true),
        (2, "start", "text_start", false),
        (3, "stop", "text_stop", true),
        (4, "start", "text_not_reopened", true),
    ] {
        stage.skip("1h");
        if body == "stop" {
            stage.stack.cloud.opt_outs().opt_out(PHONE).expect("the carrier does so too");
        }
        let batch = take_in(&stage, &[&text(number, body)]).await;
        assert_eq!(batch.counts.get(count), 1, "{number}: {batch:?}");
        assert_eq!(closed(&stage, "anna").await.is_some(), is_closed, "{number}");
    }
    assert_eq!(only_task(&stage).await.history, ["They wrote: start"]);
    stage.skip("31d");
    assert_eq!(take_in(&stage, &[&text(5, "start")]).await.counts.get("text_start"), 1);
    assert_eq!(closed(&stage, "anna").await, None);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_yes_on_the_page_after_a_stop_opens_the_number_and_says_so_where_the_provider_does_not_allow_it_yet()
 {
    let stage = texted(TextKind::Other).await;
    let form = "act=save&shown-email-marketing=off&shown-email-survey=off&shown-sms-marketing=off&sms-marketing=on&language=en";
    for (number, answer, is_open) in [(1, "Saved.", true), (2, "once in 30 days", false)] {
        stage.skip("1h");
        stage.stack.cloud.opt_outs().opt_out(PHONE).expect("the carrier does so");
        take_in(&stage, &[&text(number, "stop")]).await;
        assert_eq!(
            (closed(&stage, "anna").await, listed(&stage).await),
            (Some(SuppressionCause::Stop), Some(SuppressionCause::Stop))
        );
        stage.skip("1h");
        let (status, page) = stage.browse(&preferences(&stage), Some(form)).await;
        assert!(status == 200 && page.contains(answer), "{number}: {status} {page}");
        let is_opted_out = stage.stack.cloud.opt_outs().is_opted_out(PHONE).expect("read");
        let found = (closed(&stage, "anna").await.is_none(), listed(&stage).await.is_none(), !is_opted_out);
        assert_eq!(found, (is_open, is_open, is_open), "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn every_example_of_a_text_is_processed_correctly_and_once() {
    for (name, kind, count, kinds) in [
        ("stop", TextKind::Other, "text_stop", vec!["suppressed"]),
        ("stop-in-russian", TextKind::Other, "text_stop", vec!["suppressed"]),
        ("wrapped-by-sns", TextKind::Other, "text_stop", vec!["suppressed"]),
        ("start", TextKind::Other, "text_start", vec!["consent"]),
        ("help", TextKind::Other, "text_help", vec![]),
        ("yes", TextKind::Confirmation, "text_confirmed", vec!["consent"]),
        ("yes", TextKind::Other, "text_start", vec!["consent"]),
        ("nps-answer", TextKind::Survey, "text_score", vec!["nps"]),
        ("nps-answer", TextKind::Other, "text_reply", vec!["other"]),
        ("free-text", TextKind::Other, "text_reply", vec!["other"]),
    ] {
        let stage = texted(kind).await;
        let before = said(&stage, "anna").await;
        let body = example(name);
        let batch = take_in(&stage, &[&body]).await;
        assert_eq!((batch.failed.len(), batch.counts.get(count)), (0, 1), "{name}: {batch:?}");
        let first = said(&stage, "anna").await;
        let new: Vec<_> = first.iter().filter(|fact| !before.contains(fact)).map(Fact::kind).collect();
        assert_eq!(new, kinds, "{name} after {kind:?}");
        // The queue delivers it again: later, twice, and concurrently.
        stage.skip("3h");
        let (twice, once) = ([body.as_str(); 2], [body.as_str()]);
        let (one, other) = tokio::join!(take_in(&stage, &twice), take_in(&stage, &once));
        assert_eq!((one.failed.len(), other.failed.len()), (0, 0), "{name}");
        assert_eq!(said(&stage, "anna").await, first, "{name} again");
    }
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_stop_closes_the_number_for_all_its_customers_before_it_is_acknowledged() {
    let stage = texted(TextKind::Other).await;
    take_in(&stage, &[&text(1, "YES")]).await;
    assert!(allowed(&stage, "anna").await);
    take_in(&stage, &[&text(2, " stop! ")]).await;
    for customer in ["anna", "bela"] {
        assert_eq!(closed(&stage, customer).await, Some(SuppressionCause::Stop), "{customer}");
    }
    assert_eq!(listed(&stage).await, Some(SuppressionCause::Stop), "the number is listed for later customers too");
    // The shop's consent does not lift it, the customer's does; an old START that is delivered again after a later STOP
    // does not.
    stage.skip("1h");
    stage.tell("anna", json!({ "sms_marketing_consent": true })).await;
    assert_eq!(closed(&stage, "anna").await, Some(SuppressionCause::Stop));
    stage.stack.cloud.opt_outs().opt_out(PHONE).expect("the carrier does so too");
    take_in(&stage, &[&text(3, "START")]).await;
    assert!(allowed(&stage, "anna").await);
    assert_eq!(listed(&stage).await, None);
    assert!(allowed(&stage, "bela").await, "the number was closed for her as well");
    take_in(&stage, &[&text(2, " stop! ")]).await;
    assert!(allowed(&stage, "anna").await && listed(&stage).await.is_none(), "the earlier STOP is delivered again");
    assert!(!stage.stack.cloud.opt_outs().is_opted_out(PHONE).expect("the list"));
    stage.skip("1h");
    take_in(&stage, &[&text(4, "Стоп")]).await;
    stage.skip("1h");
    take_in(&stage, &[&text(3, "START")]).await;
    assert_eq!(closed(&stage, "anna").await, Some(SuppressionCause::Stop));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_start_does_not_lift_another_customers_refusal_on_the_page() {
    let stage = texted(TextKind::Other).await;
    let refused = Fact {
        at: stage.now(),
        id: "page".to_owned(),
        event: Event::Consent(rekindle_lifecycle::facts::ConsentEvent {
            channel: Channel::Sms,
            purpose: None,
            granted: false,
            source: "preferences page".to_owned(),
            text_version: None,
            own: true,
        }),
        traits: rekindle_lifecycle::facts::Traits::default(),
    };
    stage.stack.store.store_and_apply(&key("bela"), &[refused], stage.now()).await.expect("applied");
    stage.skip("1m");
    take_in(&stage, &[&text(1, "START")]).await;
    assert!(allowed(&stage, "anna").await);
    assert!(!allowed(&stage, "bela").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_counts_for_thirty_days_after_the_question_and_only_for_the_customer_who_was_asked() {
    for (days, word, count) in [
        ("29d", "ДА", "text_confirmed"),
        ("31d", "ДА", "text_reply"),
        ("29d", "yes, gladly", "text_reply"),
        ("31d", "yes", "text_start"),
    ] {
        let stage = texted(TextKind::Confirmation).await;
        assert!(!allowed(&stage, "anna").await, "the shop's consent alone is not enough for texts");
        stage.skip(days);
        // Bela got another kind of text meanwhile: she was not asked.
        note(&stage, "bela", PHONE, TextKind::Other, stage.now()).await;
        let batch = take_in(&stage, &[&text(1, word)]).await;
        assert_eq!(batch.counts.get(count), 1, "{word} after {days}: {batch:?}");
        let asked_in_time = count == "text_confirmed";
        assert_eq!(allowed(&stage, "anna").await, asked_in_time, "{word} after {days}");
        assert_eq!(allowed(&stage, "bela").await, count == "text_start", "{word} after {days}");
    }
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_lone_number_answers_the_survey_for_seven_days_and_the_last_one_holds() {
    let stage = texted(TextKind::Survey).await;
    let survey = stage.message("anna", "thanks").await.id;
    stage.skip("1d");
    note(&stage, "anna", PHONE, TextKind::Other, stage.now()).await;
    take_in(&stage, &[&text(1, "3")]).await;
    stage.skip("1h");
    take_in(&stage, &[&text(2, "10!"), &text(1, "3")]).await;
    let answers: Vec<_> = said(&stage, "anna").await;
    let answers: Vec<_> = answers
        .iter()
        .filter_map(|fact| match &fact.event {
            Event::NpsAnswer(answer) => Some((fact.id.as_str(), answer.score)),
            _ => None,
        })
        .collect();
    assert_eq!(answers, [(survey.as_str(), 3), (survey.as_str(), 10)]);
    stage.skip("6d");
    let batch = take_in(&stage, &[&text(3, "9"), &text(4, "11")]).await;
    assert_eq!(batch.counts.get("text_reply"), 2, "a week later it is a number like any other");
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn help_is_answered_once_a_day_by_the_shop_that_wrote_last() {
    let stage = texted(TextKind::Other).await;
    let batch = take_in(&stage, &[&text(1, "HELP"), &text(2, "info")]).await;
    assert_eq!((batch.counts.get("text_help"), batch.counts.get("text_help_again")), (1, 1));
    let expected =
        "Harbour Records: news and offers for our customers. https://harbour-records.example Reply STOP to opt out.";
    assert_eq!(texts_out(&stage), [expected]);
    stage.skip("25h");
    stage.tell("anna", json!({ "language": "ru" })).await;
    stage.advance("anna").await;
    take_in(&stage, &[&text(3, "Помощь?")]).await;
    assert_eq!(texts_out(&stage).len(), 2);
    // SNS refuses: the day's answer is used up, and the text is not retried for ever.
    stage.skip("25h");
    stage.stack.cloud.faults().plan(Service::Sns, 1, Matching::Any, Fault::Throttle);
    assert!(take_in(&stage, &[&text(4, "HELP")]).await.failed.is_empty());
    assert_eq!((texts_out(&stage).len(), stage.stack.cloud.faults().remaining()), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn what_a_customer_writes_is_kept_as_they_wrote_it_and_shown_as_text() {
    let stage = texted(TextKind::Other).await;
    let long = format!("<script>alert(1)</script> {{{{ 7 * 7 }}}} \r\nBcc: x {}", "🎁".repeat(250_000));
    let batch = take_in(&stage, &[&text(1, &long)]).await;
    assert_eq!((batch.failed.len(), batch.counts.get("text_reply")), (0, 1));
    let facts = said(&stage, "anna").await;
    assert!(!facts.iter().any(|fact| matches!(fact.event, Event::Reaction(_))), "nobody knows what it says");
    let task = only_task(&stage).await;
    assert!(
        task.history[0].starts_with("They wrote: <script>alert(1)</script> {{ 7 * 7 }}   Bcc: x 🎁"),
        "{:?}",
        task.history
    );
    assert!(task.history[0].chars().count() <= 1_620);
    take_in(&stage, &[&text(1, &long), &text(1, &long)]).await;
    assert_eq!(only_task(&stage).await, task, "once for each text");
    let kept = facts.iter().find_map(|fact| match &fact.event {
        Event::Other(event) => Some(event.name.clone()),
        _ => None,
    });
    let kept = kept.expect("the text");
    assert!(kept.starts_with("SMS: <script>alert(1)</script> {{ 7 * 7 }}   Bcc: x 🎁"), "{kept}");
    assert!(kept.chars().count() <= 128 && !kept.contains(['\r', '\n']));
    let page = console::page_of(&stage, "/console/customer?id=anna").await;
    assert!(page.contains("SMS: &lt;script&gt;alert(1)") && !page.contains("<script>alert(1)"), "{page}");
    assert!(page.contains("{{ 7 * 7 }}"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_from_strangers_and_short_codes_change_nothing() {
    let stage = about_to_thank().await;
    let mut short: Value = serde_json::from_str(&text(2, "STOP")).expect("JSON");
    short["originationNumber"] = "22395".into();
    let batch = take_in(&stage, &[&text(1, "STOP"), &short.to_string()]).await;
    assert_eq!((batch.counts.get("text_from_nobody_known"), batch.counts.get("text_from_no_number")), (1, 1));
    assert!(batch.failed.is_empty());
    assert_eq!(stage.overview().await.customers, 1);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_text_posted_by_hand_is_processed_like_one_of_the_carrier() {
    let mut stage = texted(TextKind::Other).await;
    let (status, _) = stage.post("/local/events/sms", serde_json::from_str(&text(1, "STOP")).expect("JSON")).await;
    assert_eq!(status, 202);
    stage.settle().await;
    assert_eq!(closed(&stage, "anna").await, Some(SuppressionCause::Stop));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_about_a_message_that_was_erased_is_still_kept() {
    let stage = texted(TextKind::Other).await;
    let fingerprint = stage.stack.shop.link_keys.phone_fingerprint(&PhoneNumber::parse(PHONE).expect("a number"));
    let gone = MessageId::parse(&"z".repeat(26)).expect("an id");
    let later = stage.now() + span("1m");
    stage.stack.store.note_text(&fingerprint, &key("anna"), &gone, TextKind::Other, later).await.expect("noted");
    stage.skip("5m");
    assert_eq!(take_in(&stage, &[&text(1, "Who is this?")]).await.counts.get("text_reply"), 1);
}
