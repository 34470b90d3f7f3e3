//! What the platform team's other systems are told: the events on EventBridge's buses, beside the messages that
//! customers get. `GET /local/events.json` lists them for programs.

use super::{Inbox, Trouble};
use rekindle_emulators::BusEvent;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::{Value, json};

/// Events that the list shows; the file has all of them.
const SHOWN: u32 = 5;

/// An event, put into words for the list.
#[derive(Serialize)]
pub(super) struct TeamEvent {
    kind: String,
    date: String,
    detail: String,
}

/// The newest events, and how many there are.
#[derive(Serialize)]
pub(super) struct Team {
    events: Vec<TeamEvent>,
    count: u64,
}

impl Inbox {
    /// What the list shows of the events.
    pub(super) async fn team(&self) -> Result<Team, Trouble> {
        let events = self.bus_events.clone();
        let done =
            tokio::task::spawn_blocking(move || Ok::<_, Trouble>((events.newest(SHOWN)?, events.count()?))).await;
        let (newest, count) =
            done.map_err(|_| Trouble::Page("the events could not be read; see the log".to_owned()))??;
        Ok(Team { events: newest.into_iter().map(TeamEvent::from).collect(), count })
    }
}

impl From<BusEvent> for TeamEvent {
    fn from(event: BusEvent) -> Self {
        let data = cloud_event(&event)["data"].take();
        Self {
            kind: event.content.detail_type,
            date: event.put_at.strftime("%-d %b %Y, %H:%M").to_string(),
            detail: serde_json::to_string_pretty(&data).unwrap_or_default(),
        }
    }
}

/// `GET /local/events.json`: every event, newest first, with the CloudEvent in `detail`.
pub(super) async fn list(State(inbox): State<Inbox>) -> Result<Json<Vec<Value>>, Trouble> {
    let events = inbox.bus_events.clone();
    let done = tokio::task::spawn_blocking(move || events.newest(u32::MAX)).await;
    let events = done.map_err(|_| Trouble::Page("the events could not be read; see the log".to_owned()))??;
    let described = events.iter().map(|event| {
        json!({
            "id": event.id,
            "bus": event.content.bus,
            "source": event.content.source,
            "detail-type": event.content.detail_type,
            "time": event.content.time.unwrap_or(event.put_at),
            "put_at": event.put_at,
            "detail": cloud_event(event),
        })
    });
    Ok(Json(described.collect()))
}

/// What was put on the bus: checked to be JSON when it was.
fn cloud_event(event: &BusEvent) -> Value {
    serde_json::from_str(&event.content.detail).unwrap_or_default()
}
