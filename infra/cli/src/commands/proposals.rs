//! `rekindle proposals`: what a shop's history speaks for, and what its people decide about it.

use super::admin_api::{self, AdminArgs, Api};
use clap::{Args, Subcommand};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::fmt::Write;

/// Values of the policy that a shop's history speaks against: what a running stack found in its nightly pass. Nothing changes until a
/// person accepts it.
#[derive(Debug, Args)]
pub(super) struct ProposalsArgs {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    admin: AdminArgs,
    /// Print the answer as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List what is and was proposed
    List,
    /// Show an open proposal, and what it would change today
    Show {
        /// What it is about, from `proposals list`, such as inactive-first
        subject: String,
    },
    /// Put it into the policy, as a new version
    Accept {
        /// What it is about
        subject: String,
    },
    /// Say no; it may come again after 28 days
    Reject {
        /// What it is about
        subject: String,
    },
}

pub(super) async fn run(args: ProposalsArgs) -> anyhow::Result<()> {
    admin_api::run(args.admin, args.action, args.json, act).await
}

fn act(api: &Api, action: &Action) -> anyhow::Result<(String, Value)> {
    match action {
        Action::List => {
            let answer = api.call_json("GET", "/v1/proposals", None)?;
            let proposals: Vec<&Value> = answer["proposals"].as_array().into_iter().flatten().collect();
            let lines: Vec<String> = proposals.into_iter().map(line).collect();
            let text = if lines.is_empty() { "Nothing is proposed.".to_owned() } else { lines.join("\n") };
            Ok((text, answer))
        }
        Action::Show { subject } => {
            let proposal = api.call_json("GET", &path(subject, ""), None)?;
            Ok((details(&proposal)?, proposal))
        }
        Action::Accept { subject } => {
            let answer = api.call_json("POST", &path(subject, "/accept"), None)?;
            Ok((format!("Accepted: the policy is version {} now.", answer["version"]), answer))
        }
        Action::Reject { subject } => {
            let answer = api.call_json("POST", &path(subject, "/reject"), None)?;
            Ok(("Rejected. The policy stays as it is.".to_owned(), answer))
        }
    }
}

fn line(proposal: &Value) -> String {
    let part = |name: &str| proposal[name].as_str().unwrap_or_default();
    let sentence = proposal["sentences"]["en"].as_str().unwrap_or_default();
    format!("{:<18} {:<10} {}  {sentence}", part("subject"), part("standing"), part("made"))
}

/// What a proposal would change today, in words.
fn details(proposal: &Value) -> anyhow::Result<String> {
    let mut text = proposal["sentences"]["en"].as_str().unwrap_or_default().to_owned();
    let effect = &proposal["would_do_today"];
    let of = if effect["complete"] == true { "" } else { ", a sample" };
    write!(text, "\n\nToday, of {} customers{of}:", effect["examined"])?;
    write!(text, "\n  {} would be in another stage", effect["stages"]["changed"])?;
    for change in effect["stages"]["moves"].as_array().into_iter().flatten() {
        let part = |name: &str| change[name].as_str().unwrap_or_default();
        write!(text, "\n    {} from {} to {}", change["customers"], part("from"), part("to"))?;
    }
    let messages = &effect["messages_now"];
    write!(text, "\n  {} messages would be created now instead of {}", messages["candidate"], messages["stored"])?;
    write!(text, "\n\nAccept it with: rekindle proposals accept {}", proposal["subject"].as_str().unwrap_or_default())?;
    Ok(text)
}

fn path(subject: &str, action: &str) -> String {
    format!("/v1/proposals/{}{action}", utf8_percent_encode(subject, NON_ALPHANUMERIC))
}
