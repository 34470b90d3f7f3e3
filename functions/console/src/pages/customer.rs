//! A customer: who they are, what comes next, what happened and why.

use crate::page::Answer;
use crate::pages::customers::customer_path;
use crate::rhythm;
use crate::trouble::Trouble;
use crate::visit::Visit;
use futures::join;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Happenings of the page, unless all are asked for.
const HAPPENINGS: u16 = 60;
/// Happenings of the longest page.
const MAX_HAPPENINGS: u16 = 1_000;
/// Kinds of happenings that say what was sent or not, and why.
const ABOUT_MESSAGES: [&str; 4] = ["created", "not_sent", "run_started", "run_ended"];

/// The page.
pub(crate) async fn page(visit: &Visit<'_>) -> Result<Answer, Trouble> {
    let id = visit.query.text("id");
    let everything = visit.query.get("all").is_some();
    let limit = if everything { MAX_HAPPENINGS } else { HAPPENINGS };
    let (customer_at, timeline_at) = (customer_path(id, ""), customer_path(id, "/timeline"));
    let timeline_at = format!("{timeline_at}&limit={limit}");
    let api = visit.api();
    let (customer, timeline) = join!(api.get(&customer_at), api.get(&timeline_at));
    let customer = customer?;
    let timeline = timeline.unwrap_or_else(|_| json!({ "entries": [], "more": false }));
    let entries = timeline["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    let only = visit.query.text("show");
    let sent: BTreeSet<&str> = entries.iter().filter_map(message_id).collect();
    // A message says itself when and why it was planned.
    let is_said =
        |entry: &Value| entry["entry"] == "created" && entry["message"].as_str().is_some_and(|id| sent.contains(id));
    let shown: Vec<&Value> = entries.iter().filter(|entry| fits(entry, only) && !is_said(entry)).collect();
    visit.render(
        "customer.html",
        &json!({
            "id": customer["id"],
            "customer": customer,
            "silent_days": silent_days(&customer, visit.now),
            "entries": shown,
            "more": timeline["more"],
            "everything": everything,
            "only": only,
            "rhythm": rhythm::draw(&customer, entries, visit.now),
        }),
    )
}

/// The id of an entry that is a message.
fn message_id(entry: &Value) -> Option<&str> {
    entry["id"].as_str().filter(|_| entry["what"] == "message")
}

/// Whether an entry is of the kind that the page is asked for.
fn fits(entry: &Value, only: &str) -> bool {
    match only {
        "messages" => {
            entry["what"] == "message"
                || entry["entry"].as_str().is_some_and(|kind| ABOUT_MESSAGES.contains(&kind))
                || entry["kind"] == "reaction"
        }
        "orders" => !entry["order_id"].is_null(),
        _ => true,
    }
}

fn silent_days(customer: &Value, now: jiff::Timestamp) -> Option<i64> {
    let last: jiff::Timestamp = customer["orders"]["last_at"].as_str()?.parse().ok()?;
    Some(now.duration_since(last).as_hours() / 24)
}

/// Everything that is stored about the customer, as the API exports it, in one file.
pub(crate) async fn export(visit: &Visit<'_>) -> Result<Answer, Trouble> {
    let path = customer_path(visit.query.text("id"), "/export");
    let export = visit.api().raw("GET", &path, String::new()).await?;
    Ok(Answer::File { name: "customer.json", kind: "application/json", body: export.into_body() })
}
