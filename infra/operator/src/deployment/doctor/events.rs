//! Checks that events about mails and texts arrive: configuration set, topics, subscriptions, queue policy.

use super::facts::Facts;
use super::finding::Finding;
use super::question;
use crate::deployment::AwsCliError;
use serde_json::{Value, json};

const CHECK: &str = "events";
/// The events that SES must publish. Without them bounces stay unknown, and so do outcomes of interrupted attempts.
const REQUIRED_EVENTS: [&str; 6] = ["SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT", "RENDERING_FAILURE"];

fn set(facts: &Facts) -> [&str; 4] {
    ["sesv2", "get-configuration-set", "--configuration-set-name", &facts.outputs.configuration_set]
}

fn destinations(facts: &Facts) -> [&str; 4] {
    ["sesv2", "get-configuration-set-event-destinations", "--configuration-set-name", &facts.outputs.configuration_set]
}

fn subscriptions(topic: &str) -> [&str; 4] {
    ["sns", "list-subscriptions-by-topic", "--topic-arn", topic]
}

fn queue(facts: &Facts) -> [&str; 6] {
    ["sqs", "get-queue-attributes", "--queue-url", &facts.outputs.feedback_queue_url, "--attribute-names", "All"]
}

pub(super) fn questions(facts: &Facts) -> Vec<Vec<String>> {
    let mut questions = vec![question(&set(facts)), question(&destinations(facts)), question(&queue(facts))];
    questions.extend(topics(facts).map(|(topic, _)| question(&subscriptions(topic))));
    questions
}

/// The topics of the feedback queue, and what they publish.
fn topics(facts: &Facts) -> [(&str, &'static str); 2] {
    let outputs = &facts.outputs;
    [
        (&outputs.mail_events_topic_arn, "what becomes of mails"),
        (&outputs.inbound_texts_topic_arn, "texts of customers"),
    ]
}

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let mut findings = configuration_set(facts);
    findings.extend(destination(facts));
    findings.extend(way_to_the_queue(facts));
    if findings.is_empty() {
        findings.push(Finding::ok(CHECK, "what becomes of mails and texts reaches the feedback queue"));
    }
    findings
}

fn configuration_set(facts: &Facts) -> Vec<Finding> {
    let (name, aws) = (&facts.outputs.configuration_set, &facts.aws_options);
    match facts.answer(&set(facts)) {
        Ok(found) if found["SendingOptions"]["SendingEnabled"] == false => vec![Finding::problem(
            CHECK,
            format!("sending with the configuration set {name} is switched off"),
            format!(
                "aws sesv2 put-configuration-set-sending-options --configuration-set-name {name} --sending-enabled{aws}"
            ),
        )],
        Ok(_) => Vec::new(),
        Err(AwsCliError::Refused { code, .. }) if code == "NotFoundException" => vec![Finding::problem(
            CHECK,
            format!("the configuration set {name} is gone: every mail is refused"),
            format!("aws sesv2 create-configuration-set --configuration-set-name {name}{aws}, then run this again"),
        )],
        Err(error) => vec![Finding::unseen(CHECK, "the configuration set", error)],
    }
}

fn destination(facts: &Facts) -> Vec<Finding> {
    let (set, topic, aws) =
        (&facts.outputs.configuration_set, &facts.outputs.mail_events_topic_arn, &facts.aws_options);
    let found = match facts.answer(&destinations(facts)) {
        Ok(found) => found,
        // This is a finding already.
        Err(AwsCliError::Refused { code, .. }) if code == "NotFoundException" => return Vec::new(),
        Err(error) => return vec![Finding::unseen(CHECK, "the events of the configuration set", error)],
    };
    let wanted =
        json!({ "Enabled": true, "MatchingEventTypes": REQUIRED_EVENTS, "SnsDestination": { "TopicArn": topic } });
    let of_topic = |one: &&Value| one["SnsDestination"]["TopicArn"] == topic.as_str();
    let Some(found) = found["EventDestinations"].as_array().into_iter().flatten().find(of_topic) else {
        return vec![Finding::problem(
            CHECK,
            format!("the configuration set {set} tells the stack nothing: bounces and complaints would not arrive"),
            format!(
                "aws sesv2 create-configuration-set-event-destination --configuration-set-name {set} \
                 --event-destination-name rekindle --event-destination '{wanted}'{aws}"
            ),
        )];
    };
    let name = found["Name"].as_str().unwrap_or_default();
    let mend = format!(
        "aws sesv2 update-configuration-set-event-destination --configuration-set-name {set} --event-destination-name \
         {name} --event-destination '{wanted}'{aws}"
    );
    if found["Enabled"] != true {
        return vec![Finding::problem(CHECK, format!("the event destination {name} of {set} is switched off"), mend)];
    }
    let published = |kind: &&str| found["MatchingEventTypes"].as_array().into_iter().flatten().any(|one| one == kind);
    let missing: Vec<&str> = REQUIRED_EVENTS.into_iter().filter(|kind| !published(kind)).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    vec![Finding::problem(CHECK, format!("the event destination {name} leaves out {}", missing.join(", ")), mend)]
}

fn way_to_the_queue(facts: &Facts) -> Vec<Finding> {
    let queue = match facts.answer(&queue(facts)) {
        Ok(found) => &found["Attributes"],
        Err(error) => return vec![Finding::unseen(CHECK, "the feedback queue", error)],
    };
    let arn = queue["QueueArn"].as_str().unwrap_or_default();
    let policy = queue["Policy"].as_str().and_then(|policy| serde_json::from_str::<Value>(policy).ok());
    let mut findings = Vec::new();
    for (topic, what) in topics(facts) {
        match facts.answer(&subscriptions(topic)) {
            Ok(found) => {
                let mut listed = found["Subscriptions"].as_array().into_iter().flatten();
                if !listed.any(|one| one["Protocol"] == "sqs" && one["Endpoint"] == arn) {
                    findings.push(Finding::problem(
                        CHECK,
                        format!("the feedback queue is not subscribed to the topic that tells {what}"),
                        format!(
                            "aws sns subscribe --topic-arn {topic} --protocol sqs --notification-endpoint {arn}{}",
                            facts.aws_options
                        ),
                    ));
                }
            }
            Err(error) => findings.push(Finding::unseen(CHECK, &format!("the topic that tells {what}"), error)),
        }
        if !policy.as_ref().is_some_and(|policy| admits(policy, topic)) {
            findings.push(Finding::problem(
                CHECK,
                format!("the topic that tells {what} may not put anything on the feedback queue"),
                format!(
                    "aws sqs set-queue-attributes --queue-url {} --attributes '{}'{}",
                    facts.outputs.feedback_queue_url,
                    json!({ "Policy": policy_for(facts, arn).to_string() }),
                    facts.aws_options
                ),
            ));
        }
    }
    findings
}

/// Whether a queue's policy allows a topic to send. Only the form of the template is recognised.
fn admits(policy: &Value, topic: &str) -> bool {
    let any_of = |value: &Value, fits: &dyn Fn(&str) -> bool| match value {
        Value::String(one) => fits(one),
        Value::Array(all) => all.iter().filter_map(Value::as_str).any(fits),
        _ => false,
    };
    let statements = match &policy["Statement"] {
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    };
    statements.into_iter().any(|statement| {
        let principal = &statement["Principal"];
        let sources = statement["Condition"].as_object().into_iter().flat_map(|conditions| conditions.values());
        let from: Vec<&Value> = sources.filter_map(|tests| tests.get("aws:SourceArn")).collect();
        statement["Effect"] == "Allow"
            && (principal == "*" || any_of(&principal["Service"], &|service| service == "sns.amazonaws.com"))
            && any_of(&statement["Action"], &|action| {
                ["sqs:*", "SQS:*", "*"].contains(&action) || action.eq_ignore_ascii_case("sqs:SendMessage")
            })
            && (from.is_empty() || from.iter().any(|from| any_of(from, &|pattern| pattern == topic || pattern == "*")))
    })
}

/// The queue's policy in the template.
fn policy_for(facts: &Facts, queue: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "sns.amazonaws.com" },
            "Action": "sqs:SendMessage",
            "Resource": queue,
            "Condition": { "ArnEquals": { "aws:SourceArn": topics(facts).map(|(topic, _)| topic) } },
        }],
    })
}
