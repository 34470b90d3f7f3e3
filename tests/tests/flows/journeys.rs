//! Customers' journeys: what they get, when, and what the tables record.

use crate::stage::{Stage, instant, order_at};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::decide::Entry;
use rekindle_lifecycle::message::MessageState;
use rekindle_lifecycle::reason::Reason;
use rekindle_lifecycle::stage::Stage as Lifecycle;
use rekindle_messaging::LinkPurpose;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_first_order_starts_a_welcome_mail_with_everything_that_a_mail_needs() {
    let mut stage = Stage::new().await;
    stage.order("anna", "a1").await;
    stage.settle().await;
    let anna = stage.customer("anna").await;
    assert_eq!(anna.stage, Lifecycle::New);
    assert_eq!(anna.due_at, Some(instant("2026-03-02T11:00:00Z")));

    stage.pass("1h").await;
    let mailbox = stage.mailbox();
    let [mail] = mailbox.as_slice() else { panic!("{} mails", mailbox.len()) };
    assert_eq!(mail.sent_at, instant("2026-03-02T11:00:00Z"));
    let request = &mail.content.request;
    assert_eq!(request.to, ["anna@example.com"]);
    assert_eq!(request.configuration_set.as_deref(), Some("rekindle"));
    let message = stage.message("anna", "thanks").await;
    let tag = |name| request.tag(name).unwrap_or_default();
    assert_eq!(tag("message"), message.id.as_str());
    assert_eq!((tag("shop"), tag("journey"), tag("step")), ("shop", "welcome", "thanks"));

    assert_eq!(request.header("List-Unsubscribe-Post"), Some("List-Unsubscribe=One-Click"));
    let unsubscribe = request.header("List-Unsubscribe").expect("a header");
    let link = unsubscribe.strip_prefix('<').and_then(|link| link.split('>').next()).expect("a link in brackets");
    let token = link.strip_prefix(&format!("{}/u/", stage.url)).expect("a link to the unsubscribe page");
    let opened = stage.stack.shop.link_keys.open(LinkPurpose::Unsubscribe, token, stage.now()).expect("our own");
    assert_eq!(opened.message, message.id);
    assert_eq!(opened.customer, stage.holder("anna", &message.id).await.customer);
    let (text, html) = (mail.content.text.as_deref(), mail.content.html.as_deref());
    let (text, html) = (text.unwrap_or_default(), html.unwrap_or_default());
    assert!(text.contains(link) && html.contains(link), "the link is in both parts");
    assert!(text.contains("12 Harbour Lane") && html.contains("12 Harbour Lane"), "the postal address too");
    assert!(text.contains("Anna"), "{text}");

    // The Send and Delivery events arrived through the feedback queue.
    assert_eq!(message.state, MessageState::Delivered);
    assert_eq!(message.provider_id.as_deref(), Some(mail.content.provider_id.as_str()));
    let entries = stage.entries("anna").await;
    assert!(matches!(&entries[0], Entry::Transition { from: Lifecycle::Prospect, to: Lifecycle::New, .. }));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_customer_who_never_comes_back_is_welcomed_asked_reminded_and_then_left_alone() {
    let mut stage = Stage::new().await;
    stage.order("anna", "a1").await;
    stage.pass("14d").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks", "welcome/guide", "welcome/nudge", "nps/question"]);
    assert_eq!(stage.not_sent("anna", "text").await, Some(Reason::NoAddress));
    stage.pass("17d").await;
    assert_eq!(stage.customer("anna").await.stage, Lifecycle::Active);
    stage.pass("60d").await;
    assert_eq!(stage.customer("anna").await.stage, Lifecycle::Inactive);
    stage.pass("14d").await;
    stage.pass("80d").await;
    assert_eq!(stage.customer("anna").await.stage, Lifecycle::Lapsed);
    assert_eq!(stage.sent("anna")[4..], ["reengage/reminder", "reengage/offer", "winback/offer"]);
    stage.pass("400d").await;
    assert_eq!(stage.sent("anna").len(), 7);
    assert_eq!(stage.customer("anna").await.due_at, None, "nothing can change any more");
    let nudge = &stage.mailbox()[2];
    assert!(nudge.content.text.as_deref().unwrap_or_default().contains("SECOND-"));
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_customer_who_orders_again_and_again_becomes_loyal_and_is_asked_to_recommend() {
    let mut stage = Stage::new().await;
    stage.order("anna", "a1").await;
    stage.pass("5d").await;
    stage.order("anna", "a2").await;
    stage.settle().await;
    assert_eq!(stage.customer("anna").await.stage, Lifecycle::Active);
    stage.pass("5d").await;
    assert_eq!(stage.not_sent("anna", "nudge").await, Some(Reason::Ordered));
    stage.order("anna", "a3").await;
    stage.settle().await;
    assert_eq!(stage.customer("anna").await.stage, Lifecycle::Loyal);
    stage.pass("2d").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks", "welcome/guide", "referral/invitation"]);
    // One question in ninety days, however often they order.
    stage.pass("20d").await;
    stage.order("anna", "a4").await;
    stage.pass("20d").await;
    assert_eq!(stage.sent("anna").iter().filter(|sent| *sent == "nps/question").count(), 1);
    // Orders of one day are one occasion.
    assert_eq!(stage.customer("anna").await.stage, Lifecycle::Loyal);
    for order in ["b1", "b2", "b3"] {
        stage.order("bela", order).await;
    }
    stage.settle().await;
    assert_eq!(stage.customer("bela").await.stage, Lifecycle::New);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_text_message_goes_only_to_customers_who_consented() {
    let mut stage = Stage::new().await;
    let consents = [("anna", json!(true)), ("bela", json!(false)), ("cleo", json!(null))];
    for (number, (customer, consent)) in consents.into_iter().enumerate() {
        stage.order(customer, customer).await;
        let phone = format!("+44207183875{number}");
        stage.tell(customer, json!({ "phone": phone, "sms_marketing_consent": consent })).await;
    }
    stage.agree("anna", Channel::Sms).await;
    stage.pass("16d").await;
    assert!(stage.sent("anna").contains(&"welcome/text".to_owned()), "{:?}", stage.sent("anna"));
    for customer in ["bela", "cleo"] {
        assert_eq!(stage.not_sent(customer, "text").await, Some(Reason::NoConsent), "{customer}");
        assert!(!stage.sent(customer).contains(&"welcome/text".to_owned()));
    }
    let mailbox = stage.mailbox();
    let text = mailbox.iter().find(|mail| mail.content.subject.is_none()).expect("a text message");
    assert_eq!(text.content.request.to, ["+442071838750"]);
    assert!(text.content.text.as_deref().unwrap_or_default().contains("STOP"));
    assert_eq!(stage.message("anna", "text").await.state, MessageState::Accepted, "SNS reports nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_holdout_is_left_out_of_each_journey_and_the_control_group_of_all() {
    let mut stage = Stage::new().await;
    let shop = stage.stack.shop.id.clone();
    stage.stack.store.put_policy(&shop, "[experiment]\nholdout = 0.5\ncontrol_group = 0.2\n").await.expect("valid");
    let customers: Vec<String> = (0..40).map(|number| format!("c{number}")).collect();
    let orders: Vec<_> = customers.iter().map(|customer| order_at(customer, customer, stage.now())).collect();
    stage.take(&orders).await;
    stage.pass("20d").await;
    let (mut by_reason, mut partly) = ([0, 0], 0);
    for customer in &customers {
        let entries = stage.entries(customer).await;
        let left_out = |journey: &str, wanted: Reason| {
            entries.iter().any(|entry| {
                matches!(entry, Entry::NotSent { journey: of, step: None, reason, .. } if of == journey && *reason == wanted)
            })
        };
        let sent = stage.sent(customer);
        let got = |journey: &str| sent.iter().any(|name| name.starts_with(journey));
        for journey in ["welcome", "nps"] {
            let out = left_out(journey, Reason::Holdout) || left_out(journey, Reason::ControlGroup);
            assert_ne!(out, got(journey), "{customer} {journey}");
        }
        assert_eq!(left_out("welcome", Reason::ControlGroup), left_out("nps", Reason::ControlGroup));
        by_reason[0] += usize::from(left_out("welcome", Reason::Holdout));
        by_reason[1] += usize::from(left_out("welcome", Reason::ControlGroup));
        partly += usize::from(got("welcome") != got("nps"));
    }
    // Drawn by a hash, so these hold in every run.
    assert!((8..32).contains(&by_reason[0]) && (2..16).contains(&by_reason[1]) && partly > 4, "{by_reason:?} {partly}");
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn an_order_cancelled_before_the_welcome_undoes_it() {
    let mut stage = Stage::new().await;
    stage.order("anna", "a1").await;
    stage.settle().await;
    let cancelled = json!({
        "type": "track", "event": "Order Cancelled", "userId": "anna", "messageId": "a1-cancelled",
        "timestamp": stage.now().to_string(), "properties": { "order_id": "a1" },
    });
    stage.take(&[cancelled]).await;
    stage.pass("30d").await;
    assert_eq!(stage.customer("anna").await.stage, Lifecycle::Prospect);
    assert_eq!(stage.sent("anna"), Vec::<String>::new());
    assert_eq!(stage.not_sent("anna", "thanks").await, Some(Reason::OrderUndone));
}
