//! The checks on answers of the AWS CLI, about a deployment without problems and with one problem.

mod running;
mod sending;

use super::facts::{Answer, Facts, Page, Shop};
use super::{Finding, Severity, judge, question, questions};
use crate::deployment::outputs::tests::described;
use crate::deployment::{AwsCliError, Outputs};
use rekindle_lifecycle::id::ShopId;
use rekindle_store::shop::senders::{Sender, Senders};
use serde_json::{Value, json};

const IDENTITY: &str = "sesv2 get-email-identity --email-identity";
const MAIL_EVENTS: &str = "arn:aws:sns:eu-west-1:123456789012:rekindle-mail-events";
const INBOUND: &str = "arn:aws:sns:eu-west-1:123456789012:rekindle-inbound-texts";
const ALARMS: &str = "arn:aws:sns:eu-west-1:123456789012:rekindle-alarms";
const QUEUE: &str = "arn:aws:sqs:eu-west-1:123456789012:rekindle-feedback";
const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rekindle-link-keys-AbCdEf";

fn refused(code: &str) -> Answer {
    Err(AwsCliError::Refused { operation: "X".to_owned(), code: code.to_owned(), message: "no".to_owned() })
}

fn brand() -> Value {
    json!({
        "name": "Vinyl", "sender_address": "hello@shop.example.com", "sender_name": "Anna",
        "postal_address": "1 Groove Street, Leeds", "shop_url": "https://shop.example.com/",
    })
}

impl Facts {
    fn say(&mut self, command: &str, answer: Value) {
        self.note(&question(&command.split(' ').collect::<Vec<_>>()), Ok(answer));
    }

    fn fail(&mut self, command: &str, answer: Answer) {
        self.note(&question(&command.split(' ').collect::<Vec<_>>()), answer);
    }

    fn shop(&mut self) -> &mut Shop {
        &mut self.shops.as_mut().expect("read")[0]
    }
}

fn mapping() -> Value {
    json!({
        "State": "Enabled", "LastProcessingResult": "No records processed",
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    })
}

fn subscribed(topic: &str) -> Value {
    json!({ "Subscriptions": [{
        "SubscriptionArn": format!("{topic}:1"), "Protocol": "sqs", "Endpoint": QUEUE, "TopicArn": topic,
    }] })
}

fn queue(policy: &Value, waiting: u32) -> Value {
    json!({ "Attributes": {
        "QueueArn": QUEUE, "ApproximateNumberOfMessages": waiting.to_string(), "Policy": policy.to_string(),
    } })
}

fn policy(sources: &[&str]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" }, "Action": "sqs:SendMessage",
        "Resource": QUEUE, "Condition": { "ArnEquals": { "aws:SourceArn": sources } },
    }] })
}

fn identity(verified: bool, dkim: &str) -> Value {
    json!({
        "IdentityType": "DOMAIN", "VerifiedForSendingStatus": verified,
        "DkimAttributes": { "SigningEnabled": true, "Status": dkim, "Tokens": ["a", "b", "c"] },
        "MailFromAttributes": { "BehaviorOnMxFailure": "USE_DEFAULT_VALUE" },
    })
}

fn account() -> Value {
    json!({
        "EnforcementStatus": "HEALTHY", "ProductionAccessEnabled": true, "SendingEnabled": true,
        "SendQuota": { "Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 100.0 },
    })
}

fn schedule(expression: &str) -> Value {
    json!({ "GroupName": "default", "State": "ENABLED", "ScheduleExpression": expression })
}

/// A deployment without problems.
fn healthy() -> Facts {
    let outputs = Outputs::from_stack(&described()).expect("complete");
    let now = "2026-11-22T17:00:00Z".parse().expect("an instant");
    let mut facts = Facts::new("rekindle", outputs, now);
    facts.aws_options = " --region eu-west-1".to_owned();
    facts.parameters = [("Stage", "prod"), ("CanaryFrom", "canary@shop.example.com"), ("EmailsPerSecond", "0")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    facts.shops = Ok(vec![Shop {
        id: ShopId::parse("vinyl").expect("an id"),
        brand: Some(brand()),
        templates: Vec::new(),
        policy: None,
        policy_is_outdated: false,
        keys: ["write", "admin"].into(),
        senders: Senders::Granted([Sender::parse("@shop.example.com").expect("a domain")].into()),
        connections: Vec::new(),
        paused: None,
    }]);
    facts.page = Ok(Page { status: 404, location: None, ours: true });
    facts.say("sesv2 get-account", account());
    for address in ["hello@shop.example.com", "canary@shop.example.com", "example.com"] {
        facts.fail(&format!("{IDENTITY} {address}"), refused("NotFoundException"));
    }
    facts.say(&format!("{IDENTITY} shop.example.com"), identity(true, "SUCCESS"));
    facts.say(
        "sesv2 get-configuration-set --configuration-set-name rekindle",
        json!({ "SendingOptions": { "SendingEnabled": true } }),
    );
    facts.say(
        "sesv2 get-configuration-set-event-destinations --configuration-set-name rekindle",
        json!({ "EventDestinations": [{
            "Name": "rekindle", "Enabled": true, "SnsDestination": { "TopicArn": MAIL_EVENTS },
            "MatchingEventTypes": ["BOUNCE", "CLICK", "COMPLAINT", "DELIVERY", "REJECT", "RENDERING_FAILURE", "SEND"],
        }] }),
    );
    for topic in [MAIL_EVENTS, INBOUND] {
        facts.say(&format!("sns list-subscriptions-by-topic --topic-arn {topic}"), subscribed(topic));
    }
    for name in [
        "feedback",
        "advance-dead-letters",
        "send-dead-letters",
        "feedback-dead-letters",
        "hooks-dead-letters",
        "stream-dead-letters",
        "schedule-dead-letters",
    ] {
        facts.say(&attributes(name), queue(&policy(&[MAIL_EVENTS, INBOUND]), 0));
    }
    facts.say("sns get-sms-attributes", json!({ "attributes": { "MonthlySpendLimit": "50" } }));
    facts.say("sns get-sms-sandbox-account-status", json!({ "IsInSandbox": false }));
    let resource = |(logical, kind): (&str, &str)| json!({ "LogicalResourceId": logical, "ResourceType": kind, "PhysicalResourceId": logical });
    let schedules = ["SweepFunctionMinutely", "SendFunctionCanary", "FeedbackFunctionDaily", "HooksFunctionWaiting"];
    let mappings = [
        "AdvanceFunctionStream",
        "AdvanceFunctionQueue",
        "SendFunctionQueue",
        "FeedbackFunctionQueue",
        "HooksFunctionQueue",
    ];
    let resources: Vec<Value> = schedules
        .map(|name| (name, "AWS::Scheduler::Schedule"))
        .into_iter()
        .chain(mappings.map(|name| (name, "AWS::Lambda::EventSourceMapping")))
        .map(resource)
        .collect();
    facts.say(
        "cloudformation list-stack-resources --stack-name rekindle",
        json!({ "StackResourceSummaries": resources }),
    );
    for name in schedules {
        facts.say(&format!("scheduler get-schedule --name {name}"), schedule("rate(5 minutes)"));
    }
    for name in mappings {
        facts.say(&format!("lambda get-event-source-mapping --uuid {name}"), mapping());
    }
    facts.say(
        &format!("secretsmanager get-secret-value --secret-id {SECRET}"),
        json!({ "SecretString": json!({ "secret": "A1b2".repeat(16) }).to_string() }),
    );
    facts.say(
        &format!("sns list-subscriptions-by-topic --topic-arn {ALARMS}"),
        json!({ "Subscriptions": [{ "SubscriptionArn": format!("{ALARMS}:1"), "Protocol": "email" }] }),
    );
    facts.say("cloudwatch describe-alarms --alarm-name-prefix rekindle-", alarm(true, "OK"));
    facts
}

fn attributes(name: &str) -> String {
    format!(
        "sqs get-queue-attributes --queue-url https://sqs.eu-west-1.amazonaws.com/123456789012/rekindle-{name} --attribute-names All"
    )
}

fn alarm(enabled: bool, state: &str) -> Value {
    json!({ "MetricAlarms": [{
        "AlarmName": "rekindle-UnknownAlarm", "AlarmDescription": "Nobody knows.", "ActionsEnabled": enabled,
        "AlarmActions": [ALARMS], "StateValue": state,
    }] })
}

/// The findings that are not ok.
fn wrong(change: impl FnOnce(&mut Facts)) -> Vec<Finding> {
    let mut facts = healthy();
    change(&mut facts);
    judge(&facts).into_iter().filter(|finding| finding.severity != Severity::Ok).collect()
}

/// Checks that there is exactly one such finding.
#[track_caller]
fn only(severity: Severity, found: &str, mend: &str, change: impl FnOnce(&mut Facts)) {
    let findings = wrong(change);
    let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
    assert_eq!(finding.severity, severity, "{finding:?}");
    assert!(finding.found.contains(found), "{finding:?}");
    assert!(finding.mend.as_deref().is_some_and(|command| command.contains(mend)), "{finding:?}");
}

#[test]
fn a_deployment_without_problems_has_no_findings_and_every_check_runs() {
    assert_eq!(wrong(|_| ()), []);
    let facts = healthy();
    assert!(judge(&facts).len() >= 10);
    // The doctor requested every answer that it judged.
    for asked in questions(&facts) {
        let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
        assert_ne!(facts.answer(&asked), &Err(AwsCliError::NoRegion), "{asked:?}");
    }
}

#[test]
fn a_missing_permission_is_named_and_hides_no_other_finding() {
    let denied = |permission: &str| Err(AwsCliError::Denied { permission: permission.to_owned() });
    only(Severity::Warning, "could not be looked at", "allow ses:GetAccount", |facts| {
        facts.fail("sesv2 get-account", denied("ses:GetAccount"));
    });
    // Without any permission: a warning for each check, no panic, and the other answers are judged.
    let mut facts = healthy();
    for asked in questions(&facts) {
        facts.note(&asked, denied("any:Thing"));
    }
    facts.shop().brand = None;
    let findings = judge(&facts);
    assert!(findings.iter().any(|finding| finding.found.contains("no brand")), "{findings:#?}");
    let unseen =
        findings.iter().filter(|finding| finding.mend.as_deref().is_some_and(|mend| mend.contains("any:Thing")));
    assert!(unseen.count() >= 15, "{findings:#?}");
}
