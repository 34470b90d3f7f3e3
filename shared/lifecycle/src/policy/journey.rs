//! Journeys: what starts a run, which messages it consists of, and what ends it.

use super::{Period, PolicyError};
use crate::channel::{Channel, Purpose};
use crate::stage::Stage;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A series of messages that something starts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journey {
    /// Its name in keys, tags and reports: lower-case letters, digits and hyphens.
    pub id: String,
    /// What starts a run.
    pub trigger: Trigger,
    /// What the customer must have agreed to.
    pub purpose: Purpose,
    /// The higher goes first when several messages want the same place.
    pub priority: i32,
    /// A new run starts only this long after the last message of the journey.
    #[serde(default)]
    pub at_most_every: Option<Period>,
    /// What ends the whole run early.
    #[serde(default)]
    pub ends_when: Vec<Condition>,
    /// The messages, each later than the one before.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// One message of a journey.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its name within the journey: lower-case letters, digits and hyphens.
    pub id: String,
    /// How long after the start of the run.
    pub delay: Period,
    /// How to reach the customer.
    pub channel: Channel,
    /// The template.
    pub template: String,
    /// Conditions of this run under which the step is skipped.
    #[serde(default)]
    pub unless: Vec<Condition>,
    /// The channel to use when the first cannot reach the customer.
    #[serde(default)]
    pub fallback: Option<Channel>,
    /// The coupon it carries.
    #[serde(default)]
    pub coupon: Option<CouponOffer>,
    /// How long after its time it is still worth sending.
    #[serde(default = "three_days")]
    pub not_after: Period,
}

fn three_days() -> Period {
    Period::days(3)
}

/// A coupon that a message carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CouponOffer {
    /// The code to enter.
    pub code: String,
    /// Per cent off.
    pub percent: u8,
    /// How long after the message it can be used.
    pub valid_for: Period,
}

/// What starts a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Trigger {
    /// The customer's first order: once in a customer's life.
    FirstOrder,
    /// Any order.
    Order,
    /// Entering a stage.
    Stage(Stage),
}

/// Something that happened since the run started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The customer ordered on a later day than the one the run started on (split orders are one
    /// purchase).
    Ordered,
    /// The customer clicked, visited or replied.
    Reacted,
}

impl TryFrom<String> for Trigger {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "first_order" => Ok(Self::FirstOrder),
            "order" => Ok(Self::Order),
            other => match other.strip_prefix("stage:").and_then(Stage::from_name) {
                Some(stage) if stage != Stage::Prospect => Ok(Self::Stage(stage)),
                _ => Err(format!(
                    "{text:?} is not a trigger; use first_order, order, or stage: with new, active, loyal, inactive or lapsed"
                )),
            },
        }
    }
}

pub(super) fn check(journeys: &[Journey]) -> Result<(), PolicyError> {
    let mut seen = BTreeSet::new();
    for journey in journeys {
        let place = format!("journey {}", journey.id);
        let invalid = |place: &str, reason: String| Err(PolicyError::Invalid { place: place.to_owned(), reason });
        if !is_name(&journey.id) {
            return invalid(&place, format!("the id must be {NAME}"));
        }
        if !seen.insert(&journey.id) {
            return invalid(&place, "stands twice in the policy".to_owned());
        }
        if journey.steps.is_empty() {
            return invalid(&place, "has no step".to_owned());
        }
        let mut step_ids = BTreeSet::new();
        let mut before: Option<&Step> = None;
        for step in &journey.steps {
            let place = format!("journey {}, step {}", journey.id, step.id);
            if !is_name(&step.id) || !is_name(&step.template) {
                return invalid(&place, format!("id and template must be {NAME}"));
            }
            if !step_ids.insert(&step.id) {
                return invalid(&place, "stands twice in the journey".to_owned());
            }
            if let Some(before) = before.filter(|before| before.delay >= step.delay) {
                return invalid(&place, format!("its delay must be later than that of {}", before.id));
            }
            if step.not_after.as_seconds() == 0 {
                return invalid(&place, "not_after must be longer than nothing".to_owned());
            }
            if step.coupon.as_ref().is_some_and(|coupon| !(1..=100).contains(&coupon.percent)) {
                return invalid(&place, "the coupon's percent must be 1 to 100".to_owned());
            }
            before = Some(step);
        }
    }
    Ok(())
}

const NAME: &str = "1 to 40 lower-case letters, digits and hyphens";

fn is_name(text: &str) -> bool {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=40).contains(&text.len()) && text.chars().all(known)
}
