//! Checks that there are no dead letters.

use super::facts::Facts;
use super::finding::Finding;
use super::question;

const CHECK: &str = "dead letters";

fn depth(url: &str) -> [&str; 6] {
    ["sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "All"]
}

/// The dead-letter queues, by their names in `rekindle replay-dead-letters`.
fn queues(facts: &Facts) -> [(&'static str, &str); 6] {
    let outputs = &facts.outputs;
    [
        ("advance", &outputs.advance_dead_letters_url),
        ("send", &outputs.send_dead_letters_url),
        ("feedback", &outputs.feedback_dead_letters_url),
        ("hooks", &outputs.hooks_dead_letters_url),
        ("stream", &outputs.stream_dead_letters_url),
        ("schedule", &outputs.schedule_dead_letters_url),
    ]
}

pub(super) fn questions(facts: &Facts) -> Vec<Vec<String>> {
    queues(facts).iter().map(|(_, url)| question(&depth(url))).collect()
}

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, url) in queues(facts) {
        let waiting = match facts.answer(&depth(url)) {
            Ok(found) => {
                found["Attributes"]["ApproximateNumberOfMessages"].as_str().and_then(|n| n.parse::<u64>().ok())
            }
            Err(error) => {
                findings.push(Finding::unseen(CHECK, &format!("the dead letters of {name}"), error));
                continue;
            }
        };
        let Some(waiting @ 1..) = waiting else { continue };
        let options = &facts.options;
        let mend = match name {
            "stream" => format!("rekindle rebuild {options}"),
            // The next run of the schedule has replaced it.
            "schedule" => format!("aws sqs purge-queue --queue-url {url}{}", facts.aws_options),
            _ => format!("rekindle replay-dead-letters {name} {options}, once its cause is gone"),
        };
        findings.push(Finding::warning(CHECK, format!("of {name}, {waiting} wait"), mend));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(CHECK, "there are none"));
    }
    findings
}
