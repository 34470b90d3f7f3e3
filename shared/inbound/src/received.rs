//! The call that brings events.

use crate::fields::Fields;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rekindle_lifecycle::country::Country;
use rekindle_lifecycle::money::Currency;
use rekindle_lifecycle::rules::EventNames;
use std::sync::Arc;

/// What the call says about all of its events.
#[derive(Debug)]
pub struct Received<'b> {
    /// When the call arrived, by our clock.
    pub at: Timestamp,
    /// When the call was sent, by the sender's clock.
    pub sent_at: Option<Timestamp>,
    /// The context of the whole batch.
    pub context: Fields<'b>,
    /// Whether the times are history and not the reading of a clock. Such times are not corrected, except those that were sent
    /// about now and are of the hour before: some libraries send everything as history.
    pub historical: bool,
    /// The currency of amounts that come without one.
    pub default_currency: Currency,
    /// The country of phone numbers without a country code.
    pub country: Option<Country>,
    /// The time zone of times that come without one; UTC if there is none.
    pub zone: Option<TimeZone>,
    /// What the shop's own names of events mean.
    pub event_names: Arc<EventNames>,
}

impl Received<'static> {
    /// The events of a shop's history in a file, read at `at`, the present instant, after which nothing can have happened. What
    /// depends on a shop's policy has no value but these.
    #[must_use]
    pub fn history(zone: TimeZone, currency: Currency, at: Timestamp) -> Self {
        Self {
            at,
            sent_at: None,
            context: Fields::EMPTY,
            historical: true,
            default_currency: currency,
            country: None,
            zone: Some(zone),
            event_names: Arc::default(),
        }
    }
}
