//! Real orders of a few dozen customers of a real shop: the mailbox is checked from outside, without asking the engine.

use crate::stage::{EVERYBODY, Stage, instant};
use jiff::{SignedDuration, Timestamp};
use rekindle_emulators::{Fault, Matching, Message as Mail, Service};
use rekindle_imports::history::Reader;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// An hour before the first day of the history.
pub(crate) const BEGINNING: &str = "1996-12-31T23:00:00Z";

/// Every `one_in`-th customer of the sample.
pub(crate) fn customers(one_in: usize) -> Vec<String> {
    let ids: BTreeSet<String> = history().into_iter().map(|(_, customer, _)| customer).collect();
    ids.into_iter().step_by(one_in).collect()
}

fn history() -> Vec<(Timestamp, String, Value)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events/cdnow-sample.csv");
    let entries = Reader::open(&path).expect("the sample").map(|entry| entry.expect("a good row"));
    let at = |event: &Value| instant(event["timestamp"].as_str().expect("a timestamp"));
    entries
        .flat_map(|entry| entry.events.into_iter().map(move |event| (at(&event), entry.who.clone(), event)))
        .collect()
}

/// The events of these customers' orders.
pub(crate) fn events(customers: &[String]) -> Vec<Value> {
    history().into_iter().filter(|(_, customer, _)| customers.contains(customer)).map(|(.., event)| event).collect()
}

/// Posts what these customers ordered from the present instant on, in order of time, and lets the clock run until then.
pub(crate) async fn play(stage: &mut Stage, customers: &[String], until: &str) {
    let mut days: BTreeMap<Timestamp, Vec<Value>> = BTreeMap::new();
    for (at, customer, event) in history() {
        if customers.contains(&customer) && at >= stage.now() && at < instant(until) {
            days.entry(at).or_default().push(event);
        }
    }
    for (at, events) in days {
        stage.pass_to(at).await;
        stage.take(&events).await;
    }
    stage.pass_to(instant(until)).await;
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn eighteen_months_of_real_orders_keep_every_promise_that_a_mailbox_can_show() {
    let customers = customers(60);
    let mut stage = Stage::at(BEGINNING, |_| {}).await;
    // Tighter than the default, so that it holds back many of the messages.
    let policy = format!("{EVERYBODY}[frequency_cap]\nwindow = \"14d\"\ntotal = 2\n");
    stage.stack.store.put_policy(&stage.stack.shop.id, &policy).await.expect("valid");
    let faults = stage.stack.cloud.faults().clone();
    for (until, fault) in [
        ("1997-02-10T00:00:00Z", Fault::ApplyThenDrop),
        ("1997-03-10T00:00:00Z", Fault::ServerError(500)),
        ("1997-04-10T00:00:00Z", Fault::Throttle),
        ("1997-06-10T00:00:00Z", Fault::ApplyThenDrop),
        ("1998-07-01T00:00:00Z", Fault::Drop),
    ] {
        faults.plan(Service::Ses, 5, Matching::Any, fault);
        play(&mut stage, &customers, until).await;
        assert_eq!(faults.remaining(), 0, "until {until}");
    }
    let mailbox = stage.mailbox();
    assert!(mailbox.len() > 100, "{} mails", mailbox.len());

    let mut ids = BTreeSet::new();
    let mut by_recipient: BTreeMap<&str, Vec<&Mail>> = BTreeMap::new();
    for mail in &mailbox {
        let id = mail.content.request.tag("message").expect("a tag");
        assert!(ids.insert(id), "{id} was sent twice");
        by_recipient.entry(&mail.content.request.to[0]).or_default().push(mail);
        let hour = mail.sent_at.to_zoned(jiff::tz::TimeZone::UTC).hour();
        assert!((9..20).contains(&hour), "sent at {}", mail.sent_at);
    }
    let fortnight = SignedDuration::from_hours(14 * 24);
    for (recipient, mails) in &by_recipient {
        for (index, mail) in mails.iter().enumerate() {
            let within = |span: SignedDuration| {
                mails[..index].iter().filter(|earlier| mail.sent_at.duration_since(earlier.sent_at) < span).count()
            };
            assert!(within(fortnight) < 2, "the third mail in a fortnight to {recipient} at {}", mail.sent_at);
            assert_eq!(within(SignedDuration::from_hours(12)), 0, "too close: {recipient} at {}", mail.sent_at);
        }
    }
    let overview = stage.overview().await;
    assert!(overview.suppressed["frequency_cap"] > 10, "the cap was never met: {:?}", overview.suppressed);
    let ids: usize = customers.iter().map(|customer| stage.ids(customer).len()).sum();
    assert!((customers.len() as u64..=ids as u64).contains(&overview.customers), "{} customers", overview.customers);
    // Every message is accounted for: it is in the mailbox, or it is unconfirmed (lost by a planned fault).
    let unsettled: u64 = overview.unsettled.values().sum();
    // Staff make calls, so a call is in no mailbox.
    let calls = overview.messages["reengage"].get("call").copied().unwrap_or_default();
    assert_eq!(overview.sent() - calls, mailbox.len() as u64, "{:?}", overview.unsettled);
    assert!(unsettled <= 10, "{:?}", overview.unsettled);
}
