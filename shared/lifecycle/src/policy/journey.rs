//! Journeys: what starts a run, which messages it consists of, and what ends it.

use super::{Condition, Period, PolicyError, Step};
use crate::channel::{Channel, Purpose};
use crate::stage::Stage;
use serde::Deserialize;
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
    /// An answer to the NPS question.
    Nps(NpsGroup),
    /// A friend's order that earns a reward.
    ReferralConverted,
    /// The shop passed on a yes to this channel that needs the customer's own.
    Unconfirmed(Channel),
}

/// How the answers to the NPS question are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NpsGroup {
    /// 0 to 6.
    Detractor,
    /// 7 and 8.
    Passive,
    /// 9 and 10.
    Promoter,
}

impl NpsGroup {
    /// The group of an answer (0 to 10).
    #[must_use]
    pub fn of(score: u8) -> Self {
        match score {
            0..=6 => Self::Detractor,
            7..=8 => Self::Passive,
            _ => Self::Promoter,
        }
    }

    /// The name used in policy, and for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Detractor => "detractor",
            Self::Passive => "passive",
            Self::Promoter => "promoter",
        }
    }
}

impl TryFrom<String> for Trigger {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "first_order" => Ok(Self::FirstOrder),
            "order" => Ok(Self::Order),
            "nps:detractor" => Ok(Self::Nps(NpsGroup::Detractor)),
            "nps:passive" => Ok(Self::Nps(NpsGroup::Passive)),
            "nps:promoter" => Ok(Self::Nps(NpsGroup::Promoter)),
            "referral_converted" => Ok(Self::ReferralConverted),
            "unconfirmed:email" => Ok(Self::Unconfirmed(Channel::Email)),
            "unconfirmed:sms" => Ok(Self::Unconfirmed(Channel::Sms)),
            other => match other.strip_prefix("stage:").and_then(Stage::from_name) {
                Some(stage) if stage != Stage::Prospect => Ok(Self::Stage(stage)),
                _ => Err(format!(
                    "{text:?} is not a trigger; use first_order, order, referral_converted, stage: with new, active, loyal, \
                     inactive or lapsed, nps: with detractor, passive or promoter, or unconfirmed: with email or sms"
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
            if let Err(reason) = step.check(&journey.steps) {
                return invalid(&place, reason);
            }
            if let Trigger::Unconfirmed(channel) = journey.trigger
                && (step.channel != channel || step.fallback.is_some())
            {
                return invalid(&place, format!("may use the channel {channel} only, which it asks to confirm"));
            }
            before = Some(step);
        }
    }
    Ok(())
}

pub(super) const NAME: &str = "1 to 40 lower-case letters, digits and hyphens";

pub(super) fn is_name(text: &str) -> bool {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=40).contains(&text.len()) && text.chars().all(known)
}
