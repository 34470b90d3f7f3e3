//! A pause from all messages.

use crate::visit::Visit;
use jiff::SignedDuration;
use rekindle_lifecycle::facts::{Event, Fact, Pause, Traits};

/// A form that is sent again within this time asks for the same pause.
const REPETITION: SignedDuration = SignedDuration::from_hours(24);

/// The fact that the customer pauses all messages for some days from now. `None` if they have asked for the same pause within a day.
pub(crate) fn pause_for(visit: &Visit, days: i64) -> Option<Fact> {
    let until = visit.now + SignedDuration::from_hours(24 * days);
    let stored = visit.customer.folded.permissions.paused_until(visit.now);
    let is_repetition = stored.is_some_and(|stored| stored <= until && until < stored + REPETITION);
    (!is_repetition).then(|| pause(visit, until))
}

/// The fact that the customer ends their pause. `None` if there is none.
pub(crate) fn end_pause(visit: &Visit) -> Option<Fact> {
    visit.customer.folded.permissions.paused_until(visit.now).map(|_| pause(visit, visit.now))
}

fn pause(visit: &Visit, until: jiff::Timestamp) -> Fact {
    let id = format!("{}-pause", visit.claims.message);
    Fact { at: visit.act_at(), id, event: Event::Pause(Pause { until }), traits: Traits::default() }
}
