//! How large a policy may be. What a decision costs grows with the policy, and functions that decide are shared by all shops: so every
//! list has a limit, and every number that something is multiplied with.
//!
//! A text beyond a limit is refused when a shop stores it. A policy that was stored before there was a limit still applies, as
//! much of it as fits.

use super::error::PolicyError;
use super::file::PolicyFile;
use super::journey::Journey;
use super::step::Step;
use crate::rules::CouponSource;

/// Most bytes of a policy's text.
pub const MAX_POLICY_BYTES: usize = 256 * 1024;
/// Most journeys.
pub const MAX_JOURNEYS: usize = 50;
/// Most steps of a journey.
pub const MAX_STEPS: usize = 20;
/// Most conditions in a list.
pub const MAX_CONDITIONS: usize = 10;
/// Most zones in which customers of unknown zone may live. The world has fewer than 40 offsets at a time.
pub const MAX_CANDIDATE_ZONES: usize = 40;
/// Most names that a shop has of its own for events.
const MAX_EVENT_NAMES: usize = 100;
/// Most spans of days on which a shop is closed.
pub const MAX_OFF_SEASONS: usize = 20;
/// Most messages in a window of the frequency cap: a customer's record holds as many.
pub const MAX_CAP: usize = 100;
/// The largest factor by which the time until a customer is inactive or lapsed is multiplied.
pub const MAX_FACTOR: u32 = 100;
/// Most characters of a coupon's code that is the same for all customers.
pub const MAX_CODE_CHARS: usize = 40;

/// Checks that the text of a policy is not too long to be read.
pub(super) fn check_text(text: &str) -> Result<(), PolicyError> {
    let bytes = text.len();
    if bytes <= MAX_POLICY_BYTES {
        return Ok(());
    }
    let reason = format!("it has {bytes} bytes; at most {MAX_POLICY_BYTES} are allowed");
    beyond("policy", reason)
}

impl PolicyFile {
    /// Checks every list and factor.
    pub(super) fn check_limits(&self) -> Result<(), PolicyError> {
        list("candidate_zones", self.candidate_zones.len(), MAX_CANDIDATE_ZONES, "zones")?;
        list("event_names", self.event_names.len(), MAX_EVENT_NAMES, "names")?;
        list("stages.off_season", self.stages.off_season.len(), MAX_OFF_SEASONS, "spans of days")?;
        for (place, factor) in
            [("cadence_factor", self.stages.cadence_factor), ("lapsed_factor", self.stages.lapsed_factor)]
        {
            if factor > MAX_FACTOR {
                return beyond(&format!("stages.{place}"), format!("must be at most {MAX_FACTOR}"));
            }
        }
        if self.frequency_cap.total > MAX_CAP {
            return beyond("frequency_cap.total", format!("must be at most {MAX_CAP}"));
        }
        list("journey", self.journeys.len(), MAX_JOURNEYS, "journeys")?;
        self.journeys.iter().try_for_each(check_journey)
    }

    /// The policy as far as the limits allow it: whole journeys and steps, with all of their conditions and their own code.
    pub(super) fn within_limits(mut self) -> Self {
        self.candidate_zones.truncate(MAX_CANDIDATE_ZONES);
        self.event_names.truncate(MAX_EVENT_NAMES);
        self.stages.off_season.truncate(MAX_OFF_SEASONS);
        self.stages.cadence_factor = self.stages.cadence_factor.min(MAX_FACTOR);
        self.stages.lapsed_factor = self.stages.lapsed_factor.min(MAX_FACTOR);
        self.frequency_cap.total = self.frequency_cap.total.min(MAX_CAP);
        // Without some of its conditions a message would go to people whom the shop excluded, so it does not go out at all.
        self.journeys.retain(|journey| journey.ends_when.len() <= MAX_CONDITIONS);
        self.journeys.truncate(MAX_JOURNEYS);
        for journey in &mut self.journeys {
            journey.steps.retain(|step| check_step("", step).is_ok());
            journey.steps.truncate(MAX_STEPS);
        }
        self
    }
}

fn check_journey(journey: &Journey) -> Result<(), PolicyError> {
    let place = format!("journey {}", journey.id);
    list(&place, journey.steps.len(), MAX_STEPS, "steps")?;
    list(&format!("{place}: ends_when"), journey.ends_when.len(), MAX_CONDITIONS, "conditions")?;
    journey.steps.iter().try_for_each(|step| check_step(&format!("{place}, step {}", step.id), step))
}

fn check_step(place: &str, step: &Step) -> Result<(), PolicyError> {
    for (key, conditions) in [("unless", &step.unless), ("only_if", &step.only_if)] {
        list(&format!("{place}: {key}"), conditions.len(), MAX_CONDITIONS, "conditions")?;
    }
    match step.coupon.as_ref().map(|coupon| &coupon.source) {
        Some(CouponSource::Fixed(code)) if !(1..=MAX_CODE_CHARS).contains(&code.chars().count()) => {
            beyond(place, format!("the coupon's code must have 1 to {MAX_CODE_CHARS} characters"))
        }
        _ => Ok(()),
    }
}

fn list(place: &str, found: usize, limit: usize, what: &str) -> Result<(), PolicyError> {
    if found <= limit {
        return Ok(());
    }
    beyond(place, format!("has {found} {what}; at most {limit} are allowed"))
}

fn beyond(place: &str, reason: String) -> Result<(), PolicyError> {
    Err(PolicyError::BeyondLimit { place: place.to_owned(), reason })
}
