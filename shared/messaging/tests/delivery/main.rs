//! One call makes one request, and its outcome is classified correctly: against a real server on this machine.

mod provider;

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future};
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::config::timeout::TimeoutConfig;
use aws_sdk_sesv2::config::{BehaviorVersion, Region};
use provider::{ATTEMPT_TIMEOUT, Behaviour, Pauses, Provider};
use rekindle_lifecycle::contact::{EmailAddress, PhoneNumber};
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::message::AttemptOutcome;
use rekindle_messaging::{AutoSubmitted, Brand, MailStream, Mailer, OutgoingEmail, OutgoingSms, RenderedEmail, Texter};
use std::collections::HashMap;
use std::time::Duration;

/// The most eager retries that the SDK allows: the mailer and the texter must switch them off.
fn eager() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(4).with_initial_backoff(Duration::from_millis(10))
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT).build()
}

fn credentials() -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Credentials::from_keys("id", "key", None))
}

fn mailer_with(url: &str, pauses: Pauses, credentials: SharedCredentialsProvider) -> Mailer {
    let config = aws_sdk_sesv2::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .endpoint_url(url)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .timeout_config(timeouts())
        .sleep_impl(pauses)
        .retry_config(eager())
        .build();
    Mailer::new(&aws_sdk_sesv2::Client::from_conf(config), Some("rekindle-events".to_owned()))
}

fn texter(url: &str, pauses: Pauses) -> Texter {
    let config = aws_sdk_sns::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials())
        .endpoint_url(url)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .timeout_config(timeouts())
        .sleep_impl(pauses)
        .retry_config(eager())
        .build();
    Texter::new(&aws_sdk_sns::Client::from_conf(config))
}

fn brand() -> Brand {
    serde_json::from_value(serde_json::json!({
        "name": "Пластинка",
        "sender_address": "hello@groove.example.com",
        "sender_name": "Маша, «Пластинка»",
        "reply_to": "answers@groove.example.com",
        "unsubscribe_address": "leave@groove.example.com",
        "postal_address": "Москва",
        "shop_url": "https://groove.example.com/",
    }))
    .expect("a valid brand")
}

fn tags() -> Vec<(String, String)> {
    vec![("message".to_owned(), "abc234".to_owned()), ("journey".to_owned(), "welcome".to_owned())]
}

async fn send_mail(
    mailer: &Mailer,
    to: &str,
    change: impl FnOnce(&mut RenderedEmail, &mut Vec<(String, String)>, &mut String),
) -> AttemptOutcome {
    let mut rendered = RenderedEmail {
        subject: "Спасибо 🎷".to_owned(),
        preheader: String::new(),
        html: "<p>html</p>".to_owned(),
        text: "text".to_owned(),
    };
    let (mut tags, mut url) = (tags(), "https://l.example.com/u/TOKEN".to_owned());
    change(&mut rendered, &mut tags, &mut url);
    let (to, brand) = (EmailAddress::parse(to).expect("an address"), brand());
    let shop = ShopId::parse("groove").expect("an id");
    let stream = MailStream { shop: &shop, journey: "nps-detractor", automatic: Some(AutoSubmitted::Replied) };
    let email =
        OutgoingEmail { to: &to, brand: &brand, rendered: &rendered, unsubscribe_url: &url, stream, tags: &tags };
    mailer.send(&email).await
}

async fn mail(behaviour: Behaviour) -> (AttemptOutcome, Vec<String>) {
    let provider = Provider::start(behaviour).await;
    let mailer = mailer_with(&provider.url, provider.pauses.clone(), credentials());
    let outcome = send_mail(&mailer, "anna@example.com", |_, _, _| ()).await;
    drop(mailer);
    (outcome, provider.requests().await)
}

async fn text(behaviour: Behaviour) -> (AttemptOutcome, Vec<String>) {
    let provider = Provider::start(behaviour).await;
    let to = PhoneNumber::parse("+442071838750").expect("a number");
    let tags = tags();
    let sms = OutgoingSms { to: &to, text: "Hi & bye", tags: &tags };
    let outcome = texter(&provider.url, provider.pauses.clone()).send(&sms).await;
    (outcome, provider.requests().await)
}

const JSON: &str = "content-type: application/json\r\n";

#[tokio::test]
async fn an_accepted_mail_was_one_request_with_everything_in_it() {
    let (outcome, requests) = mail(Behaviour::Answer(200, JSON, r#"{"MessageId":"ses-1"}"#)).await;
    assert_eq!(outcome, AttemptOutcome::Accepted { provider_id: "ses-1".to_owned() });
    let [request] = &requests[..] else { panic!("{} requests", requests.len()) };
    let (head, body) = request.split_once("\r\n\r\n").expect("head and body");
    assert!(head.starts_with("POST /v2/email/outbound-emails "), "{head}");
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    insta::assert_json_snapshot!(body);
}

#[tokio::test]
async fn every_failure_of_a_mail_is_one_request_and_the_right_outcome() {
    let cases = [
        ("ambiguous", Behaviour::Answer(500, JSON, "{}")),
        ("ambiguous", Behaviour::Answer(503, JSON, r#"{"message":"slow down"}"#)),
        ("ambiguous", Behaviour::Answer(503, "x-amzn-errortype: ThrottlingException\r\n", "{}")),
        ("ambiguous", Behaviour::Silence),
        ("ambiguous", Behaviour::Close),
        ("ambiguous", Behaviour::Answer(200, JSON, "not json")),
        ("ambiguous", Behaviour::Answer(200, JSON, "{}")),
        ("ambiguous", Behaviour::Answer(302, "location: http://127.0.0.1:1/\r\n", "")),
        ("too fast", Behaviour::Answer(429, "x-amzn-errortype: TooManyRequestsException\r\n", "{}")),
        ("too fast", Behaviour::Answer(429, JSON, "<html>")),
        ("quota", Behaviour::Answer(400, "x-amzn-errortype: LimitExceededException\r\n", "{}")),
        ("for now", Behaviour::Answer(400, "x-amzn-errortype: SendingPausedException\r\n", "{}")),
        ("for now", Behaviour::Answer(400, "x-amzn-errortype: AccountSuspendedException:http://x\r\n", "{}")),
        ("for now", Behaviour::Answer(403, "x-amzn-errortype: ExpiredTokenException\r\n", "{}")),
        (
            "for good",
            Behaviour::Answer(
                400,
                "x-amzn-errortype: MessageRejected\r\n",
                r#"{"message":"not verified: anna@example.com"}"#,
            ),
        ),
        ("for good", Behaviour::Answer(400, "x-amzn-errortype: BadRequestException\r\n", "{}")),
        ("for good", Behaviour::Answer(400, "x-amzn-errortype: MailFromDomainNotVerifiedException\r\n", "{}")),
        ("for good", Behaviour::Answer(404, "x-amzn-errortype: NotFoundException\r\n", "{}")),
        ("for good", Behaviour::Answer(418, JSON, "{}")),
    ];
    let sent = cases.map(|(expected, behaviour)| tokio::spawn(async move { (expected, mail(behaviour).await) }));
    for (case, task) in sent.into_iter().enumerate() {
        let (expected, (outcome, requests)) = task.await.expect("no panic");
        assert_eq!(kind(&outcome), expected, "case {case}: {outcome:?}");
        assert_eq!(requests.len(), 1, "case {case}: {outcome:?}");
        assert!(!format!("{outcome:?}").contains("anna"), "{outcome:?}");
    }
}

#[tokio::test]
async fn every_failure_of_a_text_is_one_request_and_the_right_outcome() {
    const XML: &str = "content-type: text/xml\r\n";
    let cases = [
        (
            "accepted",
            Behaviour::Answer(
                200,
                XML,
                "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>sns-1</MessageId></PublishResult></PublishResponse>",
            ),
        ),
        (
            "ambiguous",
            Behaviour::Answer(
                500,
                XML,
                "<ErrorResponse><Error><Type>Receiver</Type><Code>InternalError</Code></Error></ErrorResponse>",
            ),
        ),
        ("ambiguous", Behaviour::Answer(503, XML, "")),
        ("ambiguous", Behaviour::Silence),
        ("ambiguous", Behaviour::Close),
        ("ambiguous", Behaviour::Answer(200, XML, "<a")),
        (
            "too fast",
            Behaviour::Answer(
                400,
                XML,
                "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>",
            ),
        ),
        (
            "too fast",
            Behaviour::Answer(429, XML, "<ErrorResponse><Error><Code>Throttled</Code></Error></ErrorResponse>"),
        ),
        (
            "too fast",
            Behaviour::Answer(400, XML, "<ErrorResponse><Error><Code>KMSThrottling</Code></Error></ErrorResponse>"),
        ),
        (
            "for good",
            Behaviour::Answer(
                400,
                XML,
                "<ErrorResponse><Error><Code>InvalidParameter</Code><Message>Invalid parameter: PhoneNumber Reason: +442071838750 is not valid</Message></Error></ErrorResponse>",
            ),
        ),
    ];
    let sent = cases.map(|(expected, behaviour)| tokio::spawn(async move { (expected, text(behaviour).await) }));
    for (case, task) in sent.into_iter().enumerate() {
        let (expected, (outcome, requests)) = task.await.expect("no panic");
        assert_eq!(kind(&outcome), expected, "case {case}: {outcome:?}");
        assert_eq!(requests.len(), 1, "case {case}: {outcome:?}");
        assert!(!format!("{outcome:?}").contains("442071838750"), "{outcome:?}");
    }
}

fn kind(outcome: &AttemptOutcome) -> &'static str {
    match outcome {
        AttemptOutcome::Accepted { .. } => "accepted",
        AttemptOutcome::RejectedForNow { .. } => "for now",
        AttemptOutcome::RejectedForGood { .. } => "for good",
        AttemptOutcome::TooFast { .. } => "too fast",
        AttemptOutcome::QuotaUsedUp { .. } => "quota",
        AttemptOutcome::Ambiguous { .. } => "ambiguous",
    }
}

#[tokio::test]
async fn an_accepted_text_carries_its_kind_its_sender_and_its_tags() {
    let (_, requests) = text(Behaviour::Answer(200, "", "")).await;
    let [request] = &requests[..] else { panic!("{} requests", requests.len()) };
    let body = request.split_once("\r\n\r\n").expect("head and body").1;
    let fields: HashMap<&str, &str> = body.split('&').filter_map(|field| field.split_once('=')).collect();
    assert_eq!(fields["Action"], "Publish");
    assert_eq!(fields["PhoneNumber"], "%2B442071838750");
    assert_eq!(fields["Message"], "Hi%20%26%20bye");
    // The SDK numbers the attributes in any order.
    let mut attributes: Vec<(&str, &str)> = (1..=3)
        .map(|n| format!("MessageAttributes.entry.{n}."))
        .map(|entry| (fields[&*format!("{entry}Name")], fields[&*format!("{entry}Value.StringValue")]))
        .collect();
    attributes.sort_unstable();
    let expected = [("AWS.SNS.SMS.SMSType", "Promotional"), ("journey", "welcome"), ("message", "abc234")];
    assert_eq!(attributes, expected);
    assert!(!body.contains("entry.4"));
}

#[tokio::test]
async fn a_mail_that_cannot_be_sent_as_it_is_never_leaves_the_machine() {
    let provider = Provider::start(Behaviour::Answer(200, JSON, r#"{"MessageId":"x"}"#)).await;
    let mailer = mailer_with(&provider.url, provider.pauses.clone(), credentials());
    let to = "anna@example.com";
    for outcome in [
        send_mail(&mailer, to, |mail, _, _| mail.subject = "a\r\nBcc: b@example.com".to_owned()).await,
        send_mail(&mailer, to, |_, tags, _| tags[0].1 = "anna@example.com".to_owned()).await,
        send_mail(&mailer, to, |_, tags, _| tags[0].0 = String::new()).await,
        send_mail(&mailer, to, |_, _, url| *url = "https://x.com/>\r\nX: y".to_owned()).await,
        send_mail(&mailer, to, |_, _, url| *url = "mailto:x@example.com".to_owned()).await,
        send_mail(&mailer, to, |_, _, url| *url = format!("https://x.com/{}", "u".repeat(995))).await,
        send_mail(&mailer, "анна@example.com", |_, _, _| ()).await,
    ] {
        assert_eq!(kind(&outcome), "for good", "{outcome:?}");
        assert!(!format!("{outcome:?}").contains("example.com"), "{outcome:?}");
    }
    assert_eq!(provider.requests().await.len(), 0);
}

#[tokio::test]
async fn a_domain_with_letters_outside_ascii_is_written_in_its_ascii_form() {
    let provider = Provider::start(Behaviour::Answer(200, JSON, r#"{"MessageId":"x"}"#)).await;
    let mailer = mailer_with(&provider.url, provider.pauses.clone(), credentials());
    assert_eq!(kind(&send_mail(&mailer, "anna@пример.рф", |_, _, _| ()).await), "accepted");
    drop(mailer);
    assert!(provider.requests().await[0].contains("anna@xn--e1afmkfd.xn--p1ai"));
}

#[derive(Debug)]
struct NoCredentials;

impl ProvideCredentials for NoCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err(CredentialsError::not_loaded("none for anna@example.com")))
    }
}

#[tokio::test]
async fn without_credentials_nothing_is_sent_and_the_mail_can_be_attempted_again() {
    let provider = Provider::start(Behaviour::Answer(200, JSON, r#"{"MessageId":"x"}"#)).await;
    let mailer = mailer_with(&provider.url, provider.pauses.clone(), SharedCredentialsProvider::new(NoCredentials));
    let outcome = send_mail(&mailer, "anna@example.com", |_, _, _| ()).await;
    assert_eq!(kind(&outcome), "for now", "{outcome:?}");
    assert!(!format!("{outcome:?}").contains("anna"), "{outcome:?}");
    assert_eq!(provider.requests().await.len(), 0);
}

#[tokio::test]
async fn an_unreachable_server_leaves_the_outcome_open() {
    let mailer = mailer_with("http://127.0.0.1:1", Pauses::default(), credentials());
    assert_eq!(kind(&send_mail(&mailer, "anna@example.com", |_, _, _| ()).await), "ambiguous");
}

#[tokio::test]
async fn a_connection_that_is_used_again_and_closed_is_not_tried_twice() {
    let provider = Provider::start(Behaviour::AnswerOnce(200, JSON, r#"{"MessageId":"x"}"#)).await;
    let mailer = mailer_with(&provider.url, provider.pauses.clone(), credentials());
    assert_eq!(kind(&send_mail(&mailer, "anna@example.com", |_, _, _| ()).await), "accepted");
    assert_eq!(kind(&send_mail(&mailer, "anna@example.com", |_, _, _| ()).await), "ambiguous");
    drop(mailer);
    assert_eq!(provider.requests().await.len(), 2);
}
