//! `rekindle refused`: the events of a shop that were refused, over the HTTP API of a running stack.

use super::admin_api::{self, AdminArgs, Api};
use super::output::note;
use clap::{Args, Subcommand};
use jiff::civil::Date;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Shows which events of a shop were refused and why, and takes them in again once the cause is gone: a mapping, a setting, or a
/// version that reads more. They are kept for 90 days.
#[derive(Debug, Args)]
pub(super) struct RefusedArgs {
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
    /// Count them by day, field and reason, with one event of each
    List {
        #[command(flatten)]
        which: Which,
    },
    /// Print one of them, whole
    Show {
        /// Its id, from `refused list`
        id: String,
    },
    /// Take them in again; what is still refused stays, with the reason that it has now
    Retry {
        /// Their ids, from `refused list`; without any, all that the options name
        ids: Vec<String>,
        #[command(flatten)]
        which: Which,
    },
}

/// Which refused events an action is about; without an option, all.
#[derive(Debug, Args)]
struct Which {
    /// From this day (UTC)
    #[arg(long, value_name = "DAY")]
    from: Option<Date>,
    /// Up to this day (UTC)
    #[arg(long, value_name = "DAY")]
    to: Option<Date>,
    /// Of this reason, or kind of reason: missing, wrong_type, unknown_type, too_large, not_json, not_allowed, invalid
    #[arg(long)]
    reason: Option<String>,
    /// Of this field
    #[arg(long)]
    field: Option<String>,
}

impl Which {
    /// The parts that are given, by their names in calls.
    fn parts(&self) -> impl Iterator<Item = (&'static str, String)> {
        let day = |day: Option<Date>| day.map(|day| day.to_string());
        let parts = [
            ("from", day(self.from)),
            ("to", day(self.to)),
            ("reason", self.reason.clone()),
            ("field", self.field.clone()),
        ];
        parts.into_iter().filter_map(|(name, value)| Some((name, value?)))
    }
}

pub(super) async fn run(args: RefusedArgs) -> anyhow::Result<()> {
    admin_api::run(args.admin, args.action, args.json, act).await
}

/// Does it; the result for people and for programs.
fn act(api: &Api, action: &Action) -> anyhow::Result<(String, Value)> {
    match action {
        Action::List { which } => list(api, which),
        Action::Show { id } => {
            let event = api.call_json("GET", &format!("/v1/refused/{}", encoded(id)), None)?;
            Ok((described(&event), event))
        }
        Action::Retry { ids, which } => retry(api, ids, which),
    }
}

/// Counts of all pages, newest day first. A group that goes on in the next page is counted in both.
fn list(api: &Api, which: &Which) -> anyhow::Result<(String, Value)> {
    let mut groups: BTreeMap<[String; 3], Value> = BTreeMap::new();
    let mut after = None::<String>;
    loop {
        let cursor = after.take().map(|after| ("after", after));
        let query = which.parts().chain(cursor).map(|(name, value)| format!("{name}={}", encoded(&value)));
        let mut page = api.call_json("GET", &format!("/v1/refused?{}", query.collect::<Vec<_>>().join("&")), None)?;
        let Value::Array(found) = page["groups"].take() else { break };
        for group in found {
            let key = ["day", "field", "reason"].map(|name| group[name].as_str().unwrap_or_default().to_owned());
            let count = group["count"].as_u64().unwrap_or_default();
            let known = groups.entry(key).or_insert_with(|| {
                let mut group = group;
                group["count"] = json!(0);
                group
            });
            known["count"] = json!(known["count"].as_u64().unwrap_or_default() + count);
        }
        after = page["next_after"].as_str().map(str::to_owned);
        if after.is_none() {
            break;
        }
    }
    let groups: Vec<Value> = groups.into_values().rev().collect();
    let mut text = String::new();
    for group in &groups {
        let part = |name: &str| group[name].as_str().unwrap_or_default();
        let subject = if part("field").is_empty() { "the event" } else { part("field") };
        writeln!(text, "{}  {:>6}  {subject} {}", part("day"), group["count"].to_string(), part("reason"))?;
        if let Some(id) = group["sample"]["id"].as_str() {
            writeln!(text, "                    {id}")?;
        }
    }
    if text.is_empty() {
        text.push_str("Nothing was refused.");
    }
    Ok((text.trim_end().to_owned(), json!({ "groups": groups })))
}

fn described(event: &Value) -> String {
    let part = |name: &str| event[name].as_str().unwrap_or_default();
    let subject = if part("field").is_empty() { "the event" } else { part("field") };
    let body = serde_json::from_str::<Value>(part("body"));
    let body = body.map_or_else(|_| part("body").to_owned(), |body| format!("{body:#}"));
    format!("{}  {subject} {}\n{body}", part("received_at"), part("reason"))
}

/// Takes them in again, call by call; each call is bounded and says where the next one continues.
fn retry(api: &Api, ids: &[String], which: &Which) -> anyhow::Result<(String, Value)> {
    let mut asked: Map<String, Value> = which.parts().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    if !ids.is_empty() {
        asked.insert("ids".to_owned(), json!(ids));
    }
    let mut counts: BTreeMap<&str, u64> = BTreeMap::from(COUNTS.map(|(name, _)| (name, 0)));
    loop {
        let answer = api.call_json("POST", "/v1/refused/retry", Some(&Value::Object(asked.clone()).to_string()))?;
        for (name, count) in &mut counts {
            *count += answer[*name].as_u64().unwrap_or_default();
        }
        let Some(after) = answer["next_after"].as_str() else { break };
        note(format_args!("{} taken in so far", counts["accepted"]));
        asked.insert("after".to_owned(), json!(after));
    }
    let told = COUNTS.iter().filter(|(name, _)| *name == "accepted" || counts[name] > 0);
    let told: Vec<String> = told.map(|(name, what)| format!("{} {what}", counts[name])).collect();
    Ok((format!("{}.", told.join(", ")), json!(counts)))
}

/// What the answer to a retry counts, and how a sentence says it.
const COUNTS: [(&str, &str); 5] = [
    ("accepted", "taken in"),
    ("refused", "still refused"),
    ("erased", "of people who were erased, removed"),
    ("incomplete", "too long to be kept whole"),
    ("missing", "not there any more"),
];

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
