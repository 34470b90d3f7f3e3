//! A shop that sends texts.

use crate::checklist::Checklist;
use crate::shop::Shop;
use crate::stack::Stack;
use rekindle_tests::patience::wait_for;
use serde_json::{Value, json};
use std::path::Path;

/// The number of the customer who gets a text.
const NUMBER: &str = "+447900900123";

/// The welcome as a text, to every customer who consented according to the shop.
fn policy() -> String {
    let email = include_str!("../../policies/at_once.toml");
    let text = email.replace("channel = \"email\"", "channel = \"sms\"").replace("welcome-thanks", "welcome-text");
    format!("{text}\n[consent.confirm]\nsms = false\n")
}

/// A customer who consented gets one text through SNS; a customer who did not gets none.
pub(crate) fn leave(stack: &Stack<'_>, rekindle: &Path, checklist: &mut Checklist) {
    let shop = Shop::create(stack, rekindle, "quayside", &policy());
    let of = |id: &str, traits: Value| {
        [
            json!({ "type": "identify", "userId": id, "messageId": format!("i-{id}"), "traits": traits }),
            json!({ "type": "track", "event": "Order Completed", "userId": id, "messageId": format!("o-{id}"),
                    "properties": { "order_id": format!("order-{id}"), "total": "12.00", "currency": "GBP" } }),
        ]
    };
    let yes = of("yes", json!({ "firstName": "Anna", "phone": NUMBER, "sms_marketing_consent": true }));
    let silent = of("silent", json!({ "firstName": "Ben", "phone": "+447900900124" }));
    shop.post(stack, &[silent, yes].concat());
    let sent = || -> Value {
        let url = format!("{}/_ministack/sns/sms-messages", stack.emulator.url());
        let mut answer = ureq::get(&url).call().expect("an answer");
        serde_json::from_str(&answer.body_mut().read_to_string().expect("a text")).expect("JSON")
    };
    let texts =
        wait_for("a text leaves", || Some(sent()["sms_messages"].take()).filter(|texts| texts[NUMBER].is_array()));
    let text = &texts[NUMBER][0];
    assert_eq!(texts[NUMBER].as_array().map(Vec::len), Some(1), "{texts}");
    let said = text["Message"].as_str().expect("a text");
    assert!(said.starts_with("Harbour Records: ") && said.ends_with("Reply STOP to opt out"), "{said}");
    let attribute = |name: &str| text["MessageAttributes"][name]["StringValue"].clone();
    assert_eq!((attribute("shop"), attribute("AWS.SNS.SMS.SMSType")), (json!("quayside"), json!("Promotional")));
    wait_for("the text is settled", || {
        let timeline = shop.timeline(stack, "yes");
        timeline.iter().find(|entry| entry["what"] == "message" && entry["state"] == "accepted").map(|_| ())
    });
    assert_eq!(sent()["sms_messages"].as_object().map(serde_json::Map::len), Some(1), "no other customer gets one");
    checklist.done("a text leaves through SNS to who said yes, with the brand and the way out, and to nobody else");
}
