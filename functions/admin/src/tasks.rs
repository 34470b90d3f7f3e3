//! What the shop's people are asked to do: listing tasks, adding notes, closing them.

use crate::Admin;
use rekindle_admin_api::{Call, Problem};
use rekindle_lifecycle::facts::{Event, Fact, TaskClosed, Traits};
use rekindle_lifecycle::id::MessageId;
use rekindle_store::shop::task::{Closing, Task, TaskNote};
use rekindle_store::shop::tasks::TaskList;
use serde::Deserialize;
use serde_json::{Value, json};

/// Most tasks in one response.
const MAX_PAGE_LENGTH: u16 = 100;
/// The longest note or outcome, in characters.
const MAX_TEXT_CHARS: usize = 4_000;
/// The longest name of an author, in characters.
const MAX_NAME_CHARS: usize = 100;

/// A list of tasks, newest last; `?state=open` unless `closed` is asked for.
pub(crate) async fn list(admin: &Admin, call: &Call) -> Result<Value, Problem> {
    let list = match call.parameter("state") {
        None | Some("open") => TaskList::Open,
        Some("closed") => TaskList::Closed,
        Some(_) => return Err(Problem::bad_request("state must be open or closed.")),
    };
    let limit = call.number("limit", MAX_PAGE_LENGTH, MAX_PAGE_LENGTH)?;
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

/// Adds a note to a task.
pub(crate) async fn note(admin: &Admin, call: &Call, id: &MessageId) -> Result<Value, Problem> {
    let NoteBody { text, by } = call.json()?;
    let text = checked("text", &text, MAX_TEXT_CHARS)?;
    let note = TaskNote { at: admin.clock.now(), by: checked("by", &by, MAX_NAME_CHARS)?, text };
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

/// Closes a task; the first closing is kept.
pub(crate) async fn close(admin: &Admin, call: &Call, id: &MessageId) -> Result<Value, Problem> {
    let CloseBody { outcome, by } = call.json()?;
    let outcome = outcome.map(|outcome| checked("outcome", &outcome, MAX_TEXT_CHARS)).transpose()?;
    let closing = Closing { at: admin.clock.now(), by: checked("by", &by, MAX_NAME_CHARS)?, outcome };
    let closed = admin.store.close_task(&call.shop, id, &closing, closed_fact).await?;
    Ok(json!(closed.ok_or_else(unknown)?))
}

/// The fact that a task was closed. It follows from the task alone.
fn closed_fact(task: &Task) -> Fact {
    let closed = task.closed.as_ref();
    let outcome = closed.and_then(|closed| closed.outcome.clone());
    Fact {
        at: closed.map_or(task.created_at, |closed| closed.at),
        id: task.id.to_string(),
        event: Event::TaskClosed(TaskClosed { task: task.id.clone(), outcome }),
        traits: Traits::default(),
    }
}

/// The text of a field, trimmed, without control characters other than line breaks: 1 to `max_chars` characters.
fn checked(field: &str, text: &str, max_chars: usize) -> Result<String, Problem> {
    let text: String = text.trim().chars().filter(|c| *c == '\n' || !c.is_control()).collect();
    match text.chars().count() {
        0 => Err(Problem::bad_request(format!("{field} must not be empty."))),
        length if length > max_chars => {
            Err(Problem::bad_request(format!("{field} is {length} characters long; at most {max_chars} are allowed.")))
        }
        _ => Ok(text),
    }
}

/// 404: the shop has no such task.
pub(crate) fn unknown() -> Problem {
    Problem::missing("The shop has no task of this id.")
}
