//! A customer asks the shop for everything that it stores about them, or for its deletion. The request becomes a fact on the
//! customer's timeline and a task for the shop's people, who answer it. The link alone neither shows nor deletes anything.

use crate::Links;
use crate::error::LinksError;
use crate::visit::Visit;
use jiff::{SignedDuration, Timestamp, TimestampRound, Unit};
use rekindle_lifecycle::facts::{Event, Fact, OtherEvent, Traits};
use rekindle_store::shop::data_requests;

/// How long a request that the shop's people have not answered stands for every repetition: until they promised to answer it.
const ANSWERED_WITHIN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DataRequest {
    /// A copy of everything.
    Export,
    /// The deletion of everything.
    Erase,
}

impl DataRequest {
    /// The request of a button of the page.
    pub(crate) fn from_form(act: &str) -> Option<Self> {
        [Self::Export, Self::Erase].into_iter().find(|request| request.name() == act)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Export => "export",
            Self::Erase => "erase",
        }
    }

    /// The name of the event on the timeline.
    fn event(self) -> &'static str {
        match self {
            Self::Export => "Export Requested",
            Self::Erase => "Erase Requested",
        }
    }
}

/// Stores a request and opens its task. A request that is still open is the same one, by whichever link and however often it is
/// repeated: its fact and its task are written again as they are, which also opens a task that was not reached the first time.
pub(crate) async fn file(links: &Links, visit: &Visit, request: DataRequest) -> Result<(), LinksError> {
    let fact = match open_request(links, visit, request).await? {
        Some(open) => open,
        None => fact(visit, request),
    };
    links.store.store_and_apply(&visit.key, std::slice::from_ref(&fact), visit.now).await?;
    if let Some(task) = data_requests::task_of(&visit.key, &fact) {
        links.store.open_task(&task).await?;
    }
    Ok(())
}

/// The customer's latest request of this kind, if its task is not closed.
async fn open_request(links: &Links, visit: &Visit, request: DataRequest) -> Result<Option<Fact>, LinksError> {
    let recent = links.store.facts_since(&visit.key, visit.now - ANSWERED_WITHIN).await?;
    let is_same = |fact: &Fact| matches!(&fact.event, Event::Other(event) if event.name == request.event());
    let Some(latest) = recent.facts.into_iter().find(is_same) else { return Ok(None) };
    let Some(task) = data_requests::task_of(&visit.key, &latest) else { return Ok(None) };
    let stored = links.store.task(&visit.key.shop, &task.id).await?;
    Ok(stored.is_none_or(|task| task.closed.is_none()).then_some(latest))
}

/// The fact of a new request. Two clicks at once are one request and one fact.
fn fact(visit: &Visit, request: DataRequest) -> Fact {
    let id = format!("{}-{}", visit.claims.message, request.name());
    Fact {
        at: minute(visit.now),
        id,
        event: Event::Other(OtherEvent::named(request.event())),
        traits: Traits::default(),
    }
}

fn minute(at: Timestamp) -> Timestamp {
    at.round(TimestampRound::new().smallest(Unit::Minute).mode(jiff::RoundMode::Trunc)).unwrap_or(at)
}
