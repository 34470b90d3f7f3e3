//! Home: what needs attention first, the customers by stage, what was refused lately.

use crate::bars::{self, Part};
use crate::page::Answer;
use crate::trouble::Trouble;
use crate::visit::Visit;
use futures::join;
use jiff::SignedDuration;
use serde::Serialize;
use serde_json::{Value, json};

/// How far back refused events are looked for.
const REFUSED_DAYS: i64 = 7;
/// Most groups of refused events that are shown.
const MAX_REFUSED: usize = 4;
/// The stages in the order of the bar: who is alive first.
const STAGES: [&str; 6] = ["loyal", "active", "new", "inactive", "lapsed", "prospect"];
/// Those who buy.
const ALIVE: [&str; 3] = ["loyal", "active", "new"];

/// A part of the page: what the API says, or why it does not.
#[derive(Serialize)]
struct Section<T> {
    value: Option<T>,
    trouble: Option<&'static str>,
    detail: String,
}

impl<T> Section<T> {
    /// A session that is over has no page at all; every other trouble concerns its own part only.
    fn new(answer: Result<T, Trouble>) -> Result<Self, Trouble> {
        match answer {
            Ok(value) => Ok(Self { value: Some(value), trouble: None, detail: String::new() }),
            Err(Trouble::SignedOut) => Err(Trouble::SignedOut),
            Err(trouble) => {
                Ok(Self { value: None, trouble: Some(trouble.code()), detail: trouble.detail().to_owned() })
            }
        }
    }
}

#[derive(Serialize)]
struct Stages {
    rows: Vec<Value>,
    bar: Vec<Part>,
    alive: u64,
    ordered: u64,
    all: u64,
    complete: bool,
}

/// The page.
pub(crate) async fn page(visit: &Visit<'_>) -> Result<Answer, Trouble> {
    let api = visit.api();
    let from = (visit.now - SignedDuration::from_hours(24 * REFUSED_DAYS)).strftime("%Y-%m-%d");
    let refused = format!("/v1/refused?from={from}");
    let (sending, brand, stages, refused, tasks, versions) = join!(
        api.get("/v1/sending"),
        api.get("/v1/brand"),
        api.get("/v1/reports/stages"),
        api.get(&refused),
        api.get("/v1/tasks?state=open&limit=100"),
        api.get("/v1/policy/versions?limit=1"),
    );
    let has_no_brand = matches!(brand, Err(Trouble::Missing(_)));
    let sending = Section::new(sending)?;
    let refused = Section::new(refused.map(|refused| summary(&refused)))?;
    let tasks = Section::new(tasks.map(|tasks| waiting(&tasks)))?;
    let paused = sending.value.as_ref().is_some_and(|sending| sending["paused"] == true);
    let count = |found: Option<&Value>| found.and_then(|found| found["count"].as_u64()).unwrap_or_default();
    let urgent = u64::from(paused) + u64::from(has_no_brand);
    let soon = u64::from(count(refused.value.as_ref()) > 0) + u64::from(count(tasks.value.as_ref()) > 0);
    visit.render(
        "home.html",
        &json!({
            "sending": sending,
            "has_no_brand": has_no_brand,
            "stages": Section::new(stages.map(|stages| by_stage(&stages)))?,
            "refused": refused,
            "tasks": tasks,
            "latest": Section::new(versions.map(|versions| versions["versions"][0].clone()))?,
            "urgent": urgent,
            "soon": soon,
            "from": from.to_string(),
        }),
    )
}

fn by_stage(stages: &Value) -> Stages {
    let rows = stages["stages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let of = |name: &str| {
        let row = rows.iter().find(|row| row["stage"] == name);
        row.and_then(|row| row["ids"].as_u64()).unwrap_or_default()
    };
    let counts = STAGES.map(|name| (name, of(name)));
    let all: u64 = counts.iter().map(|(_, count)| count).sum();
    let bought: Vec<_> = counts.into_iter().filter(|(name, _)| *name != "prospect").collect();
    Stages {
        rows: counts.iter().map(|(name, count)| json!({ "name": name, "count": count })).collect(),
        bar: bars::parts(&bought),
        alive: ALIVE.map(of).iter().sum(),
        ordered: all - of("prospect"),
        all,
        complete: rows.iter().all(|row| row["complete"] == true),
    }
}

/// How many events were refused, and the largest groups of the same field and reason, whatever the day.
fn summary(refused: &Value) -> Value {
    let mut groups: Vec<(String, String, u64)> = Vec::new();
    for group in refused["groups"].as_array().into_iter().flatten() {
        let text = |name: &str| group[name].as_str().unwrap_or_default().to_owned();
        let (field, reason, count) = (text("field"), text("reason"), group["count"].as_u64().unwrap_or_default());
        match groups.iter_mut().find(|known| known.0 == field && known.1 == reason) {
            Some(known) => known.2 += count,
            None => groups.push((field, reason, count)),
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.2));
    let count: u64 = groups.iter().map(|group| group.2).sum();
    let shown = groups.iter().take(MAX_REFUSED);
    let shown = shown.map(|(field, reason, count)| json!({ "field": field, "reason": reason, "count": count }));
    json!({ "count": count, "more": !refused["next_after"].is_null(), "groups": shown.collect::<Vec<_>>() })
}

/// How many tasks are open, and the one that has waited longest.
fn waiting(tasks: &Value) -> Value {
    let open = tasks["tasks"].as_array().map(Vec::as_slice).unwrap_or_default();
    json!({ "count": open.len(), "more": !tasks["next_after"].is_null(), "first": open.first() })
}
