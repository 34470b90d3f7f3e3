//! Checks that alarms have a subscriber, and which alarms are on.

use super::facts::Facts;
use super::finding::Finding;
use super::question;

const CHECK: &str = "alarms";

fn subscriptions(facts: &Facts) -> [&str; 4] {
    ["sns", "list-subscriptions-by-topic", "--topic-arn", &facts.outputs.alarm_topic_arn]
}

/// The prefix of the stack's alarms. Another stack's name may begin with it too.
fn prefix(facts: &Facts) -> String {
    format!("{}-", facts.stack)
}

fn alarms(prefix: &str) -> [&str; 4] {
    ["cloudwatch", "describe-alarms", "--alarm-name-prefix", prefix]
}

pub(super) fn questions(facts: &Facts) -> Vec<Vec<String>> {
    vec![question(&subscriptions(facts)), question(&alarms(&prefix(facts)))]
}

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let (topic, aws) = (&facts.outputs.alarm_topic_arn, &facts.aws_options);
    let mut findings = Vec::new();
    match facts.answer(&subscriptions(facts)) {
        Ok(found) => {
            let listed: Vec<_> = found["Subscriptions"].as_array().into_iter().flatten().collect();
            let confirmed = |arn: &str| arn.starts_with("arn:");
            if !listed.iter().any(|one| one["SubscriptionArn"].as_str().is_some_and(confirmed)) {
                let found = match listed.is_empty() {
                    true => "alarms have no subscriber",
                    false => "alarms have no subscriber: the subscription is not confirmed",
                };
                let mend = match listed.is_empty() {
                    true => format!(
                        "aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint YOU@YOUR-DOMAIN{aws}"
                    ),
                    false => format!(
                        "follow the link in the mail of AWS, or subscribe anew: aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint YOU@YOUR-DOMAIN{aws}"
                    ),
                };
                findings.push(match facts.parameter("Stage") {
                    Some("prod") => Finding::problem(CHECK, found, mend),
                    _ => Finding::warning(CHECK, found, mend),
                });
            }
        }
        Err(error) => findings.push(Finding::unseen(CHECK, "the subscribers of alarms", error)),
    }
    match facts.answer(&alarms(&prefix(facts))) {
        Ok(found) => {
            // The stack's own alarms notify its topic.
            let is_own = |one: &&serde_json::Value| {
                one["AlarmActions"].as_array().into_iter().flatten().any(|action| action == topic.as_str())
            };
            let ours: Vec<_> = found["MetricAlarms"].as_array().into_iter().flatten().filter(is_own).collect();
            let name = |one: &serde_json::Value| one["AlarmName"].as_str().unwrap_or_default().to_owned();
            if ours.is_empty() {
                let mend = format!("sam deploy --stack-name {}{aws}", facts.stack);
                findings.push(Finding::problem(CHECK, "no alarm notifies the stack's topic", mend));
            }
            let off: Vec<String> =
                ours.iter().filter(|one| one["ActionsEnabled"] == false).map(|one| name(one)).collect();
            if !off.is_empty() {
                findings.push(Finding::warning(
                    CHECK,
                    format!("{} of {} alarms notify no one: their actions are switched off", off.len(), ours.len()),
                    format!("aws cloudwatch enable-alarm-actions --alarm-names {}{aws}", off.join(" ")),
                ));
            }
            for one in ours.iter().filter(|one| one["StateValue"] == "ALARM") {
                let about = one["AlarmDescription"].as_str().unwrap_or_default();
                findings.push(Finding::warning(
                    CHECK,
                    format!("the alarm {} is on: {about}", name(one)),
                    format!("aws cloudwatch describe-alarm-history --alarm-name {}{aws}", name(one)),
                ));
            }
            if findings.is_empty() {
                findings.push(Finding::ok(CHECK, format!("{} alarms, with a subscriber", ours.len())));
            }
        }
        Err(error) => findings.push(Finding::unseen(CHECK, "the alarms", error)),
    }
    findings
}
