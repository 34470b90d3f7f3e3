//! Events from providers: whatever else is on the queue, the valid ones are processed, and no other customer is
//! affected.

use crate::stage::{Shop, Stage, key, order};
use crate::values::{ODD_TEXTS, any_json, cases, near_miss, runtime};
use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use base64ct::{Base64UrlUnpadded, Encoding};
use proptest::collection::vec;
use proptest::prelude::*;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::message::Message;
use serde_json::{Value, json};
use std::cell::Cell;

/// Two customers who got a mail each; the first also got a text.
async fn mailed() -> (Stage, Shop, [Message; 2]) {
    let mut stage = Stage::new().await;
    let shop = stage.shop("quartz", "Quartz").await;
    let mut events = Vec::new();
    for (customer, phone) in [("anna", Some("+442071838750")), ("bela", None)] {
        let mut first = order(customer, &format!("{customer}-1"), stage.now());
        first["context"] = json!({ "traits": { "email": format!("{customer}@x.example"), "phone": phone, "sms_marketing_consent": phone.map(|_| true) } });
        events.push(first);
    }
    stage.take(&shop, &events).await;
    stage.pass(24 * 15).await;
    let mut messages = Vec::new();
    for customer in ["anna", "bela"] {
        let activity = stage.stack.store.activity_in(&key(&shop.id, customer), rekindle_store::keys::MESSAGE).await;
        let message = activity.expect("read").into_iter().find_map(|one| match one {
            rekindle_store::activity::item::Activity::Message(message) if message.channel == Channel::Email => {
                Some(*message)
            }
            _ => None,
        });
        messages.push(message.expect("a mail"));
    }
    let messages = messages.try_into().expect("two");
    (stage, shop, messages)
}

fn bounce(shop: &Shop, customer: &str, message: &Message, stage: &Stage) -> Value {
    json!({
        "eventType": "Bounce",
        "bounce": { "bounceType": "Permanent", "bounceSubType": "General", "timestamp": stage.now().to_string(), "bouncedRecipients": [{ "emailAddress": format!("{customer}@x.example") }] },
        "mail": {
            "timestamp": stage.now().to_string(), "messageId": "0100", "destination": [format!("{customer}@x.example")],
            "tags": { "message": [message.id], "shop": [shop.id], "customer": [Base64UrlUnpadded::encode_string(customer.as_bytes())] },
        },
    })
}

fn record(id: &str, body: &str) -> SqsMessage {
    let event: SqsEvent =
        serde_json::from_value(json!({ "Records": [{ "messageId": id, "body": body }] })).expect("a record");
    event.records.into_iter().next().expect("one")
}

fn text(number: &str, body: &str, id: &str) -> Value {
    json!({ "originationNumber": number, "destinationNumber": "+442071838751", "messageKeyword": "K", "messageBody": body, "inboundMessageId": id })
}

#[test]
fn no_provider_event_makes_its_neighbours_fail_whatever_it_is() {
    let runtime = runtime();
    let (stage, shop, [annas, belas]) = runtime.block_on(mailed());
    let report = bounce(&shop, "bela", &belas, &stage);
    let wrapped =
        json!({ "Type": "Notification", "Message": report.to_string(), "Timestamp": stage.now().to_string() });
    let mut click = report.clone();
    click["eventType"] = json!("Click");
    click["click"] = json!({ "link": "https://l.example/u/x", "timestamp": stage.now().to_string() });
    let hostile = prop_oneof![
        4 => near_miss(report).prop_map(|value| value.to_string()),
        2 => near_miss(click).prop_map(|value| value.to_string()),
        2 => near_miss(wrapped).prop_map(|value| value.to_string()),
        2 => near_miss(text("+12025550143", "STOP", "i1")).prop_map(|value| value.to_string()),
        1 => any_json().prop_map(|value| value.to_string()),
        1 => any_json().prop_map(|value| json!({ "Message": value.to_string() }).to_string()),
        1 => any::<String>(),
    ];
    let number = Cell::new(0);
    let annas_key = key(&shop.id, "anna");
    cases(250)
        .run(&vec(hostile, 1..5), |hostile| {
            number.set(number.get() + 1);
            let help = |which: &str| text("+442071838750", "HELP", &format!("{which}-{}", number.get())).to_string();
            let mut records = vec![
                record("good report", &bounce(&shop, "anna", &annas, &stage).to_string()),
                record("good text", &help("first")),
            ];
            records.extend(hostile.into_iter().enumerate().map(|(at, body)| record(&format!("hostile {at}"), &body)));
            records.push(record("good text", &help("last")));
            let feedback = &stage.stack.handlers.feedback;
            let batch = runtime.block_on(feedback.process_batch(records));
            prop_assert!(batch.failed.iter().all(|id| id.starts_with("hostile")), "{batch:?}");
            // With healthy tables nothing fails: every failed record was unreadable, and nothing panicked.
            prop_assert_eq!(batch.counts.get("failed"), 0, "{:?}", batch);
            prop_assert_eq!(batch.counts.get("unreadable"), batch.failed.len());
            prop_assert!(batch.counts.get("bounce_permanent") >= 1, "{batch:?}");
            prop_assert!(batch.counts.get("text_help") + batch.counts.get("text_help_again") >= 2, "{batch:?}");
            Ok(())
        })
        .expect("what is good is taken in");
    let stored = runtime.block_on(stage.stack.store.message(&annas_key, &annas.id)).expect("read").expect("there");
    assert_eq!(stored.state, rekindle_lifecycle::message::MessageState::Bounced);
}

#[test]
fn a_report_about_a_message_of_another_customer_changes_no_customer() {
    let runtime = runtime();
    let (stage, shop, [annas, belas]) = runtime.block_on(mailed());
    runtime.block_on(stage.shop("quartz-b7", "Other"));
    let before = runtime.block_on(stage.items());
    let ids = || proptest::sample::select(ODD_TEXTS.to_vec());
    let shops = prop_oneof![Just("quartz".to_owned()), Just("quartz-b7".to_owned()), ids().prop_map(str::to_owned)];
    let customers = prop_oneof![
        Just("anna".to_owned()),
        Just("bela".to_owned()),
        Just("-b7#anna".to_owned()),
        ids().prop_map(str::to_owned)
    ];
    cases(200)
        .run(&(shops, customers, any::<bool>()), |(told_shop, customer, annas_mail)| {
            let (message, owner) = if annas_mail { (&annas, "anna") } else { (&belas, "bela") };
            let is_genuine = told_shop == "quartz" && customer.trim() == owner;
            let mut report = bounce(&shop, &customer, message, &stage);
            report["mail"]["tags"]["shop"] = json!([told_shop]);
            if !is_genuine {
                let batch = runtime
                    .block_on(stage.stack.handlers.feedback.process_batch(vec![record("r", &report.to_string())]));
                prop_assert_eq!(batch.counts.get("failed"), 0, "{:?}", batch);
                prop_assert_eq!(batch.counts.get("bounce_permanent"), 0, "{:?}", batch);
            }
            Ok(())
        })
        .expect("no customer changes");
    // A report may only move the mark of how far the provider's events have arrived.
    let after = runtime.block_on(stage.items());
    let changed: Vec<_> =
        after.iter().filter(|(key, item)| before.get(*key) != Some(*item)).map(|(key, _)| key).collect();
    assert!(changed.len() <= 1 && changed.iter().all(|key| !key.contains("quartz")), "{changed:?}");
}

#[test]
fn any_text_from_any_number_is_processed_or_ignored() {
    let runtime = runtime();
    let (stage, _, _) = runtime.block_on(mailed());
    let numbers = prop_oneof![
        3 => Just("+442071838750".to_owned()),
        1 => "\\+?[0-9]{0,20}",
        1 => proptest::sample::select(ODD_TEXTS.to_vec()).prop_map(str::to_owned),
    ];
    let bodies = prop_oneof![
        2 => proptest::sample::select(vec!["STOP", "Start", "YES", "ja", "9", "07", "help", "СТОП", "UNSTOP"]).prop_map(str::to_owned),
        2 => any::<String>(),
        1 => proptest::sample::select(ODD_TEXTS.to_vec()).prop_map(str::to_owned),
        1 => Just("stop ".repeat(20_000)),
    ];
    let ids = prop_oneof!["[a-z0-9-]{1,36}", any::<String>(), Just("i".repeat(3_000))];
    cases(200)
        .run(&(numbers, bodies, ids), |(number, body, id)| {
            let records = vec![record("r", &text(&number, &body, &id).to_string())];
            let batch = runtime.block_on(stage.stack.handlers.feedback.process_batch(records));
            prop_assert_eq!(batch.counts.get("failed"), 0, "{:?}", batch);
            prop_assert_eq!(batch.counts.get("unreadable"), batch.failed.len());
            Ok(())
        })
        .expect("every text is taken in");
}
