//! What is said about the honeymoon.

use super::step::{Step, find_step};
use super::summary::{Honeymoon, Window};
use crate::estimate::{Because, Estimate, Needs};
use crate::language::Language;
use crate::statistics::float;
use serde::Serialize;

/// How long the honeymoon is, if there is one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HoneymoonReport {
    /// Days at the beginning of the history in which first orders are not believed.
    pub burn_in_days: u32,
    /// Weeks of the early window.
    pub early_weeks: usize,
    /// Days of the late window, which follows it.
    pub late_days: usize,
    /// Customers known for both windows.
    pub eligible: u64,
    /// Those active on two days at least of the late window.
    pub loyal: u64,
    /// Their active days in each week of the early window; the day of the first order does not count.
    pub weekly_occasions: Vec<u64>,
    /// The fall of activity; absent for fewer than 100 loyal customers.
    #[serde(flatten)]
    pub fall: Option<Fall>,
    /// Whether there is a honeymoon.
    pub seen: bool,
    /// What follows.
    pub verdict: Verdict,
    /// Its length in days, with the 5 and 95 % points. Shown only if it may be proposed.
    pub honeymoon_days: Estimate,
}

/// How activity falls after the first weeks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Fall {
    /// How many times as much they vary as Poisson counts, at least 1.
    pub phi: f64,
    /// The likeliest length in weeks; 0 if activity never falls.
    pub tau_weeks_mle: usize,
    /// How much likelier it is than none: 2 ln of the ratio of likelihoods, divided by `phi`.
    pub lr: f64,
    /// Active days per customer and week before the fall.
    pub early_rate_per_week: f64,
    /// The same after it.
    pub later_rate_per_week: f64,
    /// The one divided by the other, 1 if there is no fall; absent if nothing follows it.
    pub ratio: Option<f64>,
    /// Points of the distribution of the length.
    pub posterior_weeks: PosteriorWeeks,
}

/// Points of the distribution of the length in weeks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the 5, 50 and 95 % points")]
pub struct PosteriorWeeks {
    pub p05: usize,
    pub median: usize,
    pub p95: usize,
}

/// What can be said about the honeymoon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is seen, and its length is known well enough to be proposed.
    Seen,
    /// It is seen, but not how long it is.
    LengthUncertain,
    /// Enough customers were looked at, and there is none.
    NotSeen,
    /// Too few customers stayed to tell.
    TooFewLoyal,
}

/// The fewest loyal customers for whom anything is said.
const MIN_LOYAL: u64 = 100;
/// A fall is seen from this likelihood ratio on.
const MIN_LIKELIHOOD_RATIO: f64 = 10.0;
/// And from this ratio of the levels on.
const MIN_RATIO: f64 = 1.15;
/// The widest range of lengths, as a ratio of its ends, that is proposed.
const MAX_RANGE: usize = 3;

impl HoneymoonReport {
    /// Computes it.
    #[must_use]
    pub fn new(summary: &Honeymoon) -> Self {
        let window = fitting_window(summary);
        let weekly: Vec<u64> = window.weeks.iter().map(|(sum, _)| *sum).collect();
        let phi = overdispersion(window);
        let step = find_step(&weekly, phi);
        let verdict = verdict(window.loyal, &step);
        Self {
            burn_in_days: summary.history.complete_from.map_or(0, |_| summary.history.burn_in),
            early_weeks: weekly.len(),
            late_days: weekly.len() * 7,
            eligible: window.eligible,
            loyal: window.loyal,
            weekly_occasions: weekly,
            fall: (window.loyal >= MIN_LOYAL).then(|| Fall::new(&step, phi, window.loyal)),
            seen: matches!(verdict, Verdict::Seen | Verdict::LengthUncertain),
            verdict,
            honeymoon_days: length(window.loyal, &step, verdict),
        }
    }

    /// Whether there is a honeymoon, and how long it is.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let loyal = language.whole(self.loyal);
        let Some(fall) = &self.fall else { return self.honeymoon_days.shown.sentence(language).unwrap_or_default() };
        let (more, weeks) = (fall.more_active(language), fall.weeks(language));
        let PosteriorWeeks { p05, p95, .. } = fall.posterior_weeks;
        match (self.verdict, language) {
            (Verdict::TooFewLoyal, _) => String::new(),
            (Verdict::NotSeen, Language::English) => {
                format!("No honeymoon can be seen in your history ({loyal} loyal customers looked at).")
            }
            (Verdict::NotSeen, Language::Russian) => {
                format!("Медового месяца в вашей истории не видно (изучено постоянных покупателей: {loyal}).")
            }
            (Verdict::Seen, Language::English) => {
                format!("{more} in their first {weeks} as later. After that the honeymoon is over.")
            }
            (Verdict::Seen, Language::Russian) => {
                format!("{more} в первые {weeks}, чем потом. Дальше медовый месяц заканчивается.")
            }
            (Verdict::LengthUncertain, Language::English) => {
                format!(
                    "{more} in the beginning as later. How long that lasts is uncertain: between {p05} and {p95} weeks."
                )
            }
            (Verdict::LengthUncertain, Language::Russian) => {
                format!("{more} в начале, чем потом. Сколько это длится, неясно: от {p05} до {p95} недель.")
            }
        }
    }
}

impl Fall {
    fn new(step: &Step, phi: f64, loyal: u64) -> Self {
        let [p05, median, p95] = step.posterior;
        Self {
            phi,
            tau_weeks_mle: step.weeks,
            lr: step.likelihood_ratio,
            early_rate_per_week: step.early / float(loyal),
            later_rate_per_week: step.later / float(loyal),
            ratio: Some(step.ratio()).filter(|ratio| ratio.is_finite()),
            posterior_weeks: PosteriorWeeks { p05, median, p95 },
        }
    }

    fn more_active(&self, language: Language) -> String {
        match (self.ratio, language) {
            (Some(ratio), Language::English) => {
                format!("Customers who stay order {} times as often", language.decimal(ratio, 1))
            }
            (Some(ratio), Language::Russian) => {
                format!("Те, кто остаётся, заказывают в {} раза чаще", language.decimal(ratio, 1))
            }
            (None, Language::English) => "Customers who stay order more often".to_owned(),
            (None, Language::Russian) => "Те, кто остаётся, заказывают чаще".to_owned(),
        }
    }

    fn weeks(&self, language: Language) -> String {
        let PosteriorWeeks { p05, median, p95 } = self.posterior_weeks;
        let weeks = match language {
            Language::English => language.count(median as u64, ["week", "weeks", ""]),
            Language::Russian => language.count(median as u64, ["неделю", "недели", "недель"]),
        };
        format!("{weeks} ({p05}–{p95})")
    }
}

/// The longest window for which enough customers stayed; without one, the longest that anybody has been known for.
fn fitting_window(summary: &Honeymoon) -> &Window {
    let [longest, ..] = &summary.windows;
    let enough = summary.windows.iter().find(|window| window.loyal >= MIN_LOYAL);
    enough.or_else(|| summary.windows.iter().find(|window| window.eligible > 0)).unwrap_or(longest)
}

/// Sum of the variances of the weeks over sum of their means, at least 1.
fn overdispersion(window: &Window) -> f64 {
    let n = float(window.loyal);
    if window.loyal < 2 {
        return 1.0;
    }
    let sums = window.weeks.iter().fold((0.0, 0.0), |(variance, mean), (sum, squares)| {
        let weekly = float(*sum) / n;
        (variance + (float(*squares) - float(*sum) * weekly) / (n - 1.0), mean + weekly)
    });
    // Nobody was ever active: 0/0, which `max` leaves out.
    (sums.0 / sums.1).max(1.0)
}

fn verdict(loyal: u64, step: &Step) -> Verdict {
    let [p05, _, p95] = step.posterior;
    if loyal < MIN_LOYAL {
        Verdict::TooFewLoyal
    } else if step.likelihood_ratio < MIN_LIKELIHOOD_RATIO || step.ratio() < MIN_RATIO {
        Verdict::NotSeen
    } else if p95 > MAX_RANGE * p05 {
        Verdict::LengthUncertain
    } else {
        Verdict::Seen
    }
}

fn length(loyal: u64, step: &Step, verdict: Verdict) -> Estimate {
    let [lo, days, hi] = step.posterior.map(|weeks| 7.0 * float(weeks as u64));
    match verdict {
        Verdict::Seen => Estimate::shown(days, lo, hi, loyal),
        Verdict::LengthUncertain => Estimate::not_yet(loyal, Because::TooUncertain, Needs::OtherData),
        Verdict::NotSeen => Estimate::not_yet(loyal, Because::NothingSeen, Needs::OtherData),
        Verdict::TooFewLoyal => Estimate::not_yet(loyal, Because::TooFewLoyal, Needs::Returned(MIN_LOYAL - loyal)),
    }
}
