//! What is said about a journey's lift.

use super::comparison::{Comparison, Cuped, compare, compare_adjusted};
use super::holdout_share::{TARGET_EFFECT, propose_holdout_share};
use super::sample_ratio::{SampleRatio, sample_ratio};
use super::summary::{Lift, RATE_DAYS};
use super::unit::{Arm, Covariate, OUTCOMES, Outcome};
use crate::day::Day;
use crate::estimate::{Because, Estimate, MIN_AT_RISK, Needs};
use crate::language::Language;
use crate::statistics::{float, quantile};
use serde::Serialize;

/// What a version of a journey changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LiftReport {
    /// Days after the trigger that outcomes are counted for.
    pub window_days: u32,
    /// The planned share of treated units.
    pub arm_share_treated: f64,
    /// Complete treated units.
    pub n_treated: u64,
    /// Complete held-out units.
    pub n_holdout: u64,
    /// Units whose window is not over yet.
    pub pending: u64,
    /// Whether the arms have the planned sizes. If not, nothing else is shown.
    pub srm: SampleRatio,
    /// The 99 % point of the value of units that bought, in major units: the cap for coming reports.
    pub revenue_cap_p99_of_buyers: Option<f64>,
    /// Whether there was an order: the primary outcome.
    pub any: OutcomeReport,
    /// Days with an order.
    pub orders: OutcomeReport,
    /// Their value in major units.
    pub revenue: OutcomeReport,
    /// The same with the cap.
    pub rev_cap: OutcomeReport,
    /// What follows for the primary outcome.
    pub verdict: Verdict,
    /// The share that should be held out; absent if no share shows an effect of 20 % in 90 days, or fewer than 30 units are
    /// complete.
    pub proposed_holdout: Option<f64>,
}

/// One outcome.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OutcomeReport {
    /// The difference per unit, with the interval that holds however often it is looked at.
    pub effect: Estimate,
    /// The same in proportion to the held-out units.
    pub effect_relative: Estimate,
    /// The numbers behind it; absent if the effect is not shown.
    #[serde(flatten)]
    pub details: Option<Comparison>,
    /// The comparison without what was known beforehand; absent if the effect is not shown or nothing was known.
    pub cuped: Option<Cuped>,
    /// The part of the variance that is left in it.
    pub variance_left: Option<f64>,
}

/// What follows from a trial so far.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The arms do not have the planned sizes.
    Withheld,
    /// Too few were held out, or too few of them bought, to say anything.
    TooFewToTell,
    /// No effect is proven yet.
    NotProven {
        /// The smallest effect that would be seen now, in proportion to the held-out units.
        would_be_seen: Option<f64>,
        /// When an effect of 20 % would be seen, at the present rate of new units.
        seen_by: Option<Day>,
    },
    /// An effect is proven. It stays so.
    Proven {
        /// The day of the first look that proved it.
        since: Day,
    },
}

/// The fewest held-out units about which anything is said.
const MIN_HOLDOUT: u64 = 100;
/// A day further ahead is no promise; without new units it never comes.
const MAX_DAYS_AHEAD: f64 = 3_650.0;
/// The fewest of them that must have bought.
const MIN_HOLDOUT_BUYERS: u64 = 20;

impl LiftReport {
    /// Computes it. `proven` is the day on which an earlier look proved an effect, if one did.
    #[must_use]
    pub fn new(summary: &Lift, proven: Option<Day>) -> Self {
        let (treated, holdout) = (summary.arm(Arm::Treated), summary.arm(Arm::Holdout));
        let (n, buyers) = (treated.n + holdout.n, treated.buyers + holdout.buyers);
        let arm_share_treated = 1.0 - f64::from(summary.plan.holdout_millionths) / 1e6;
        let srm = sample_ratio(treated.n, holdout.n, arm_share_treated);
        let lacks = if srm.holds { lacks(holdout.n, holdout.buyers) } else { Some(withheld(n)) };
        let [any, orders, revenue, rev_cap] = OUTCOMES.map(|outcome| OutcomeReport::new(summary, outcome, lacks));
        let verdict = verdict(summary, srm, lacks, &any, proven);
        let cap = quantile(summary.values.iter(), 99, 100);
        // Of both arms: the holdout may be too small to say how many buy, which is when another share is needed most.
        let base = float(buyers) / float(n);
        let rate = float(summary.lately) / f64::from(RATE_DAYS);
        Self {
            window_days: summary.plan.window,
            arm_share_treated,
            n_treated: treated.n,
            n_holdout: holdout.n,
            pending: summary.pending,
            srm,
            revenue_cap_p99_of_buyers: cap.map(|minor| summary.history.major(minor)),
            any,
            orders,
            revenue,
            rev_cap,
            verdict,
            proposed_holdout: propose_holdout_share(base, rate).filter(|_| n >= MIN_AT_RISK),
        }
    }

    /// The cost of one order that would not have come without the journey, given what the journey cost for all treated units.
    /// Shown only if more orders are proven; its upper end is that of the smallest lift that is not excluded.
    #[must_use]
    pub fn cost_per_additional_order(&self, cost: f64) -> Estimate {
        let n = self.n_treated + self.n_holdout;
        match self.orders.effect.numbers() {
            Some((diff, lo, hi)) if lo > 0.0 => {
                let of = |lift: f64| cost / (lift * float(self.n_treated));
                Estimate::shown(of(diff), of(hi), of(lo), n)
            }
            _ => Estimate::not_yet(n, Because::NotProven, Needs::OtherData),
        }
    }

    /// How many customers should be held out; nothing before 30 units are complete.
    #[must_use]
    pub fn holdout_sentence(&self, language: Language) -> Option<String> {
        if self.n_treated + self.n_holdout < MIN_AT_RISK {
            return None;
        }
        let share = self.proposed_holdout.map(|share| language.decimal(share * 100.0, 0));
        Some(match (share, language) {
            (Some(share), Language::English) => {
                format!("Holding out {share}\u{a0}% shows an effect of 20\u{a0}% within 90 days.")
            }
            (Some(share), Language::Russian) => {
                format!("Контрольная группа в {share}\u{a0}% покажет эффект в 20\u{a0}% за 90 дней.")
            }
            (None, Language::English) => {
                "You cannot measure this journey alone; use the control group over all journeys.".to_owned()
            }
            (None, Language::Russian) => {
                "Эту цепочку нельзя измерить отдельно; используйте общую контрольную группу.".to_owned()
            }
        })
    }

    /// What the journey changed for the primary outcome, or what is missing to tell.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let effect = self.any.effect;
        let Some((diff, lo, hi)) = effect.numbers() else {
            return effect.shown.sentence(language).unwrap_or_default();
        };
        let points = |share: f64| language.decimal(share * 100.0, 1);
        let days = language.within_days(u64::from(self.window_days));
        let numbers = match language {
            Language::English => {
                let (diff, lo, hi) = (points(diff), points(lo), points(hi));
                format!("the journey changes the share that orders {days} by {diff} points ({lo} to {hi})")
            }
            Language::Russian => {
                let (diff, lo, hi) = (points(diff), points(lo), points(hi));
                format!("доля заказавших {days} меняется на {diff} п. п. (от {lo} до {hi})")
            }
        };
        match (self.verdict, language) {
            (Verdict::Proven { since }, Language::English) => format!("Proven since {since}: {numbers}."),
            (Verdict::Proven { since }, Language::Russian) => format!("Доказано с {since}: {numbers}."),
            (Verdict::NotProven { seen_by, .. }, Language::English) => {
                let by =
                    seen_by.map_or_else(String::new, |day| format!(" An effect of 20\u{a0}% would be seen by {day}."));
                format!("No effect is proven yet: {numbers}.{by}")
            }
            (Verdict::NotProven { seen_by, .. }, Language::Russian) => {
                let by = seen_by.map_or_else(String::new, |day| format!(" Эффект в 20\u{a0}% стал бы виден к {day}."));
                format!("Эффект пока не доказан: {numbers}.{by}")
            }
            (Verdict::Withheld | Verdict::TooFewToTell, _) => String::new(),
        }
    }
}

impl OutcomeReport {
    fn new(summary: &Lift, outcome: Outcome, lacks: Option<Estimate>) -> Self {
        let [treated, holdout] = [Arm::Treated, Arm::Holdout].map(|arm| {
            let minor = summary.history.minor_unit();
            let is_value = matches!(outcome, Outcome::Value | Outcome::CappedValue);
            let covariate_is_value = is_value || summary.plan.covariate == Covariate::FirstValue;
            let unit = |is_value| if is_value { minor } else { 1.0 };
            summary.arm(arm).outcomes[outcome as usize].moments(unit(is_value), unit(covariate_is_value))
        });
        let n = summary.arm(Arm::Treated).n + summary.arm(Arm::Holdout).n;
        let nothing = Estimate::not_yet(n, Because::NothingToCompare, Needs::OtherData);
        let Some(details) = compare(&treated, &holdout).filter(|_| lacks.is_none()) else {
            let effect = lacks.unwrap_or(nothing);
            return Self { effect, effect_relative: effect, details: None, cuped: None, variance_left: None };
        };
        let [lo, hi] = details.always_valid_ci;
        let relative = details.relative.map_or(nothing, |relative| {
            // As wide in proportion to its single-look interval as that of the difference is.
            let widening = (hi - lo) / (details.ci[1] - details.ci[0]);
            let half = (relative.ci[1] - relative.rel) * widening;
            Estimate::shown(relative.rel, relative.rel - half, relative.rel + half, n)
        });
        let cuped = compare_adjusted(&treated, &holdout);
        Self {
            effect: Estimate::shown(details.diff, lo, hi, n),
            effect_relative: relative,
            details: Some(details),
            cuped,
            variance_left: cuped.map(|cuped| 1.0 - cuped.rho * cuped.rho),
        }
    }
}

/// What is missing in the holdout.
fn lacks(n: u64, buyers: u64) -> Option<Estimate> {
    if n < MIN_HOLDOUT {
        return Some(Estimate::not_yet(n, Because::TooFewAtRisk, Needs::Customers(MIN_HOLDOUT - n)));
    }
    let missing = MIN_HOLDOUT_BUYERS.saturating_sub(buyers);
    (missing > 0).then(|| Estimate::not_yet(n, Because::TooFewReturned, Needs::Returned(missing)))
}

const fn withheld(n: u64) -> Estimate {
    Estimate::not_yet(n, Because::ArmsOutOfProportion, Needs::OtherData)
}

fn verdict(
    summary: &Lift,
    srm: SampleRatio,
    lacks: Option<Estimate>,
    any: &OutcomeReport,
    proven: Option<Day>,
) -> Verdict {
    if !srm.holds {
        return Verdict::Withheld;
    }
    if let Some(since) = proven {
        return Verdict::Proven { since };
    }
    let Some((_, lo, hi)) = any.effect.numbers() else {
        return if lacks.is_some() {
            Verdict::TooFewToTell
        } else {
            Verdict::NotProven { would_be_seen: None, seen_by: None }
        };
    };
    if lo > 0.0 || hi < 0.0 {
        return Verdict::Proven { since: summary.through() };
    }
    let details = any.details.filter(|details| details.mean_holdout > 0.0);
    Verdict::NotProven {
        would_be_seen: details.map(|details| details.mde_80pct_power / details.mean_holdout),
        seen_by: details.and_then(|details| seen_by(summary, &details)),
    }
}

/// When an effect of the size aimed at would be seen: n needed = n (MDE/target)², at the rate of the last days, and the window of
/// the last unit after that.
fn seen_by(summary: &Lift, details: &Comparison) -> Option<Day> {
    let n = details.n_treated + details.n_holdout;
    let needed = n * (details.mde_80pct_power / (TARGET_EFFECT * details.mean_holdout)).powi(2);
    let missing = (needed - n - float(summary.pending)).max(0.0);
    let rate = float(summary.lately) / f64::from(RATE_DAYS);
    let window = f64::from(summary.plan.window);
    let days = if needed <= n {
        0.0
    } else if missing == 0.0 {
        window
    } else {
        (missing / rate).ceil() + window
    };
    if days > MAX_DAYS_AHEAD {
        return None;
    }
    let days = crate::statistics::whole_days(days);
    Some(summary.through().plus(i32::try_from(days).ok()?))
}
