//! Finding the stage of a customer from their orders and the time.

use super::purchases::Purchases;
use super::stage::Stage;
use crate::rules::{Silence, StageRules};
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
    /// Time without an order that makes this customer lapse.
    pub lapsed_after: Period,
    /// Where these two come from.
    pub basis: SilenceBasis,
    /// The next instant at which time alone, or an order already known, may change the stage.
    pub next_change: Option<Timestamp>,
}

/// Where the time comes from that a customer may go without an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SilenceBasis {
    /// The policy's time for customers whose cadence is unknown.
    ShopDefault,
    /// The customer's own cadence.
    OwnCadence,
    /// What the shop learned of customers with as many days with an order.
    Learned,
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
            lapsed_after: rules.silence_from(rules.inactive_after).lapsed,
            basis: SilenceBasis::ShopDefault,
            next_change: purchases.next_at,
        };
    };
    let (silence, basis) = silence_of(rules, purchases);
    let Silence { inactive: inactive_after, lapsed: lapsed_after } = silence;
    let reacted = reacted_at.is_some_and(|at| last_at < at && at <= now);
    let allowance = if reacted { rules.reaction_allowance } else { Period::seconds(0) };
    let silent_for = |silence: Period| {
        calendar.silent_until(last_at, Period::seconds(silence.as_seconds() + allowance.as_seconds()))
    };
    let inactive_at = silent_for(inactive_after);
    let lapsed_at = silent_for(lapsed_after);
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
        lapsed_after,
        basis,
        next_change: boundaries.into_iter().flatten().filter(|at| *at > now).min(),
    }
}

/// Returns how long this customer may go without an order before they are inactive or lapsed: what the shop learned of customers like
/// them; else, once their cadence is known, a multiple of it, within bounds.
fn silence_of(rules: &StageRules, purchases: &Purchases) -> (Silence, SilenceBasis) {
    if let Some(learned) = rules.silence.after(purchases.occasions) {
        return (learned, SilenceBasis::Learned);
    }
    let (inactive, basis) = if purchases.occasions < rules.cadence_from {
        (rules.inactive_after, SilenceBasis::ShopDefault)
    } else {
        let gaps = i64::from(purchases.occasions) - 1;
        let silence = i64::from(purchases.span_days) * 86_400 * i64::from(rules.cadence_factor) / gaps;
        let own = Period::seconds(silence).clamp(rules.inactive_at_least, rules.inactive_at_most);
        (own, SilenceBasis::OwnCadence)
    };
    (rules.silence_from(inactive), basis)
}

/// Returns the latest order of the oldest of the days with an order that loyalty takes.
fn loyal_basis(rules: &StageRules, purchases: &Purchases) -> Option<Timestamp> {
    match rules.loyal_occasions {
        1 => purchases.last_at,
        2 => purchases.second_latest_at,
        _ => purchases.third_latest_at,
    }
}
