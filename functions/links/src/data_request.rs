//! A customer asks the shop for everything that it stores about them, or for its deletion. The request becomes a fact on the
//! customer's timeline and a task for the shop's people, who answer it. The link alone neither shows nor deletes anything.

use crate::visit::Visit;
use jiff::{Timestamp, TimestampRound, Unit};
use rekindle_lifecycle::facts::{Event, Fact, Traits};

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

/// The fact of a request. Two clicks within a minute are one request and one fact.
pub(crate) fn fact(visit: &Visit, request: DataRequest) -> Fact {
    let id = format!("{}-{}", visit.claims.message, request.name());
    Fact {
        at: minute(visit.now),
        id,
        event: Event::Other { name: request.event().to_owned() },
        traits: Traits::default(),
    }
}

fn minute(at: Timestamp) -> Timestamp {
    at.round(TimestampRound::new().smallest(Unit::Minute).mode(jiff::RoundMode::Trunc)).unwrap_or(at)
}
