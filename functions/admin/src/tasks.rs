//! What the shop's people are asked to do: listing it, writing down, closing.

use crate::Admin;
use rekindle_admin_api::{Call, Problem};
use rekindle_lifecycle::facts::{Event, Fact, TaskClosed, Traits};
use rekindle_lifecycle::id::MessageId;
use rekindle_store::shop::task::{Closing, Task, TaskNote};
use rekindle_store::shop::tasks::TaskList;
use serde::Deserialize;
use serde_json::{Value, json};

/// Tasks in one answer, unless asked for fewer.
const PAGE: u16 = 100;
/// Longest note or outcome, in characters.
const LONGEST_TEXT: usize = 4_000;
/// Longest name of who writes, in characters.
const LONGEST_NAME: usize = 100;

/// A list of tasks, newest last; `?state=open` unless `closed` is asked for.
pub(crate) async fn list(admin: &Admin, call: &Call) -> Result<Value, Problem> {
    let list = match call.parameter("state") {
        None | Some("open") => TaskList::Open,
        Some("closed") => TaskList::Closed,
        Some(_) => return Err(Problem::bad_request("state must be open or closed.")),
    };
    let limit = call.number("limit", PAGE, PAGE)?;
    let page = admin.store.tasks(&call.shop, list, call.after()?, limit).await?;
    Ok(json!({ "tasks": page.tasks, "next_after": page.next }))
}

/// One task.
pub(crate) async fn show(admin: &Admin, call: &Call, id: &MessageId) -> Result<Value, Problem> {
    let found = admin.store.task(&call.shop, id).await?;
    Ok(json!(found.ok_or_else(unknown)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoteBody {
    text: String,
    by: String,
}

/// Writes something down.
pub(crate) async fn note(admin: &Admin, call: &Call, id: &MessageId) -> Result<Value, Problem> {
    let NoteBody { text, by } = call.json()?;
    let text = said("text", &text, LONGEST_TEXT)?;
    let note = TaskNote { at: admin.clock.now(), by: said("by", &by, LONGEST_NAME)?, text };
    let noted = admin.store.note_task(&call.shop, id, &note).await?;
    Ok(json!(noted.ok_or_else(unknown)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CloseBody {
    #[serde(default)]
    outcome: Option<String>,
    by: String,
}

/// Closes a task; the first closing stands.
pub(crate) async fn close(admin: &Admin, call: &Call, id: &MessageId) -> Result<Value, Problem> {
    let CloseBody { outcome, by } = call.json()?;
    let outcome = outcome.map(|outcome| said("outcome", &outcome, LONGEST_TEXT)).transpose()?;
    let closing = Closing { at: admin.clock.now(), by: said("by", &by, LONGEST_NAME)?, outcome };
    let closed = admin.store.close_task(&call.shop, id, &closing, told).await?;
    Ok(json!(closed.ok_or_else(unknown)?))
}

/// The fact that tells a closing: a function of the task alone.
fn told(task: &Task) -> Fact {
    let closed = task.closed.as_ref();
    let outcome = closed.and_then(|closed| closed.outcome.clone());
    Fact {
        at: closed.map_or(task.created_at, |closed| closed.at),
        id: task.id.to_string(),
        event: Event::TaskClosed(TaskClosed { task: task.id.clone(), outcome }),
        traits: Traits::default(),
    }
}

/// A text of 1 to `longest` characters, trimmed, without control characters other than line breaks.
fn said(field: &str, text: &str, longest: usize) -> Result<String, Problem> {
    let text: String = text.trim().chars().filter(|c| *c == '\n' || !c.is_control()).collect();
    match text.chars().count() {
        0 => Err(Problem::bad_request(format!("{field} must not be empty."))),
        length if length > longest => {
            Err(Problem::bad_request(format!("{field} is {length} characters long; at most {longest} are allowed.")))
        }
        _ => Ok(text),
    }
}

/// There is no such task, or it is another shop's.
pub(crate) fn unknown() -> Problem {
    Problem::missing("The shop has no task of this id.")
}
