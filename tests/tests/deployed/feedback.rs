//! SES's reports, delivered through the stack's own topic and queue.

use crate::checklist::Checklist;
use crate::mails::Welcome;
use crate::ses::SesStandIn;
use crate::shop::Shop;
use crate::stack::Stack;
use rekindle_tests::patience::wait_for;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Publishes SES's events about all mails so far to the stack's topic, and returns their number.
pub(crate) fn publish(stack: &Stack<'_>, ses: &SesStandIn) -> usize {
    publish_events(stack, ses).len()
}

/// The same, and returns the events.
pub(crate) fn publish_events(stack: &Stack<'_>, ses: &SesStandIn) -> Vec<Value> {
    let runtime = Runtime::new().expect("a runtime");
    let sns = stack.emulator.clients().sns();
    let events = ses.take_events();
    for event in &events {
        let call = sns.publish().topic_arn(&stack.outputs["MailEventsTopicArn"]).message(event.to_string());
        runtime.block_on(async { call.send().await }).expect("published");
    }
    events
}

/// Every welcome ends as the mailbox simulator decides: delivered, bounced, complained about. The channel of a customer
/// whose mail bounced or who complained is closed.
pub(crate) fn deliveries_bounces_and_complaints(
    stack: &Stack<'_>,
    ses: &SesStandIn,
    shop: &Shop,
    welcomed: &[Welcome],
    checklist: &mut Checklist,
) {
    let reports = publish(stack, ses);
    assert!(
        reports >= 2 * welcomed.len(),
        "a report of each mail that it was sent, and of what became of it: {reports}"
    );
    let state = |mail: &Welcome| -> Option<String> {
        let timeline = shop.timeline(stack, &mail.customer);
        let told = timeline.iter().find(|entry| entry["what"] == "message" && entry["id"] == mail.message.as_str())?;
        told["state"].as_str().map(str::to_owned)
    };
    let settled = |mail: &Welcome| state(mail).filter(|state| state != "accepted");
    let states: Vec<String> = welcomed.iter().map(|mail| wait_for("a mail is settled", || settled(mail))).collect();
    let count = |wanted: &str| states.iter().filter(|state| *state == wanted).count();
    wait_for("the complaint is taken in", || {
        let complained = |mail: &&Welcome| state(mail).as_deref() == Some("complained");
        welcomed.iter().find(complained)
    });
    assert_eq!(count("bounced"), 1, "{states:?}");
    let closed_by = |mail: &Welcome| shop.customer(stack, &mail.customer)["permissions"]["email"]["closed_by"].clone();
    for mail in welcomed.iter().filter(|mail| shop.is_simulated(&mail.customer)) {
        let cause: Value = wait_for("the address is closed", || Some(closed_by(mail)).filter(|cause| !cause.is_null()));
        assert!(
            ["bounce", "complaint"].iter().any(|known| cause.to_string().to_lowercase().contains(known)),
            "{cause}"
        );
    }
    assert_eq!(closed_by(&welcomed[0]), json!(null), "a delivery closes nothing");
    checklist.done(&format!(
        "{reports} reports through topic and queue: {} delivered, one bounced, one complained about, and both are closed",
        count("delivered")
    ));
}

/// The function's schedule event sends the canary, and its delivery report is recorded when it arrives.
pub(crate) fn the_canary_comes_back(stack: &Stack<'_>, ses: &SesStandIn, checklist: &mut Checklist) {
    let name = Stack::function("send");
    let payload = json!({ "source": "aws.scheduler" }).to_string();
    let invoke = ["lambda", "invoke", "--function-name", &name, "--payload", &payload, "answer"];
    stack.emulator.aws(&invoke);
    let canary = |mail: &rekindle_emulators::Message| mail.content.request.tag("canary").is_some();
    wait_for("the canary is sent", || ses.mails().iter().any(canary).then_some(()));
    assert!(publish(stack, ses) >= 2);
    wait_for("the canary is seen in the log of feedback", || {
        stack.log("feedback").contains("canary_seen").then_some(())
    });
    checklist.done("the canary leaves and its report comes back");
}
