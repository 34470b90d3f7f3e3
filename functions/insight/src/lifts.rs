//! What each journey changed, measured against the customers who were held out.
//!
//! A trial is a journey with one planned share of held-out customers, or the control group, which is left out of all journeys. Each is looked
//! at for 30 and for 90 days after the draw. What depends on earlier looks (the cap of values, since when an effect is proven) comes from the
//! report before, so that today's outcomes choose nothing.

use rekindle_insight::lift::{self, Covariate, Lift, LiftReport, Plan, Unit};
use rekindle_insight::{Buyer, Day, History, Language};
use rekindle_lifecycle::customer::{Arm, Draw};
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::triggers::Trigger;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Days after the draw for which outcomes are counted.
const WINDOWS: [u32; 2] = [30, 90];

/// A journey, none for all of them, and the planned share of held-out customers in millionths.
type Trial = (Option<String>, u32);

/// The trials of a shop, as far as they are gathered.
pub(crate) struct Lifts<'r> {
    history: History,
    policy: &'r Policy,
    /// The list of trials in the report before; null if there is none.
    before: &'r Value,
    trials: BTreeMap<Trial, [Lift; WINDOWS.len()]>,
}

impl<'r> Lifts<'r> {
    pub(crate) fn new(history: History, policy: &'r Policy, before: &'r Value) -> Self {
        Self { history, policy, before, trials: BTreeMap::new() }
    }

    /// Adds a customer, with orders or without.
    pub(crate) fn add(&mut self, buyer: &Buyer, draws: &[Draw]) {
        let Self { history, policy, before, .. } = *self;
        for draw in draws {
            let trial = (draw.journey.clone(), draw.holdout_millionths);
            let covariate = covariate(policy, draw.journey.as_deref());
            let lifts = self.trials.entry(trial).or_insert_with_key(|trial| {
                WINDOWS.map(|window| {
                    let cap = of_earlier(before, trial, window)["revenue_cap_p99_of_buyers"].as_f64();
                    let cap = cap.map(|cap| in_minor_units(cap, history));
                    Lift::new(history, Plan { holdout_millionths: trial.1, window, covariate, cap })
                })
            });
            let arm = match draw.arm {
                Arm::Treated => lift::Arm::Treated,
                Arm::Holdout => lift::Arm::Holdout,
            };
            for (lift, window) in lifts.iter_mut().zip(WINDOWS) {
                lift.add(&Unit::new(buyer, arm, Day::from_date(draw.day), window, covariate));
            }
        }
    }

    /// The trials with what is said about each.
    pub(crate) fn report(&self) -> Value {
        let trials = self.trials.iter().map(|(trial, lifts)| {
            let reports = lifts.iter().zip(WINDOWS).map(|(lift, window)| {
                let report = LiftReport::new(lift, proven_since(&of_earlier(self.before, trial, window)));
                let sentences = json!({
                    "en": sentence(trial, &report, Language::English),
                    "ru": sentence(trial, &report, Language::Russian),
                });
                let mut shown = json!(report);
                shown["sentences"] = sentences;
                (window.to_string(), shown)
            });
            let reports: BTreeMap<String, Value> = reports.collect();
            json!({ "journey": trial.0, "holdout_millionths": trial.1, "by_window": reports })
        });
        trials.collect()
    }
}

/// What is known before the draw: of customers whose first order starts the journey nothing but that order.
fn covariate(policy: &Policy, journey: Option<&str>) -> Covariate {
    let trigger = journey.and_then(|journey| policy.journey(journey)).map(|journey| &journey.trigger);
    if matches!(trigger, Some(Trigger::FirstOrder(_))) { Covariate::FirstValue } else { Covariate::SameBefore }
}

/// What the report before said of a trial; null if nothing.
fn of_earlier(before: &Value, (journey, share): &Trial, window: u32) -> Value {
    let is_it = |of: &&Value| of["journey"] == json!(journey) && of["holdout_millionths"] == json!(share);
    let earlier = before.as_array().and_then(|trials| trials.iter().find(is_it));
    earlier.map(|of| of["by_window"][window.to_string()].clone()).unwrap_or_default()
}

/// Since when an effect is proven, if an earlier look proved one.
fn proven_since(earlier: &Value) -> Option<Day> {
    serde_json::from_value(earlier["verdict"]["proven"]["since"].clone()).ok()
}

fn in_minor_units(major: f64, history: History) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a float beyond i64 becomes its limit")]
    let minor = (major * 10.0_f64.powi(i32::from(history.decimal_places))).round() as i64;
    minor
}

fn sentence((journey, _): &Trial, report: &LiftReport, language: Language) -> String {
    let name = match (journey, language) {
        (Some(journey), _) => journey.clone(),
        (None, Language::English) => "all journeys together".to_owned(),
        (None, Language::Russian) => "все цепочки вместе".to_owned(),
    };
    format!("{name}: {}", report.sentence(language))
}
