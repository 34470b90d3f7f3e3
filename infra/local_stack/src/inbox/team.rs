//! The events on EventBridge's buses, for the platform team's other systems. The inbox shows the newest ones,
//! `GET /local/events.json` lists all of them for programs.

use super::{Inbox, InboxError};
use axum::Json;
use axum::extract::State;
use rekindle_emulators::BusEvent;
use serde::Serialize;
use serde_json::{Value, json};

/// Most events beside the list of messages.
const MAX_SHOWN: u32 = 5;

/// An event, formatted for the page.
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
    /// The events to show.
    pub(super) async fn team(&self) -> Result<Team, InboxError> {
        let events = self.bus_events.clone();
        let done =
            tokio::task::spawn_blocking(move || Ok::<_, InboxError>((events.newest(MAX_SHOWN)?, events.count()?)))
                .await;
        let (newest, count) =
            done.map_err(|_| InboxError::Page("the events could not be read; see the log".to_owned()))??;
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
pub(super) async fn list(State(inbox): State<Inbox>) -> Result<Json<Vec<Value>>, InboxError> {
    let events = inbox.bus_events.clone();
    let done = tokio::task::spawn_blocking(move || events.newest(u32::MAX)).await;
    let events = done.map_err(|_| InboxError::Page("the events could not be read; see the log".to_owned()))??;
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

/// The CloudEvent that was put on the bus. `PutEvents` checked that it is JSON.
fn cloud_event(event: &BusEvent) -> Value {
    serde_json::from_str(&event.content.detail).unwrap_or_default()
}
