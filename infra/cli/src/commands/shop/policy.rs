//! Answers about policies: dry runs, stored policies and their versions.

use super::Answer;
use serde_json::{Value, json};
use std::fmt::Write;

/// What another policy would change.
pub(super) fn dry_run(answer: &Value) -> anyhow::Result<Answer> {
    let count = |value: &Value| value.as_u64().unwrap_or_default();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut text = String::from("The policy is valid. Nothing was stored.\n");
    let all = if answer["complete"] == true { "all of them" } else { "a sample of them" };
    writeln!(text, "Customers examined: {} ({all})", count(&answer["examined"]))?;
    writeln!(text, "Would change their stage: {}", count(&answer["stages"]["changed"]))?;
    for moved in answer["stages"]["moves"].as_array().into_iter().flatten() {
        let (from, to) = (word(&moved["from"]), word(&moved["to"]));
        writeln!(text, "  {from} → {to}: {}", count(&moved["customers"]))?;
    }
    let messages = &answer["messages_now"];
    let (stored, candidate) = (count(&messages["stored"]), count(&messages["candidate"]));
    writeln!(text, "Messages that would go out now: {candidate} (with the stored policy: {stored})")?;
    for journey in messages["journeys"].as_array().into_iter().flatten() {
        let (stored, candidate) = (count(&journey["stored"]), count(&journey["candidate"]));
        writeln!(text, "  {}: {candidate} (with the stored policy: {stored})", word(&journey["journey"]))?;
    }
    Ok(Answer { text: text.trim_end().to_owned(), json: answer.clone() })
}

/// The version under which a policy was stored.
pub(super) fn stored(answer: Value) -> anyhow::Result<Answer> {
    Ok(Answer { text: format!("The policy is stored. It is version {}.", answer["version"]), json: answer })
}

/// All versions, newest first, page by page.
pub(super) fn versions(get: impl Fn(&str) -> anyhow::Result<Value>) -> anyhow::Result<Answer> {
    let mut versions = Vec::new();
    let mut path = "/v1/policy/versions".to_owned();
    loop {
        let mut page = get(&path)?;
        versions.extend(page["versions"].as_array_mut().map(std::mem::take).unwrap_or_default());
        match page["next_before"].as_u64() {
            Some(before) => path = format!("/v1/policy/versions?before={before}"),
            None => break,
        }
    }
    let mut text = String::new();
    for version in &versions {
        let part = |name: &str| version[name].as_str().unwrap_or("-").to_owned();
        writeln!(text, "{:>4}  {}  {}  {}", version["version"], part("at"), part("digest"), part("by"))?;
    }
    if text.is_empty() {
        text.push_str("The shop never stored a policy: the default is used.");
    }
    Ok(Answer { text: text.trim_end().to_owned(), json: json!({ "versions": versions }) })
}
