//! Looking at a deployment before the first send, and whenever something seems wrong.
//!
//! The cast:
//! - `Facts` are gathered once, by questions to the AWS CLI, the tables and the public URL; nothing is changed;
//! - each family of checks says what it wants to ask, and judges the answers: a pure function from facts to findings;
//! - a [`Finding`] says what is so, how bad it is, and the command that mends it.
//!
//! What may not be looked at is a finding too, which names the permission; it never hides the others.

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

/// Looks at everything and judges it, the worst first. `options` make a command of this program address the stack.
///
/// # Errors
/// The stack is not there any more, or nobody is signed in.
pub async fn examine(
    aws: &AwsCli,
    deployment: &Deployment,
    options: String,
    now: Timestamp,
) -> Result<Vec<Finding>, DeploymentError> {
    Ok(judge(&Facts::gather(aws, deployment, options, now).await?))
}

/// What the families want to know from the AWS CLI.
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

/// Everything that is found in the facts, the worst first; within that, in the order of a message's way.
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
