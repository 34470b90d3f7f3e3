//! When an event happened.

use crate::clock_skew::{self, minute_of};
use crate::fields::{Field, Fields};
use crate::instant;
use crate::lenient::LenientReader;
use crate::limits;
use crate::received::Received;
use crate::rejection::Rejection;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::facts::LeftOutReason;

/// Before it no shop took orders over a network: an earlier time is a mistake of a system, such as 1970 or 1899.
const EARLIEST: Timestamp = Timestamp::constant(631_152_000, 0);

/// How long before it was sent a live event may have happened, where history comes the same way.
const MAX_LIVE_DELAY: SignedDuration = SignedDuration::from_hours(1);
/// How far the clock of a live sender may be off, where history comes the same way: a wrong time zone, but no other year.
const MAX_LIVE_SKEW: SignedDuration = SignedDuration::from_hours(24);

/// When it happened: what the sender says (`timestamp`, else `originalTimestamp`, else `sentAt`), corrected for the sender's
/// clock unless it is history or another collector received it before, in whole milliseconds.
///
/// An event without a time that can be used happened in the minute of its arrival, not at the exact moment, so that a
/// repetition, which comes within seconds, stores the same bytes. A repetition in another minute leaves a second fact with the
/// same identity, which the fold knows to be one event.
///
/// # Errors
/// It is history, and its time cannot be used: taken as an event of today, an old order would start journeys.
pub(crate) fn occurred_at(
    fields: &Fields<'_>,
    received: &Received<'_>,
    reader: &mut LenientReader,
) -> Result<Timestamp, Rejection> {
    let zone = received.zone.clone().unwrap_or(TimeZone::UTC);
    let sent = match fields.find(&["sentat"]) {
        Some(field) => instant_of(&field, &zone, reader).or(received.sent_at),
        None => received.sent_at,
    };
    let (timestamp, original) = (fields.get("timestamp"), fields.get("originalTimestamp"));
    let claimed = [&timestamp, &original].into_iter().flatten();
    let claimed = claimed.filter_map(|field| Some((field.path.clone(), instant_of(field, &zone, reader)?))).next();
    let was_claimed = timestamp.is_some() || original.is_some();
    let is_sent_now = sent.is_some_and(|sent| received.at.duration_since(sent).abs() <= MAX_LIVE_SKEW);
    let is_past = received.historical && was_claimed && !is_sent_now;
    let Some((field, at)) = claimed.or_else(|| sent.map(|sent| ("sentAt".to_owned(), sent))) else {
        if is_past {
            let field = if timestamp.is_some() { "timestamp" } else { "originalTimestamp" };
            return Err(Rejection::new(field, "is not an instant such as 2026-11-22T10:00:00Z"));
        }
        if !was_claimed {
            reader.warn("timestamp", "is missing; the minute of arrival is used");
        }
        return Ok(minute_of(received.at));
    };
    // Whoever received it before corrected the clock, and writes when that was, or the time before the correction beside it.
    let was_corrected = fields.find(&["receivedat"]).is_some() || (timestamp.is_some() && original.is_some());
    let corrected = match sent {
        Some(sent) if !was_corrected && (!received.historical || is_live(at, sent, received.at)) => {
            clock_skew::corrected(at, sent, received.at)
        }
        _ => at,
    };
    let corrected = Timestamp::from_millisecond(corrected.as_millisecond()).unwrap_or(corrected);
    let reason = if corrected < EARLIEST {
        format!("is {corrected}, which is before 1990")
    } else if corrected.duration_since(received.at) > limits::MAX_AHEAD {
        format!("is {corrected}, which is more than 5 minutes ahead of {}", received.at)
    } else {
        return Ok(corrected);
    };
    if is_past {
        return Err(Rejection::new(field, reason));
    }
    if let Some(claimed) = fields.get(&field) {
        reader.note(&field, LeftOutReason::NotAnInstant, claimed.value);
    }
    reader.warn(field, format!("{reason}; the minute of arrival is used"));
    Ok(minute_of(received.at))
}

/// When an order was placed, if the event says that: a time between 1990 and the report.
pub(crate) fn ordered_at(
    field: Option<Field<'_>>,
    reported_at: Timestamp,
    received: &Received<'_>,
    reader: &mut LenientReader,
) -> Option<Timestamp> {
    let field = field?;
    let zone = received.zone.clone().unwrap_or(TimeZone::UTC);
    let Some(at) = instant::read(field.value, &zone).filter(|at| *at >= EARLIEST) else {
        reader.leave_out(&field.path, LeftOutReason::NotAnInstant, field.value);
        return None;
    };
    let at = Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at);
    (at < reported_at).then_some(at)
}

/// Whether an event that came as history is the present reading of a clock: some libraries send everything to the path for
/// history. It happened shortly before it was sent, and it was sent about now.
fn is_live(at: Timestamp, sent: Timestamp, received: Timestamp) -> bool {
    let delay = sent.duration_since(at);
    delay.abs() <= MAX_LIVE_DELAY && received.duration_since(sent).abs() <= MAX_LIVE_SKEW
}

fn instant_of(field: &Field<'_>, zone: &TimeZone, reader: &mut LenientReader) -> Option<Timestamp> {
    let at = instant::read(field.value, zone);
    if at.is_none() {
        reader.leave_out(&field.path, LeftOutReason::NotAnInstant, field.value);
    }
    at
}
