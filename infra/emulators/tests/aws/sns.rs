//! Texts through the SDK's SNS client.

use crate::stage::Stage;
use aws_sdk_sns::operation::publish::builders::PublishFluentBuilder;
use aws_sdk_sns::types::MessageAttributeValue;
use rekindle_emulators::{Counts, MailboxFilter, Page};
use rekindle_lifecycle::channel::Channel;

const PHONE: &str = "+12025550123";

pub(crate) fn sms(stage: &Stage, phone: &str, message: &str) -> PublishFluentBuilder {
    let value =
        |text: &str| MessageAttributeValue::builder().data_type("String").string_value(text).build().expect("complete");
    stage
        .sns
        .publish()
        .phone_number(phone)
        .message(message)
        .message_attributes("AWS.SNS.SMS.SenderID", value("Kettle"))
        .message_attributes("journey", value("winback"))
        .message_attributes("step", value("sms & more"))
}

#[tokio::test]
async fn an_accepted_text_is_in_the_mailbox_with_its_attributes() {
    let stage = Stage::new().await;
    let sent = sms(&stage, PHONE, "Hi Ann & Bob <3 + 100% 😀").send().await.expect("sent");
    let stored = stage.cloud.mailbox().load(&MailboxFilter::default(), Page::Newest, 10).expect("a mailbox");
    let content = &stored[0].content;
    assert_eq!(Some(content.provider_id.as_str()), sent.message_id());
    assert_eq!((content.channel, content.text.as_deref()), (Channel::Sms, Some("Hi Ann & Bob <3 + 100% 😀")));
    assert_eq!(
        (content.request.to.as_slice(), content.request.from.as_deref()),
        (&[PHONE.to_owned()][..], Some("Kettle"))
    );
    assert_eq!(content.request.tag("step"), Some("sms & more"));
    assert_eq!(stage.cloud.mailbox().count().expect("a count"), Counts { email: 0, sms: 1 });
}

#[tokio::test]
async fn what_sns_refuses_is_refused_and_leaves_nothing() {
    let stage = Stage::new().await;
    let long = "x".repeat(1_601);
    for (case, phone, message) in [
        ("no plus", "12025550123", "Hi"),
        ("letters", "+1202555O123", "Hi"),
        ("too short", "+12345", "Hi"),
        ("too long", "+1234567890123456", "Hi"),
        ("a country code of 0", "+02025550123", "Hi"),
        ("an empty text", PHONE, ""),
        ("a text over 1600 characters", PHONE, long.as_str()),
    ] {
        let refused = sms(&stage, phone, message).send().await.expect_err(case).into_service_error();
        assert!(refused.is_invalid_parameter_exception(), "{case}: {refused:?}");
    }
    let topic = stage.sns.publish().topic_arn("arn:aws:sns:us-east-1:000000000000:t").message("Hi").send().await;
    assert!(topic.expect_err("refused").into_service_error().is_invalid_parameter_exception());
    assert_eq!(stage.cloud.mailbox().count().expect("a count"), Counts::default());
    sms(&stage, PHONE, &long[1..]).send().await.expect("1600 characters are taken");
}

#[tokio::test]
async fn an_opted_out_number_gets_no_text_until_it_is_opted_in_again() {
    let stage = Stage::new().await;
    let opted_out = || stage.sns.check_if_phone_number_is_opted_out().phone_number(PHONE).send();
    assert!(!opted_out().await.expect("answered").is_opted_out());
    stage.cloud.opt_outs().opt_out(PHONE).expect("stored");
    assert!(opted_out().await.expect("answered").is_opted_out());
    let refused = sms(&stage, PHONE, "Hi").send().await.expect_err("refused").into_service_error();
    assert!(refused.is_invalid_parameter_exception(), "{refused:?}");
    assert!(refused.meta().message().unwrap_or_default().contains("opted out"));
    assert_eq!(stage.cloud.mailbox().count().expect("a count").sms, 0);
    stage.sns.opt_in_phone_number().phone_number(PHONE).send().await.expect("opted in");
    assert!(!opted_out().await.expect("answered").is_opted_out());
    sms(&stage, PHONE, "Hi").send().await.expect("sent");
}

#[tokio::test]
async fn opted_out_numbers_are_listed_a_hundred_a_page() {
    let stage = Stage::new().await;
    for n in 0..250 {
        stage.cloud.opt_outs().opt_out(&format!("+1202555{n:04}")).expect("stored");
    }
    let (mut phones, mut pages, mut token) = (Vec::new(), Vec::new(), None);
    loop {
        let page = stage.sns.list_phone_numbers_opted_out().set_next_token(token).send().await.expect("a page");
        pages.push(page.phone_numbers().len());
        phones.extend(page.phone_numbers().to_vec());
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(pages, [100, 100, 50]);
    phones.dedup();
    assert_eq!(phones.len(), 250);
    assert_eq!(phones[0], "+12025550000");
}

#[tokio::test]
async fn an_action_that_is_not_played_is_named() {
    let stage = Stage::new().await;
    let refused = stage.sns.list_topics().send().await.expect_err("refused").into_service_error();
    assert_eq!(refused.meta().code(), Some("InvalidAction"));
    assert_eq!(refused.meta().message(), Some("ListTopics is no SNS action that the local stack plays"));
}
