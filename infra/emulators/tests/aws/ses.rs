//! Mails through the SDK's SES v2 client: what is accepted, what is refused, what is published.

use crate::stage::{FEEDBACK, Stage};
use aws_sdk_sesv2::operation::send_email::builders::SendEmailFluentBuilder;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag};
use rekindle_emulators::{MailboxFilter, Matching, Outcome, Page};
use rekindle_lifecycle::channel::Channel;
use serde_json::json;

fn text(data: &str) -> Content {
    Content::builder().data(data).build().expect("complete")
}

pub(crate) fn content(headers: &[(&str, &str)]) -> EmailContent {
    let headers = headers
        .iter()
        .map(|(name, value)| MessageHeader::builder().name(*name).value(*value).build().expect("complete"));
    let body = Body::builder().text(text("Hello Ann")).html(text("<p>Hello <b>Ann</b></p>")).build();
    let message = Message::builder().subject(text("Welcome, Ann ☕")).body(body).set_headers(Some(headers.collect()));
    EmailContent::builder().simple(message.build()).build()
}

fn to(address: &str) -> Destination {
    Destination::builder().to_addresses(address).build()
}

fn tag(name: &str, value: &str) -> MessageTag {
    MessageTag::builder().name(name).value(value).build().expect("complete")
}

/// A valid mail.
pub(crate) fn mail(stage: &Stage, address: &str) -> SendEmailFluentBuilder {
    stage
        .ses
        .send_email()
        .from_email_address("Kettle & Co <hello@shop.example>")
        .destination(to(address))
        .configuration_set_name("rekindle")
        .email_tags(tag("journey", "welcome"))
        .email_tags(tag("step", "thanks"))
        .email_tags(tag("message", "m-1"))
        .content(content(&[("List-Unsubscribe", "<https://shop.example/u/t>")]))
}

#[tokio::test]
async fn an_accepted_mail_is_in_the_mailbox_whole_and_its_events_are_on_the_feedback_queue() {
    let stage = Stage::new().await;
    let sent = mail(&stage, "ann@customer.example").reply_to_addresses("help@shop.example").send().await.expect("sent");
    let stored = stage.cloud.mailbox().load(&MailboxFilter::default(), Page::Newest, 10).expect("a mailbox");
    let [mail] = stored.as_slice() else { panic!("one mail, not {}", stored.len()) };
    let content = &mail.content;
    assert_eq!(Some(content.provider_id.as_str()), sent.message_id());
    assert_eq!((content.channel, mail.sent_at), (Channel::Email, stage.after(0)));
    assert_eq!(content.subject.as_deref(), Some("Welcome, Ann ☕"));
    assert_eq!(content.text.as_deref(), Some("Hello Ann"));
    assert_eq!(content.html.as_deref(), Some("<p>Hello <b>Ann</b></p>"));
    assert_eq!(content.request.from.as_deref(), Some("Kettle & Co <hello@shop.example>"));
    assert_eq!(content.request.to, ["ann@customer.example"]);
    assert_eq!(content.request.reply_to, ["help@shop.example"]);
    assert_eq!(content.request.header("list-unsubscribe"), Some("<https://shop.example/u/t>"));
    assert_eq!(content.request.tag("message"), Some("m-1"));
    assert_eq!(content.request.configuration_set.as_deref(), Some("rekindle"));

    let events = stage.events();
    assert_eq!(events.len(), 2);
    assert_eq!((&events[0]["eventType"], &events[1]["eventType"]), (&json!("Send"), &json!("Delivery")));
    let told = &events[1]["mail"];
    assert_eq!(told["messageId"].as_str(), sent.message_id());
    assert_eq!(told["timestamp"], "1997-03-01T12:00:00.000Z");
    assert_eq!(told["source"], "Kettle & Co <hello@shop.example>");
    assert_eq!(told["destination"], json!(["ann@customer.example"]));
    assert_eq!(told["tags"]["message"], json!(["m-1"]));
    assert_eq!(told["tags"]["ses:configuration-set"], json!(["rekindle"]));
    assert_eq!(told["tags"]["ses:from-domain"], json!(["shop.example"]));
    assert_eq!(told["commonHeaders"]["subject"], "Welcome, Ann ☕");
    let headers = told["headers"].as_array().expect("headers");
    assert!(headers.contains(&json!({ "name": "List-Unsubscribe", "value": "<https://shop.example/u/t>" })));
    assert_eq!(events[1]["delivery"]["recipients"], json!(["ann@customer.example"]));
    assert_eq!(events[1]["delivery"]["timestamp"], "1997-03-01T12:00:00.000Z");
}

#[tokio::test]
async fn the_events_read_as_they_were_read_last() {
    let stage = Stage::new().await;
    mail(&stage, "bounce@simulator.amazonses.com").send().await.expect("sent");
    let told = serde_json::to_string_pretty(&stage.events()).expect("JSON");
    // Identifiers are random: 60 characters that end in a counter of six zeros.
    let words = told
        .split_inclusive('"')
        .map(|word| if word.len() == 61 && word.ends_with("-000000\"") { "[id]\"" } else { word });
    insta::assert_snapshot!("bounced", words.collect::<String>());
}

#[tokio::test]
#[ignore = "measures; run it with --ignored --nocapture"]
async fn measure_mails_a_second() {
    const MAILS: u32 = 4_000;
    const AT_ONCE: u32 = 8;
    let stage = Stage::new().await;
    let call = mail(&stage, "ann@customer.example");
    let begun = std::time::Instant::now();
    for _ in 0..MAILS / AT_ONCE {
        let calls = (0..AT_ONCE).map(|_| call.clone().send());
        for sent in futures::future::join_all(calls).await {
            sent.expect("sent");
        }
    }
    println!("{:.0} mails a second with 3 messages stored for each", f64::from(MAILS) / begun.elapsed().as_secs_f64());
}

#[tokio::test]
async fn without_a_configuration_set_no_event_is_published() {
    let stage = Stage::new().await;
    mail(&stage, "ann@customer.example").set_configuration_set_name(None).send().await.expect("sent");
    assert_eq!(stage.cloud.mailbox().count().expect("a count").email, 1);
    assert!(stage.cloud.queues().is_empty(FEEDBACK).expect("a queue"));
}

#[tokio::test]
async fn the_addresses_of_the_mailbox_simulator_do_what_they_are_for() {
    let stage = Stage::new().await;
    for (local, expected) in [
        ("success", &["Send", "Delivery"][..]),
        ("bounce", &["Send", "Bounce"]),
        ("bounce+label", &["Send", "Bounce"]),
        ("complaint", &["Send", "Delivery", "Complaint"]),
        ("ooto", &["Send", "Delivery"]),
        ("suppressionlist", &["Send", "Bounce"]),
    ] {
        mail(&stage, &format!("{local}@simulator.amazonses.com")).send().await.expect("sent");
        let events = stage.events();
        let types: Vec<_> = events.iter().map(|event| event["eventType"].as_str().unwrap_or_default()).collect();
        assert_eq!(types, expected, "{local}");
        let last = events.last().expect("an event");
        match local {
            "bounce" => {
                assert_eq!(last["bounce"]["bounceType"], "Permanent");
                assert_eq!(last["bounce"]["bounceSubType"], "General");
                let bounced = &last["bounce"]["bouncedRecipients"][0]["emailAddress"];
                assert_eq!(bounced, "bounce@simulator.amazonses.com");
            }
            "suppressionlist" => assert_eq!(last["bounce"]["bounceSubType"], "Suppressed"),
            "complaint" => {
                assert_eq!(last["complaint"]["complaintFeedbackType"], "abuse");
                let complained = &last["complaint"]["complainedRecipients"][0]["emailAddress"];
                assert_eq!(complained, "complaint@simulator.amazonses.com");
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_test_can_say_what_becomes_of_a_mail_and_feed_events_of_its_own() {
    let stage = Stage::new().await;
    let outcomes = vec![Outcome::DeliveryDelay, Outcome::TransientBounce];
    let matching = Matching::Tag("message".to_owned(), "m-1".to_owned());
    stage.cloud.faults().plan_outcomes(1, matching, outcomes);
    mail(&stage, "ann@customer.example").send().await.expect("sent");
    let events = stage.events();
    assert_eq!(events[1]["deliveryDelay"]["delayType"], "MailboxFull");
    assert_eq!(events[2]["bounce"]["bounceType"], "Transient");
    stage.cloud.faults().plan_outcomes(1, Matching::Any, vec![Outcome::Reject]);
    mail(&stage, "ann@customer.example").send().await.expect("sent");
    assert_eq!(stage.events()[1]["reject"]["reason"], "Bad content");

    let open = json!({ "eventType": "Open", "mail": { "messageId": "x" }, "open": {} });
    stage.cloud.publish_ses_event(&open).expect("published");
    assert_eq!(stage.events(), [open]);
}

#[tokio::test]
async fn what_ses_refuses_is_refused_and_leaves_nothing() {
    let stage = Stage::new().await;
    let good = || mail(&stage, "ann@customer.example");
    let header = |name: &str, value: &str| good().content(content(&[(name, value)]));
    let many: Vec<String> = (0..51).map(|n| format!("c{n}@customer.example")).collect();
    let long = "x".repeat(996);
    let sixteen: Vec<(String, &str)> = (0..16).map(|n| (format!("X-{n}"), "v")).collect();
    let sixteen: Vec<(&str, &str)> = sixteen.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let empty = EmailContent::builder()
        .simple(Message::builder().subject(text("s")).body(Body::builder().build()).build())
        .build();
    let broken = Message::builder().subject(text("a\r\nBcc: x")).body(Body::builder().text(text("t")).build()).build();
    let cases = [
        ("no sender", good().set_from_email_address(None), "Missing required header 'From'"),
        ("two senders", good().from_email_address("a@shop.example, b@shop.example"), "one address"),
        ("no recipient", good().destination(Destination::builder().build()), "Missing required header 'To'"),
        (
            "51 recipients",
            good().destination(Destination::builder().set_to_addresses(Some(many)).build()),
            "exceeds 50",
        ),
        ("no domain", good().destination(to("ann")), "Missing final '@domain'"),
        ("no local part", good().destination(to("@customer.example")), "Missing local part"),
        ("a space within", good().destination(to("an n@customer.example")), "Illegal address"),
        ("two at signs", good().destination(to("a@b@customer.example")), "Illegal address"),
        ("a strange domain", good().destination(to("ann@customer_.example")), "Domain contains illegal"),
        ("letters beyond ASCII", good().destination(to("änn@customer.example")), "non-ASCII"),
        ("a sender's name beyond ASCII", good().from_email_address("Анна <a@shop.example>"), "MIME encoded word"),
        ("a line break", good().destination(to("ann@customer.example\r\nBcc: b@x.example")), "control characters"),
        ("a long header name", header(&"N".repeat(127), "v"), "header name"),
        ("a header name with a colon", header("A:B", "v"), "header name"),
        ("a long header value", header("X-Long", &long), "value of header X-Long"),
        ("an empty header value", header("X-Empty", ""), "value of header X-Empty"),
        ("a line break in a header", header("X-Break", "a\r\nBcc: x"), "value of header X-Break"),
        ("a header beyond ASCII", header("X-Name", "Änn"), "value of header X-Name"),
        ("a second subject", header("subject", "v"), "Duplicate header"),
        ("16 headers", good().content(content(&sixteen)), "at most 15 headers"),
        ("a tag with a space", good().email_tags(tag("a", "b c")), "tag \"a\""),
        ("an empty tag", good().email_tags(tag("a", "")), "tag \"a\""),
        ("a long tag", good().email_tags(tag("a", &"x".repeat(257))), "tag \"a\""),
        ("a tag twice", good().email_tags(tag("step", "x")), "there twice"),
        (
            "51 tags",
            good().set_email_tags(Some((0..51).map(|n| tag(&format!("t{n}"), "v")).collect())),
            "at most 50 tags",
        ),
        ("a strange configuration set", good().configuration_set_name("my set"), "ConfigurationSetName"),
        ("no body", good().content(empty), "Missing required member"),
        ("a line break in the subject", good().content(EmailContent::builder().simple(broken).build()), "Subject"),
        ("no simple content", good().content(EmailContent::builder().build()), "Content.Simple"),
    ];
    for (case, call, told) in cases {
        let refused = call.send().await.expect_err(case).into_service_error();
        assert!(refused.is_bad_request_exception(), "{case}: {refused:?}");
        assert!(refused.to_string().contains("BadRequest"), "{case}: {refused}");
        let message = refused.meta().message().unwrap_or_default();
        assert!(message.contains(told), "{case}: {message}");
    }
    assert_eq!(stage.cloud.mailbox().count().expect("a count"), rekindle_emulators::Counts::default());
    assert!(stage.cloud.queues().is_empty(FEEDBACK).expect("a queue"));
    header(&"N".repeat(126), &"v".repeat(995)).send().await.expect("the longest header is taken");
    good()
        .from_email_address("=?UTF-8?B?0JDQvdC90LA=?= <a@shop.example>")
        .send()
        .await
        .expect("an encoded name is taken");
}

#[tokio::test]
async fn a_mail_over_40_mb_is_rejected() {
    let stage = Stage::new().await;
    let body = Body::builder().text(text(&"x".repeat((40 << 20) + 1))).build();
    let message = Message::builder().subject(text("s")).body(body).build();
    let call = mail(&stage, "ann@customer.example").content(EmailContent::builder().simple(message).build());
    let refused = call.send().await.expect_err("refused").into_service_error();
    assert!(refused.is_message_rejected(), "{}", refused.meta().message().unwrap_or_default());
}

#[tokio::test]
async fn the_account_reports_its_quota_and_what_was_sent_in_the_last_day() {
    let stage = Stage::new().await;
    mail(&stage, "ann@customer.example").send().await.expect("sent");
    stage.advance(std::time::Duration::from_secs(24 * 3_600 + 1));
    mail(&stage, "ann@customer.example").send().await.expect("sent");
    let account = stage.ses.get_account().send().await.expect("an account");
    assert!(account.sending_enabled() && account.production_access_enabled());
    let quota = account.send_quota().expect("a quota");
    assert_eq!((quota.max24_hour_send(), quota.max_send_rate()), (1_000_000.0, 1_000.0));
    assert_eq!(quota.sent_last24_hours(), 1.0);
}

#[tokio::test]
async fn an_action_that_is_not_played_is_named() {
    let stage = Stage::new().await;
    let refused = stage.ses.list_email_identities().send().await.expect_err("refused").into_service_error();
    let told = refused.meta().message().unwrap_or_default();
    assert_eq!(told, "POST /v2/email/list-identities is no action that the local stack plays");
}
