//! Tasks: what the shop's people have to do, with what they need to know; notes, and closing one with its outcome.

use crate::page::Answer;
use crate::shop_api::in_query;
use crate::trouble::Trouble;
use crate::visit::Visit;
use serde_json::json;

/// Tasks of a page.
const PAGE_LENGTH: u16 = 25;
/// Who noted something, if they did not say their name when they signed in.
const SOMEBODY: &str = "console";

/// The page.
pub(crate) async fn page(visit: &Visit<'_>) -> Result<Answer, Trouble> {
    if visit.form.is_some() {
        return act(visit).await;
    }
    let state = if visit.query.get("state") == Some("closed") { "closed" } else { "open" };
    let after = visit.query.get("after");
    let cursor = after.map(|after| format!("&after={}", in_query(after))).unwrap_or_default();
    let found = visit.api().get(&format!("/v1/tasks?state={state}&limit={PAGE_LENGTH}{cursor}")).await?;
    visit.render(
        "tasks.html",
        &json!({ "state": state, "tasks": found["tasks"], "next": found["next_after"], "after": after.unwrap_or("") }),
    )
}

async fn act(visit: &Visit<'_>) -> Result<Answer, Trouble> {
    let Some(form) = &visit.form else { return Err(Trouble::Missing(String::new())) };
    let by = if visit.session.person.is_empty() { SOMEBODY } else { &visit.session.person };
    let words = form.get("words");
    let (act, body) = match (form.text("act"), words) {
        ("note", Some(text)) => ("notes", json!({ "text": text, "by": by })),
        ("close", Some(outcome)) => ("close", json!({ "outcome": outcome, "by": by })),
        ("close", None) => ("close", json!({ "by": by })),
        // A note without a word.
        _ => return Ok(Answer::Redirect("/console/tasks".to_owned())),
    };
    let path = format!("/v1/tasks/{}/{act}", in_query(form.text("id")));
    visit.api().send("POST", &path, body.to_string()).await?;
    let done = if act == "close" { "closed" } else { "noted" };
    Ok(Answer::Redirect(format!("/console/tasks?done={done}")))
}
