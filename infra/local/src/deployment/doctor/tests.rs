//! The checks on answers as the AWS CLI gives them: of a deployment in which all is well, and with one thing wrong.

use super::facts::{Answer, Facts, Page, Shop};
use super::{Finding, Severity, judge, question, questions};
use crate::deployment::outputs::tests::described;
use crate::deployment::{AwsCliError, Outputs};
use rekindle_lifecycle::id::ShopId;
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

/// A deployment in which all is well.
fn healthy() -> Facts {
    let outputs = Outputs::of_stack(&described()).expect("complete");
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
        keys: ["write", "admin"].into(),
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
        "stream-dead-letters",
        "schedule-dead-letters",
    ] {
        facts.say(&attributes(name), queue(&policy(&[MAIL_EVENTS, INBOUND]), 0));
    }
    facts.say("sns get-sms-attributes", json!({ "attributes": { "MonthlySpendLimit": "50" } }));
    facts.say("sns get-sms-sandbox-account-status", json!({ "IsInSandbox": false }));
    let resource = |(logical, kind): (&str, &str)| json!({ "LogicalResourceId": logical, "ResourceType": kind, "PhysicalResourceId": logical });
    let schedules = ["SweepFunctionMinutely", "SendFunctionCanary", "FeedbackFunctionDaily"];
    let mappings = ["AdvanceFunctionStream", "AdvanceFunctionQueue", "SendFunctionQueue", "FeedbackFunctionQueue"];
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

/// What is found to be wrong.
fn wrong(change: impl FnOnce(&mut Facts)) -> Vec<Finding> {
    let mut facts = healthy();
    change(&mut facts);
    judge(&facts).into_iter().filter(|finding| finding.severity != Severity::Ok).collect()
}

/// The one thing that is wrong.
#[track_caller]
fn only(severity: Severity, found: &str, mend: &str, change: impl FnOnce(&mut Facts)) {
    let findings = wrong(change);
    let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
    assert_eq!(finding.severity, severity, "{finding:?}");
    assert!(finding.found.contains(found), "{finding:?}");
    assert!(finding.mend.as_deref().is_some_and(|command| command.contains(mend)), "{finding:?}");
}

#[test]
fn a_deployment_in_which_all_is_well_has_nothing_to_mend_and_every_question_is_asked() {
    assert_eq!(wrong(|_| ()), []);
    let facts = healthy();
    assert!(judge(&facts).len() >= 10);
    // Whatever is judged was asked for.
    for asked in questions(&facts) {
        let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
        assert_ne!(facts.answer(&asked), &Err(AwsCliError::NoRegion), "{asked:?}");
    }
}

#[test]
fn an_account_that_does_not_send_is_a_problem_with_its_remedy() {
    let account = |change: Value| {
        move |facts: &mut Facts| {
            let mut said = account();
            for (name, value) in change.as_object().expect("an object") {
                said[name] = value.clone();
            }
            facts.say("sesv2 get-account", said);
        }
    };
    use Severity::{Problem, Warning};
    only(
        Problem,
        "sandbox",
        "put-account-details --production-access-enabled",
        account(json!({ "ProductionAccessEnabled": false })),
    );
    only(
        Problem,
        "paused",
        "put-account-sending-attributes --sending-enabled",
        account(json!({ "SendingEnabled": false })),
    );
    let stopped = json!({ "SendingEnabled": false, "EnforcementStatus": "SHUTDOWN" });
    only(Problem, "stopped this account", "support", account(stopped));
    only(Warning, "probation", "get-account", account(json!({ "EnforcementStatus": "PROBATION" })));
    let quota =
        |sent: f64| json!({ "SendQuota": { "Max24HourSend": 200.0, "MaxSendRate": 14.0, "SentLast24Hours": sent } });
    only(Problem, "used up", "request-service-quota-increase", account(quota(200.0)));
    only(Warning, "160 of the day's 200", "request-service-quota-increase", account(quota(160.0)));
    assert_eq!(wrong(account(quota(159.0))), []);
    only(Warning, "15 mails a second, but SES takes 14", "EmailsPerSecond=0", |facts| {
        facts.parameters.insert("EmailsPerSecond".to_owned(), "15".to_owned());
    });
    only(Problem, "no SES in eu-west-1", "--region", |facts| {
        let error = AwsCliError::Unreachable { service: "sesv2".to_owned(), message: String::new() };
        facts.fail("sesv2 get-account", Err(error));
    });
}

#[test]
fn a_sender_that_is_not_verified_or_not_signed_is_named_with_the_command() {
    let domain = format!("{IDENTITY} shop.example.com");
    let both = |answer: Answer| wrong(|facts| facts.fail(&domain, answer));
    // The shop's sender and the canary's.
    for (answer, found, mend) in [
        (
            refused("NotFoundException"),
            "SES does not know the sender",
            "create-email-identity --email-identity shop.example.com",
        ),
        (Ok(identity(false, "PENDING")), "is not verified", "TOKEN._domainkey.shop.example.com CNAME"),
        (Ok(identity(true, "FAILED")), "DKIM records of shop.example.com are not found: failed", "get-email-identity"),
    ] {
        let findings = both(answer);
        assert_eq!(findings.len(), 2, "{findings:#?}");
        assert!(
            findings.iter().all(|one| one.severity == Severity::Problem && one.found.contains(found)),
            "{findings:#?}"
        );
        assert!(
            findings.iter().all(|one| one.mend.as_deref().is_some_and(|command| command.contains(mend))),
            "{findings:#?}"
        );
    }
    // A domain above will do.
    assert_eq!(
        wrong(|facts| {
            facts.fail(&domain, refused("NotFoundException"));
            facts.say(&format!("{IDENTITY} example.com"), identity(true, "SUCCESS"));
        }),
        []
    );
    let findings = wrong(|facts| {
        facts.fail(&domain, refused("NotFoundException"));
        for address in ["hello", "canary"] {
            let address = format!("{IDENTITY} {address}@shop.example.com");
            facts.say(&address, json!({ "VerifiedForSendingStatus": true }));
        }
    });
    assert!(findings.len() == 2 && findings[0].severity == Severity::Warning, "{findings:#?}");
}

#[test]
fn events_that_would_not_arrive_are_found_wherever_the_way_is_cut() {
    use Severity::Problem;
    let set = "sesv2 get-configuration-set --configuration-set-name rekindle";
    let destinations = "sesv2 get-configuration-set-event-destinations --configuration-set-name rekindle";
    only(Problem, "is gone", "create-configuration-set", |facts| {
        facts.fail(set, refused("NotFoundException"));
        facts.fail(destinations, refused("NotFoundException"));
    });
    only(Problem, "switched off", "put-configuration-set-sending-options", |facts| {
        facts.say(set, json!({ "SendingOptions": { "SendingEnabled": false } }));
    });
    only(Problem, "tells the stack nothing", "create-configuration-set-event-destination", |facts| {
        facts.say(destinations, json!({ "EventDestinations": [] }));
    });
    let destination = |enabled: bool, kinds: &[&str]| {
        json!({ "EventDestinations": [{
        "Name": "rekindle", "Enabled": enabled, "SnsDestination": { "TopicArn": MAIL_EVENTS }, "MatchingEventTypes": kinds,
    }] })
    };
    only(Problem, "is switched off", "update-configuration-set-event-destination", |facts| {
        facts.say(destinations, destination(false, &["SEND"]));
    });
    only(Problem, "leaves out COMPLAINT, REJECT", "update-configuration-set-event-destination", |facts| {
        facts.say(destinations, destination(true, &["SEND", "DELIVERY", "BOUNCE", "RENDERING_FAILURE"]));
    });
    only(Problem, "not subscribed", "aws sns subscribe --topic-arn", |facts| {
        facts
            .say(&format!("sns list-subscriptions-by-topic --topic-arn {MAIL_EVENTS}"), json!({ "Subscriptions": [] }));
    });
    only(Problem, "texts of customers may not put", "aws sqs set-queue-attributes", |facts| {
        facts.say(&attributes("feedback"), queue(&policy(&[MAIL_EVENTS]), 0));
    });
    let findings = wrong(|facts| facts.say(&attributes("feedback"), json!({ "Attributes": { "QueueArn": QUEUE } })));
    assert_eq!(findings.len(), 2, "no policy at all: {findings:#?}");
}

#[test]
fn an_unsubscribe_link_that_does_not_lead_to_a_page_of_ours_is_a_problem() {
    use Severity::Problem;
    only(Problem, "redirects to https://www", "PublicUrl=", |facts| {
        facts.page = Ok(Page { status: 301, location: Some("https://www.shop.example.com".to_owned()), ours: false });
    });
    only(Problem, "nothing answers", "curl", |facts| facts.page = Err("timeout".to_owned()));
    only(Problem, "a made-up link gave 404", "curl", |facts| {
        facts.page = Ok(Page { status: 404, location: None, ours: false })
    });
    only(Problem, "gave 503", "curl", |facts| facts.page = Ok(Page { status: 503, location: None, ours: true }));
    only(Severity::Warning, "not https", "PublicUrl=https", |facts| {
        facts.outputs.public_url = "http://mail.shop.example.com".to_owned();
    });
}

#[test]
fn what_starts_the_functions_is_looked_at_with_its_clock() {
    use Severity::{Problem, Warning};
    let sweep = "scheduler get-schedule --name SweepFunctionMinutely";
    let with = |field: &'static str, value: Value| {
        move |facts: &mut Facts| {
            let mut said = schedule("rate(5 minutes)");
            said[field] = value;
            facts.say(sweep, said);
        }
    };
    only(Problem, "switched off", "aws scheduler update-schedule", with("State", json!("DISABLED")));
    only(Problem, "has ended", "del(.EndDate)", with("EndDate", json!(1_700_000_000)));
    only(Problem, "has not begun", "del(.StartDate)", with("StartDate", json!("2027-01-01T00:00:00+00:00")));
    only(Warning, "rate(1 hour)", "rate(5 minutes)", with("ScheduleExpression", json!("rate(1 hour)")));
    only(Warning, "no rate", "rate(5 minutes)", with("ScheduleExpression", json!("cron(0 5 * * ? *)")));
    only(Problem, "is gone", "sam deploy", |facts| facts.fail(sweep, refused("ResourceNotFoundException")));
    only(Warning, "no canary", "CanaryFrom=", |facts| {
        facts.parameters.remove("CanaryFrom");
    });
    let stream = "lambda get-event-source-mapping --uuid AdvanceFunctionStream";
    let with = |field: &'static str, value: Value| {
        move |facts: &mut Facts| {
            let mut said = mapping();
            said[field] = value;
            facts.say(stream, said);
        }
    };
    only(Problem, "it is disabled", "--enabled", with("State", json!("Disabled")));
    only(
        Problem,
        "PROBLEM: Function call failed",
        "get-event-source-mapping",
        with("LastProcessingResult", json!("PROBLEM: Function call failed")),
    );
    only(Problem, "would be lost", "ReportBatchItemFailures", with("FunctionResponseTypes", json!([])));
}

#[test]
fn text_messages_are_a_matter_only_for_shops_that_send_some() {
    use Severity::Problem;
    only(Problem, "sandbox of SNS", "console", |facts| {
        facts.say("sns get-sms-sandbox-account-status", json!({ "IsInSandbox": true }));
    });
    only(Problem, "1 dollars a month", "MonthlySpendLimit=", |facts| {
        facts.say("sns get-sms-attributes", json!({ "attributes": {} }));
    });
    only(Problem, "sends no text messages in eu-west-1", "supported-regions", |facts| {
        facts.fail("sns get-sms-sandbox-account-status", refused("InvalidAction"));
    });
    let mails_only = "[[journey]]\nid = \"hello\"\ntrigger = \"first_order\"\npurpose = \"marketing\"\npriority = 1\n\
                      [[journey.step]]\nid = \"thanks\"\ndelay = \"1h\"\nchannel = \"email\"\n\
                      template = \"welcome-thanks\"\n";
    assert_eq!(
        wrong(|facts| {
            facts.shop().policy = Some(mails_only.to_owned());
            facts.fail("sns get-sms-sandbox-account-status", refused("InvalidAction"));
        }),
        []
    );
}

#[test]
fn alarms_that_nobody_hears_and_those_that_are_on_are_told() {
    use Severity::{Problem, Warning};
    let subscriptions = format!("sns list-subscriptions-by-topic --topic-arn {ALARMS}");
    only(Problem, "nobody is told of alarms", "aws sns subscribe", |facts| {
        facts.say(&subscriptions, json!({ "Subscriptions": [] }));
    });
    only(Problem, "not confirmed", "follow the link", |facts| {
        facts.say(&subscriptions, json!({ "Subscriptions": [{ "SubscriptionArn": "PendingConfirmation" }] }));
    });
    only(Warning, "nobody is told", "aws sns subscribe", |facts| {
        facts.parameters.insert("Stage".to_owned(), "dev".to_owned());
        facts.say(&subscriptions, json!({ "Subscriptions": [] }));
    });
    let alarms = "cloudwatch describe-alarms --alarm-name-prefix rekindle-";
    only(Problem, "no alarm", "sam deploy", |facts| facts.say(alarms, json!({ "MetricAlarms": [] })));
    only(Warning, "switched off", "enable-alarm-actions --alarm-names rekindle-UnknownAlarm", |facts| {
        facts.say(alarms, alarm(false, "OK"))
    });
    only(Warning, "rekindle-UnknownAlarm is on", "describe-alarm-history", |facts| {
        facts.say(alarms, alarm(true, "ALARM"))
    });
}

#[test]
fn link_keys_that_are_missing_or_malformed_are_told_without_showing_them() {
    use Severity::Problem;
    let secret = format!("secretsmanager get-secret-value --secret-id {SECRET}");
    only(Problem, "no link keys", "put-secret-value", |facts| {
        facts.fail(&secret, refused("ResourceNotFoundException"))
    });
    only(Problem, "marked for deletion", "restore-secret", |facts| {
        facts.fail(&secret, refused("InvalidRequestException"))
    });
    only(Problem, "not base 64", "update-secret-version-stage", |facts| {
        facts.say(&secret, json!({ "SecretString": "{\"secret\":\"hunter2!!\"}" }))
    });
    let findings = wrong(|facts| facts.say(&secret, json!({ "SecretString": "{\"secret\":\"hunter2!!\"}" })));
    assert!(!format!("{findings:?}").contains("hunter2"));
}

#[test]
fn a_shop_that_cannot_speak_is_named_with_what_it_lacks() {
    use Severity::{Problem, Warning};
    only(Problem, "no shop yet", "rekindle shop create NAME --stack rekindle", |facts| facts.shops = Ok(Vec::new()));
    only(Problem, "tables cannot be read", "describe-table", |facts| facts.shops = Err("refused".to_owned()));
    only(Problem, "vinyl cannot send: it has no brand", "set-brand", |facts| facts.shop().brand = None);
    only(Problem, "name must not be empty", "set-brand", |facts| {
        let mut brand = brand();
        brand["name"] = " ".into();
        facts.shop().brand = Some(brand);
    });
    only(Problem, "welcome-thanks (de)", "remove-template welcome-thanks de", |facts| {
        let template = json!({
            "name": "welcome-thanks", "language": "de", "channel": "email", "subject": "Danke", "preheader": "",
            "mjml": "<mj-text>{{ links.shp }}</mj-text>", "text": "x",
        });
        facts.shop().templates = vec![("template#email#de#welcome-thanks".to_owned(), template)];
    });
    only(Problem, "its policy cannot be read", "set-policy", |facts| {
        facts.shop().policy = Some("time_zone = 1".to_owned())
    });
    only(Problem, "it was stopped", "/v1/sending", |facts| facts.shop().paused = Some("2026-11-22".to_owned()));
    only(Warning, "no admin key", "rotate-key vinyl --role admin --stack rekindle", |facts| {
        facts.shop().keys.remove("admin");
    });
}

#[test]
fn dead_letters_are_counted_with_what_brings_them_back() {
    use Severity::Warning;
    for (name, mend) in [
        ("send", "rekindle replay-dead-letters send --stack rekindle"),
        ("stream", "rekindle rebuild --stack rekindle"),
        ("schedule", "purge-queue"),
    ] {
        only(Warning, &format!("of {name}, 7 wait"), mend, |facts| {
            facts.say(&attributes(&format!("{name}-dead-letters")), queue(&Value::Null, 7));
        });
    }
}

#[test]
fn what_may_not_be_looked_at_names_the_permission_and_hides_nothing_else() {
    let denied = |permission: &str| Err(AwsCliError::Denied { permission: permission.to_owned() });
    only(Severity::Warning, "could not be looked at", "allow ses:GetAccount", |facts| {
        facts.fail("sesv2 get-account", denied("ses:GetAccount"));
    });
    // Everything refused at once: as many warnings, no panic, and the rest is judged.
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
