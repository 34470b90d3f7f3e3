//! The mails that arrived at SES, and a customer who unsubscribes.

use crate::checklist::Checklist;
use crate::public_api::{PUBLIC_URL, path_of};
use crate::ses::SesStandIn;
use crate::shop::Shop;
use crate::stack::Stack;
use rekindle_emulators::Message;
use rekindle_tests::patience::wait_for;
use serde_json::json;
use std::collections::BTreeSet;

/// A welcome that was sent.
pub(crate) struct Welcome {
    /// The recipient, by the shop's id for them.
    pub(crate) customer: String,
    /// The message's own id.
    pub(crate) message: String,
    /// The unsubscribe link, from the header.
    pub(crate) unsubscribe: String,
}

/// Every customer with a first order gets one complete welcome; no other customer gets a mail.
pub(crate) fn welcome(stack: &Stack<'_>, ses: &SesStandIn, shop: &Shop, checklist: &mut Checklist) -> Vec<Welcome> {
    let newcomers = shop.newcomers();
    let mails = wait_for("every customer with a first order has a mail", || {
        let mails: Vec<Message> =
            ses.mails().into_iter().filter(|mail| mail.content.request.tag("journey").is_some()).collect();
        (mails.len() >= newcomers.len()).then_some(mails)
    });
    let to: BTreeSet<&str> = mails.iter().map(|mail| mail.content.request.to[0].as_str()).collect();
    assert_eq!(to, newcomers.iter().copied().collect(), "one mail to each, and to no other customer");
    assert_eq!(mails.len(), newcomers.len(), "no mail twice");
    let welcomed: Vec<Welcome> = mails.iter().map(|mail| complete(stack, mail)).collect();
    checklist.done(&format!(
        "stream, sweep and queues delivered {} welcomes to SES with headers, tags and configuration set",
        welcomed.len()
    ));
    // First in the list is the customer whose mails are delivered.
    let mut welcomed = welcomed;
    welcomed.sort_by_key(|one| shop.is_simulated(&one.customer));
    welcomed
}

/// Everything that a mail has to have.
fn complete(stack: &Stack<'_>, mail: &Message) -> Welcome {
    let (content, request) = (&mail.content, &mail.content.request);
    assert_eq!(request.configuration_set.as_ref(), Some(&stack.outputs["ConfigurationSet"]));
    assert_eq!(request.from.as_deref(), Some("\"Marta at Harbour Records\" <hello@harbour-records.example>"));
    assert_eq!(request.header("List-Unsubscribe-Post"), Some("List-Unsubscribe=One-Click"));
    let unsubscribe = request.header("List-Unsubscribe").expect("a header");
    let unsubscribe = unsubscribe.trim_start_matches('<').split('>').next().expect("a link").to_owned();
    assert!(unsubscribe.starts_with(&format!("{PUBLIC_URL}/u/")), "{unsubscribe}");
    let marks = request.rekindle_tags();
    assert_eq!((marks.shop.as_deref(), marks.step.as_deref()), (Some("harbour"), Some("thanks")));
    assert_eq!(marks.journey.as_deref(), Some("welcome"));
    for part in [&content.subject, &content.text, &content.html] {
        assert!(part.as_ref().is_some_and(|part| !part.is_empty()), "a part is missing");
    }
    assert!(
        content.html.as_ref().is_some_and(|html| html.contains(&format!("{PUBLIC_URL}/p/"))),
        "no preferences link"
    );
    let customer = request.customer().expect("the tag of the customer");
    assert!(request.to[0].contains(&format!("+{customer}@")), "the tags are of another customer");
    Welcome { customer, message: marks.message.expect("the message's id"), unsubscribe }
}

/// One customer unsubscribes: the page by GET changes nothing, one click by POST takes effect.
pub(crate) fn unsubscribe(stack: &Stack<'_>, shop: &Shop, mail: &Welcome, checklist: &mut Checklist) {
    let allowed = || shop.customer(stack, &mail.customer)["permissions"]["email"]["marketing"].clone();
    let page = stack.api.open(&mail.unsubscribe);
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Harbour Records") && page.body.contains("<form"), "{}", page.body);
    assert_eq!(allowed(), json!(true), "a GET changes nothing");
    let clicked = stack.api.call("POST", path_of(&mail.unsubscribe), None, "List-Unsubscribe=One-Click");
    assert_eq!(clicked.status, 200, "{}", clicked.body);
    assert_eq!(allowed(), json!(false), "one click takes effect before it is answered");
    let timeline = shop.timeline(stack, &mail.customer);
    assert!(
        timeline.iter().any(|entry| entry["kind"] == "consent" && entry["granted"] == json!(false)),
        "{timeline:?}"
    );
    checklist.done("an unsubscribe link of a mail works over the public API with one click");
}
