//! Finding the stage of a customer from their orders and the time.

use super::purchases::Purchases;
use super::stage::Stage;
use crate::rules::StageRules;
use crate::time::{Calendar, Period, seconds_between};
use jiff::Timestamp;

/// A stage with everything that was compared to find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assessment {
    /// The stage.
    pub stage: Stage,
    /// The instant from which on its rule holds; absent for a prospect.
    pub since: Option<Timestamp>,
    /// Days with an order.
    pub occasions: u32,
    /// Time since the last order, in seconds, off-season days included.
    pub silence: i64,
    /// Time without an order that makes this customer inactive.
    pub inactive_after: Period,
    /// The next instant at which time alone, or an order already known, may change the stage.
    pub next_change: Option<Timestamp>,
}

/// Assesses a customer: the first rule that holds gives the stage. Instants are compared with ≥, so a
/// stage begins exactly at the instant its rule names. Allocates nothing.
///
/// `reacted_at` is the last click, visit or reply.
#[must_use]
pub fn assess(
    rules: &StageRules,
    calendar: &Calendar,
    purchases: &Purchases,
    reacted_at: Option<Timestamp>,
    now: Timestamp,
) -> Assessment {
    let (Some(first_at), Some(last_at)) = (purchases.first_at, purchases.last_at) else {
        return Assessment {
            stage: Stage::Prospect,
            since: None,
            occasions: 0,
            silence: 0,
            inactive_after: rules.inactive_after,
            next_change: purchases.next_at,
        };
    };
    let inactive_after = inactive_after(rules, purchases);
    let reacted = reacted_at.is_some_and(|at| last_at < at && at <= now);
    let allowance = if reacted { rules.reaction_allowance } else { Period::seconds(0) };
    let silent_for = |factor: u32| {
        let threshold = inactive_after.as_seconds() * i64::from(factor) + allowance.as_seconds();
        calendar.silent_until(last_at, Period::seconds(threshold))
    };
    let inactive_at = silent_for(1);
    let lapsed_at = silent_for(rules.lapsed_factor);
    let honeymoon_ends = rules.honeymoon.after(first_at);
    let loyal_until = loyal_basis(rules, purchases).map(|at| rules.loyal_window.after(at));

    let (stage, since) = if now >= lapsed_at {
        (Stage::Lapsed, lapsed_at)
    } else if now >= inactive_at {
        (Stage::Inactive, inactive_at)
    } else if loyal_until.is_some_and(|until| now < until) {
        (Stage::Loyal, last_at)
    } else if purchases.occasions == 1 && now < honeymoon_ends {
        (Stage::New, first_at)
    } else {
        let no_longer_new = (purchases.occasions == 1).then_some(honeymoon_ends);
        let no_longer_loyal = loyal_until.filter(|until| *until <= now);
        (Stage::Active, [no_longer_new, no_longer_loyal].into_iter().flatten().fold(last_at, Timestamp::max))
    };
    let boundaries = [Some(lapsed_at), Some(inactive_at), loyal_until, Some(honeymoon_ends), purchases.next_at];
    Assessment {
        stage,
        since: Some(since),
        occasions: purchases.occasions,
        silence: seconds_between(last_at, now),
        inactive_after,
        next_change: boundaries.into_iter().flatten().filter(|at| *at > now).min(),
    }
}

/// Returns how long this customer may go without an order before they are inactive: a multiple of their cadence, within
/// bounds, once the cadence is known.
fn inactive_after(rules: &StageRules, purchases: &Purchases) -> Period {
    if purchases.occasions < rules.cadence_from {
        return rules.inactive_after;
    }
    let gaps = i64::from(purchases.occasions) - 1;
    let silence = i64::from(purchases.span_days) * 86_400 * i64::from(rules.cadence_factor) / gaps;
    Period::seconds(silence).clamp(rules.inactive_at_least, rules.inactive_at_most)
}

/// Returns the latest order of the oldest of the days with an order that loyalty takes.
fn loyal_basis(rules: &StageRules, purchases: &Purchases) -> Option<Timestamp> {
    match rules.loyal_occasions {
        1 => purchases.last_at,
        2 => purchases.second_latest_at,
        _ => purchases.third_latest_at,
    }
}
