//! A pause from all messages.

use crate::visit::Visit;
use jiff::SignedDuration;
use rekindle_lifecycle::facts::{Event, Fact, Pause, Traits};

/// The fact that the customer pauses all messages for some days from now; none end a pause.
pub(crate) fn pause_for(visit: &Visit, days: i64) -> Fact {
    let id = format!("{}-pause", visit.claims.message);
    let until = visit.now + SignedDuration::from_hours(24 * days);
    Fact { at: visit.act_at(), id, event: Event::Pause(Pause { until }), traits: Traits::default() }
}
