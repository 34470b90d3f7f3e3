//! Checks that the functions are triggered: by the schedules, the stream and the queues.

use super::facts::Facts;
use super::finding::Finding;
use super::question;
use crate::deployment::AwsCliError;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

const CHECK: &str = "triggers";
const SCHEDULE: &str = "AWS::Scheduler::Schedule";
const MAPPING: &str = "AWS::Lambda::EventSourceMapping";
/// With longer intervals, messages with a delay of an hour are late.
const MAX_SWEEP_INTERVAL: SignedDuration = SignedDuration::from_mins(15);

pub(super) fn questions(facts: &Facts) -> Vec<Vec<String>> {
    let schedules = facts.resources(SCHEDULE).unwrap_or_default();
    let mappings = facts.resources(MAPPING).unwrap_or_default();
    let schedules = schedules.iter().map(|(_, name)| question(&schedule(name)));
    schedules.chain(mappings.iter().map(|(_, id)| question(&mapping(id)))).collect()
}

fn schedule(name: &str) -> [&str; 4] {
    ["scheduler", "get-schedule", "--name", name]
}

fn mapping(id: &str) -> [&str; 4] {
    ["lambda", "get-event-source-mapping", "--uuid", id]
}

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let (schedules, mappings) = match (facts.resources(SCHEDULE), facts.resources(MAPPING)) {
        (Ok(schedules), Ok(mappings)) => (schedules, mappings),
        (Err(error), _) | (_, Err(error)) => {
            return vec![Finding::unseen(CHECK, "what the stack consists of", error)];
        }
    };
    let mut findings = Vec::new();
    for (part, what) in [
        ("Sweep", "customers who are due are not found"),
        ("Feedback", "opt-outs of SNS are not mirrored"),
        ("Hooks", "deliveries of shop systems that wait are not found"),
    ] {
        if !schedules.iter().any(|(logical, _)| logical.starts_with(part)) {
            findings.push(Finding::problem(
                CHECK,
                format!("the stack has no schedule for {}: {what}", part.to_lowercase()),
                deploy(facts),
            ));
        }
    }
    let has_canary = facts.parameter("CanaryFrom").is_some();
    // Without a sender, the canary's schedule is off on purpose.
    let wanted = schedules.iter().filter(|(logical, _)| has_canary || !logical.ends_with("Canary"));
    findings.extend(wanted.flat_map(|(logical, name)| check_schedule(facts, logical, name)));
    findings.extend(mappings.iter().flat_map(|(logical, id)| check_mapping(facts, logical, id)));
    if mappings.len() < 5 {
        let found = format!("of the stream and the four queues only {} start a function", mappings.len());
        findings.push(Finding::problem(CHECK, found, deploy(facts)));
    }
    if !has_canary {
        findings.push(Finding::warning(
            CHECK,
            "there is no canary: missing reports of SES stay unnoticed",
            format!(
                "sam deploy --stack-name {} --parameter-overrides CanaryFrom=canary@YOUR-DOMAIN{}",
                facts.stack, facts.aws_options
            ),
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(
            CHECK,
            format!("{} schedules are on, the stream and the queues start their functions", schedules.len()),
        ));
    }
    findings
}

fn deploy(facts: &Facts) -> String {
    format!("sam deploy --stack-name {}{}", facts.stack, facts.aws_options)
}

fn check_schedule(facts: &Facts, logical: &str, name: &str) -> Vec<Finding> {
    let aws = &facts.aws_options;
    let found = match facts.answer(&schedule(name)) {
        Ok(found) => found,
        Err(AwsCliError::Refused { code, .. }) if code == "ResourceNotFoundException" => {
            return vec![Finding::problem(CHECK, format!("the schedule {name} is gone"), deploy(facts))];
        }
        Err(error) => return vec![Finding::unseen(CHECK, &format!("the schedule {name}"), error)],
    };
    let group = found["GroupName"].as_str().unwrap_or("default");
    let again = |change: &str| {
        format!(
            "aws scheduler update-schedule --cli-input-json \"$(aws scheduler get-schedule --name {name} --group-name \
             {group}{aws} --output json | jq 'del(.Arn, .CreationDate, .LastModificationDate) | {change}')\"{aws}"
        )
    };
    let mut findings = Vec::new();
    if found["State"] != "ENABLED" {
        let mend = again(".State = \"ENABLED\"");
        findings.push(Finding::problem(CHECK, format!("the schedule {name} is switched off"), mend));
    }
    let instant = |value: &Value| match value {
        Value::String(text) => text.parse::<Timestamp>().ok(),
        #[expect(clippy::cast_possible_truncation, reason = "a number of seconds")]
        number => number.as_f64().and_then(|seconds| Timestamp::from_second(seconds as i64).ok()),
    };
    if instant(&found["EndDate"]).is_some_and(|end| end <= facts.now) {
        findings.push(Finding::problem(CHECK, format!("the schedule {name} has ended"), again("del(.EndDate)")));
    }
    if instant(&found["StartDate"]).is_some_and(|start| start > facts.now) {
        findings.push(Finding::problem(CHECK, format!("the schedule {name} has not begun"), again("del(.StartDate)")));
    }
    if logical.starts_with("Sweep") {
        let expression = found["ScheduleExpression"].as_str().unwrap_or_default();
        match period(expression) {
            Some(period) if period <= MAX_SWEEP_INTERVAL => {}
            Some(_) => findings.push(Finding::warning(
                CHECK,
                format!("customers whose time has come are looked for by {expression} only: messages come that late"),
                again(".ScheduleExpression = \"rate(5 minutes)\""),
            )),
            None => findings.push(Finding::warning(
                CHECK,
                format!("the clock of the schedule {name} is {expression}, which is no rate"),
                again(".ScheduleExpression = \"rate(5 minutes)\""),
            )),
        }
    }
    findings
}

/// The period of `rate(5 minutes)`.
fn period(expression: &str) -> Option<SignedDuration> {
    let inner = expression.strip_prefix("rate(")?.strip_suffix(')')?;
    let (number, unit) = inner.split_once(' ')?;
    let number: i64 = number.parse().ok().filter(|number| (1..=100_000).contains(number))?;
    match unit.trim_end_matches('s') {
        "minute" => Some(SignedDuration::from_mins(number)),
        "hour" => Some(SignedDuration::from_hours(number)),
        "day" => Some(SignedDuration::from_hours(24 * number)),
        _ => None,
    }
}

fn check_mapping(facts: &Facts, logical: &str, id: &str) -> Vec<Finding> {
    let aws = &facts.aws_options;
    let found = match facts.answer(&mapping(id)) {
        Ok(found) => found,
        Err(AwsCliError::Refused { code, .. }) if code == "ResourceNotFoundException" => {
            return vec![Finding::problem(CHECK, format!("{logical} is gone: it starts no function"), deploy(facts))];
        }
        Err(error) => return vec![Finding::unseen(CHECK, logical, error)],
    };
    let mut findings = Vec::new();
    let state = found["State"].as_str().unwrap_or_default();
    if !["Enabled", "Enabling", "Updating", "Creating"].contains(&state) {
        findings.push(Finding::problem(
            CHECK,
            format!("{logical} starts no function: it is {}", state.to_lowercase()),
            format!("aws lambda update-event-source-mapping --uuid {id} --enabled{aws}"),
        ));
    }
    if let Some(result) = found["LastProcessingResult"].as_str().filter(|result| result.starts_with("PROBLEM")) {
        findings.push(Finding::problem(
            CHECK,
            format!("{logical} does not get through: {result}"),
            format!("aws lambda get-event-source-mapping --uuid {id}{aws}"),
        ));
    }
    let types = found["FunctionResponseTypes"].as_array();
    if !types.into_iter().flatten().any(|kind| kind == "ReportBatchItemFailures") {
        findings.push(Finding::problem(
            CHECK,
            format!("{logical} does not heed which records failed: they would be lost"),
            format!("aws lambda update-event-source-mapping --uuid {id} --function-response-types ReportBatchItemFailures{aws}"),
        ));
    }
    findings
}
