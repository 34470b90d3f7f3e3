//! Checks a deployment, before the first send and whenever something seems wrong.
//!
//! - `Facts` are gathered once from the AWS CLI, the tables and the public URL; nothing is changed;
//! - each module of checks lists its questions, and judges the answers: a pure function from facts to findings;
//! - a [`Finding`] says what was found, how bad it is, and which command mends it.
//!
//! A check without the permission for it is a finding too, which names the permission and does not hide others.

mod account;
mod alarms;
mod dead_letters;
mod events;
mod facts;
mod finding;
mod identities;
mod links;
mod secrets;
mod shops;
#[cfg(test)]
mod tests;
mod texts;
mod triggers;

pub use finding::{Finding, Severity};

use super::{AwsCli, Deployment, DeploymentError};
use facts::Facts;
use jiff::Timestamp;

/// Runs all checks, and returns the findings, worst first. `options` are those with which a command of this program uses the
/// stack.
///
/// # Errors
/// The stack does not exist any more, or the caller is not signed in.
pub async fn examine(
    aws: &AwsCli,
    deployment: &Deployment,
    options: String,
    now: Timestamp,
) -> Result<Vec<Finding>, DeploymentError> {
    Ok(judge(&Facts::gather(aws, deployment, options, now).await?))
}

/// The questions of all checks to the AWS CLI.
fn questions(facts: &Facts) -> Vec<Vec<String>> {
    let families = [
        account::questions(facts),
        identities::questions(facts),
        events::questions(facts),
        texts::questions(facts),
        triggers::questions(facts),
        secrets::questions(facts),
        alarms::questions(facts),
        dead_letters::questions(facts),
    ];
    let mut questions = families.concat();
    questions.sort();
    questions.dedup();
    questions
}

/// The findings of all checks, worst first; then in the order in which a message passes through the parts.
fn judge(facts: &Facts) -> Vec<Finding> {
    let families = [
        shops::check(facts),
        account::check(facts),
        identities::check(facts),
        events::check(facts),
        links::check(facts),
        secrets::check(facts),
        triggers::check(facts),
        texts::check(facts),
        alarms::check(facts),
        dead_letters::check(facts),
    ];
    let mut findings = families.concat();
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// A question to the AWS CLI.
fn question(arguments: &[&str]) -> Vec<String> {
    arguments.iter().map(|argument| (*argument).to_owned()).collect()
}
