//! Which arm of an experiment a customer is in: noted when it is drawn, so that what a journey changed can be told from it later.

use crate::policy::Policy;
use crate::time::Period;
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

/// The arm of an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arm {
    /// The journey runs.
    Treated,
    /// It does not, so that it can be seen what would have happened anyway.
    Holdout,
}

/// The first time that a journey would have started for a customer, under one planned share of held-out customers.
///
/// Later runs of the same journey are in the same arm, because the draw is a hash, and count for nothing more. An edit of the journey
/// begins no new count: the arms differ by the journey as it was at the time. Another share does, because its arms have other sizes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "StoredDraw", into = "StoredDraw")]
pub struct Draw {
    /// The day on which it would have started, in the shop's zone.
    pub day: Date,
    /// The journey; none for the control group, which is left out of all of them.
    pub journey: Option<String>,
    /// The planned share of held-out customers, in millionths.
    pub holdout_millionths: u32,
    /// What was drawn.
    pub arm: Arm,
}

/// How long a draw is kept: longer than any outcome is waited for.
pub const DRAW_RETENTION: Period = Period::days(400);
/// Most draws of a customer that are kept.
pub const MAX_DRAWS: usize = 40;

/// Some 25 bytes: the journey, the days since 1970, the share, and whether it is held out.
#[derive(Serialize, Deserialize)]
struct StoredDraw(String, i32, u32, u8);

const EPOCH: Date = date(1970, 1, 1);

impl From<Draw> for StoredDraw {
    fn from(draw: Draw) -> Self {
        let days = EPOCH.until(draw.day).map_or(0, |span| span.get_days());
        Self(draw.journey.unwrap_or_default(), days, draw.holdout_millionths, u8::from(draw.arm == Arm::Holdout))
    }
}

impl From<StoredDraw> for Draw {
    fn from(StoredDraw(journey, days, holdout_millionths, arm): StoredDraw) -> Self {
        Self {
            day: EPOCH.saturating_add(jiff::Span::new().try_days(days).unwrap_or_default()),
            journey: Some(journey).filter(|journey| !journey.is_empty()),
            holdout_millionths,
            arm: if arm == 0 { Arm::Treated } else { Arm::Holdout },
        }
    }
}

impl Draw {
    fn is_of_the_same_trial(&self, other: &Self) -> bool {
        (&self.journey, self.holdout_millionths) == (&other.journey, other.holdout_millionths)
    }
}

/// Notes a draw unless the customer is in that trial already. The oldest go when there are too many.
pub(crate) fn note(draws: &mut Vec<Draw>, draw: Draw) {
    match draws.iter_mut().find(|known| known.is_of_the_same_trial(&draw)) {
        // Of two ids of one customer the first counts.
        Some(known) if draw < *known => *known = draw,
        Some(_) => {}
        None => draws.push(draw),
    }
    draws.sort_unstable();
    let excess = draws.len().saturating_sub(MAX_DRAWS);
    draws.drain(..excess);
}

/// Drops the draws that are too old to say anything.
pub(crate) fn forget_old(draws: &mut Vec<Draw>, today: Date) {
    let days = jiff::Span::new().days(DRAW_RETENTION.as_seconds() / 86_400);
    if let Ok(oldest) = today.checked_sub(days) {
        draws.retain(|draw| draw.day >= oldest);
    }
}

/// A share of the customers in millionths.
#[must_use]
pub(crate) fn millionths(share: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share is between 0 and 1")]
    let millionths = (share * 1e6).round() as u32;
    millionths
}

/// Whether the policy holds anybody out.
#[must_use]
pub(crate) fn has_trials(policy: &Policy) -> bool {
    policy.experiment.holdout > 0.0 || policy.experiment.control_group > 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(day: i8, journey: &str, millionths: u32, arm: Arm) -> Draw {
        let journey = Some(journey.to_owned()).filter(|journey| !journey.is_empty());
        Draw { day: date(2026, 3, day), journey, holdout_millionths: millionths, arm }
    }

    #[test]
    fn a_draw_is_stored_in_few_bytes_and_reads_back() {
        for draw in [draw(1, "welcome", 50_000, Arm::Treated), draw(2, "", 100_000, Arm::Holdout)] {
            let stored = serde_json::to_string(&draw).expect("JSON");
            assert!(stored.len() < 30, "{stored}");
            assert_eq!(serde_json::from_str::<Draw>(&stored).expect("readable"), draw);
        }
    }

    #[test]
    fn the_first_draw_of_a_trial_counts_and_another_share_is_another_trial() {
        let mut draws = Vec::new();
        for draw in [
            draw(5, "welcome", 50_000, Arm::Treated),
            draw(9, "welcome", 50_000, Arm::Treated),
            draw(9, "welcome", 100_000, Arm::Holdout),
            draw(7, "reengage", 50_000, Arm::Holdout),
            // Of another id of the same customer.
            draw(3, "welcome", 50_000, Arm::Holdout),
        ] {
            note(&mut draws, draw);
        }
        let expected = [
            draw(3, "welcome", 50_000, Arm::Holdout),
            draw(7, "reengage", 50_000, Arm::Holdout),
            draw(9, "welcome", 100_000, Arm::Holdout),
        ];
        assert_eq!(draws, expected);
    }

    #[test]
    fn old_draws_go_and_there_are_never_too_many() {
        let mut draws = Vec::new();
        for number in 0..60_u32 {
            note(
                &mut draws,
                draw(1 + i8::try_from(number % 28).expect("small"), &format!("j{number}"), 1, Arm::Treated),
            );
        }
        assert_eq!(draws.len(), MAX_DRAWS);
        forget_old(&mut draws, date(2027, 4, 4));
        assert_eq!(draws.len(), MAX_DRAWS, "none is older than 400 days");
        forget_old(&mut draws, date(2027, 4, 30));
        assert!(draws.len() < MAX_DRAWS && draws.iter().all(|draw| draw.day >= date(2026, 3, 26)), "{draws:?}");
    }
}
