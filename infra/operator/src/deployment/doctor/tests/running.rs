//! Problems of a deployment that can send.

use super::*;
use rekindle_messaging::TemplateOverride;
use rekindle_store::sending::pause::{PauseCause, SendingPaused};

#[test]
fn the_triggers_of_the_functions_are_checked_with_the_schedules() {
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
    let canary_off = |facts: &mut Facts| {
        let mut said = schedule("rate(1 hour)");
        said["State"] = json!("DISABLED");
        facts.say("scheduler get-schedule --name SendFunctionCanary", said);
    };
    only(Problem, "SendFunctionCanary is switched off", "aws scheduler update-schedule", canary_off);
    only(Warning, "no canary", "CanaryFrom=", |facts| {
        facts.parameters.remove("CanaryFrom");
        canary_off(facts);
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
fn alarms_without_a_subscriber_and_alarms_that_are_on_are_findings() {
    use Severity::{Problem, Warning};
    let subscriptions = format!("sns list-subscriptions-by-topic --topic-arn {ALARMS}");
    only(Problem, "alarms have no subscriber", "aws sns subscribe", |facts| {
        facts.say(&subscriptions, json!({ "Subscriptions": [] }));
    });
    only(Problem, "not confirmed", "follow the link", |facts| {
        facts.say(&subscriptions, json!({ "Subscriptions": [{ "SubscriptionArn": "PendingConfirmation" }] }));
    });
    only(Warning, "alarms have no subscriber", "aws sns subscribe", |facts| {
        facts.parameters.insert("Stage".to_owned(), "dev".to_owned());
        facts.say(&subscriptions, json!({ "Subscriptions": [] }));
    });
    let alarms = "cloudwatch describe-alarms --alarm-name-prefix rekindle-";
    only(Problem, "no alarm", "sam deploy", |facts| facts.say(alarms, json!({ "MetricAlarms": [] })));
    only(Warning, "switched off", "enable-alarm-actions --alarm-names rekindle-UnknownAlarm", |facts| {
        facts.say(alarms, alarm(false, "OK"));
    });
    only(Warning, "rekindle-UnknownAlarm is on", "describe-alarm-history", |facts| {
        facts.say(alarms, alarm(true, "ALARM"));
    });
}

#[test]
fn missing_or_malformed_link_keys_are_reported_without_showing_them() {
    use Severity::Problem;
    let secret = format!("secretsmanager get-secret-value --secret-id {SECRET}");
    only(Problem, "no link keys", "put-secret-value", |facts| {
        facts.fail(&secret, refused("ResourceNotFoundException"));
    });
    only(Problem, "marked for deletion", "restore-secret", |facts| {
        facts.fail(&secret, refused("InvalidRequestException"));
    });
    only(Problem, "not base 64", "update-secret-version-stage", |facts| {
        facts.say(&secret, json!({ "SecretString": "{\"secret\":\"hunter2!!\"}" }));
    });
    let findings = wrong(|facts| facts.say(&secret, json!({ "SecretString": "{\"secret\":\"hunter2!!\"}" })));
    assert!(!format!("{findings:?}").contains("hunter2"));
}

#[test]
fn a_shop_that_cannot_send_is_named_with_what_it_lacks() {
    use Severity::{Problem, Warning};
    only(Problem, "no shop yet", "rekindle shop create NAME --stack rekindle", |facts| facts.shops = Ok(Vec::new()));
    only(Problem, "tables cannot be read", "describe-table", |facts| facts.shops = Err("refused".to_owned()));
    only(Problem, "vinyl cannot send: it has no brand", "set-brand", |facts| facts.shop().brand = None);
    only(Problem, "name must not be empty", "set-brand", |facts| {
        let mut brand = brand();
        brand["name"] = " ".into();
        facts.shop().brand = Some(brand);
    });
    let own = |change: fn(&mut Value)| {
        let own: TemplateOverride = serde_json::from_value(json!({
            "name": "welcome-thanks", "language": "de", "channel": "email", "subject": "Danke", "preheader": "",
            "mjml": "<mj-text>Danke</mj-text>", "text": "Danke",
        }))
        .expect("a template");
        let mut stored = json!(own.check().expect("a good template"));
        change(&mut stored);
        vec![("template#email#de#welcome-thanks".to_owned(), stored)]
    };
    assert_eq!(wrong(|facts| facts.shop().templates = own(|_| ())), []);
    only(Warning, "welcome-thanks (de) was compiled by another version", "set-template", |facts| {
        facts.shop().templates = own(|stored| stored["compiled"]["html"] = "an older frame".into());
    });
    only(Problem, "welcome-thanks (de) cannot be used", "remove-template welcome-thanks de", |facts| {
        facts.shop().templates = own(|stored| stored["compiled"]["html"] = "{% if %}".into());
    });
    only(Problem, "its policy cannot be read", "set-policy", |facts| {
        facts.shop().policy = Some("time_zone = 1".to_owned());
    });
    only(Problem, "a part of its policy does not apply: frequency_cap.total: must be at most", "set-policy", |facts| {
        facts.shop().policy = Some("[frequency_cap]\ntotal = 1000000".to_owned());
    });
    only(Problem, "its policy was stored by another version", "set-policy", |facts| {
        facts.shop().policy_is_outdated = true;
    });
    only(Problem, "31 of the last 900 mails came back", "rekindle shop resume vinyl --stack rekindle", |facts| {
        let (at, why) = (facts.now, PauseCause::Bounces { count: 31, mails: 900 });
        facts.shop().paused = Some(SendingPaused { at, why, announced: true });
    });
    only(Problem, "hello@shop.example.com was not granted", "grant-sender vinyl hello@shop.example.com", |facts| {
        facts.shop().senders = Senders::Granted([Sender::parse("@other.example.com").expect("a domain")].into());
    });
    only(Warning, "never granted", "grant-sender vinyl hello@shop.example.com", |facts| {
        facts.shop().senders = Senders::FromBefore;
    });
    only(Warning, "no admin key", "rotate-key vinyl --role admin --stack rekindle", |facts| {
        facts.shop().keys.remove("admin");
    });
}

#[test]
fn dead_letters_are_counted_and_the_command_that_handles_them_is_named() {
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
