//! Steps: what a journey sends, when, and on what conditions.

use super::names::{NAME, is_name};
use crate::channel::Channel;
use crate::code::known;
use crate::money::{Currency, Money};
use crate::rules::{Condition, CouponOffer, CouponSource, channel_table};
use crate::time::Period;
use serde::Deserialize;

/// One message of a journey.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its name within the journey: lower-case letters, digits and hyphens.
    pub id: String,
    /// How long after the start of the run, or with `after_closing` after the task was closed.
    pub delay: Period,
    /// How to reach the customer.
    #[serde(deserialize_with = "channel_table::channel")]
    pub channel: Channel,
    /// The template; of a task, what it is about.
    pub template: String,
    /// Conditions of this run under which the step is skipped.
    #[serde(default, deserialize_with = "known::list::deserialize")]
    pub unless: Vec<Condition>,
    /// Conditions of this run that must hold, or the step is skipped.
    #[serde(default, deserialize_with = "known::list::deserialize")]
    pub only_if: Vec<Condition>,
    /// Purchase occasions that the customer must have had.
    #[serde(default)]
    pub only_if_orders: u32,
    /// What the customer must have spent in all.
    #[serde(default)]
    pub only_if_spent: Option<Spent>,
    /// An earlier step that opens a task: this one waits until the task is closed.
    #[serde(default)]
    pub after_closing: Option<String>,
    /// The channel to use when the first cannot reach the customer.
    #[serde(default, deserialize_with = "channel_table::optional_channel")]
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

/// An amount with its currency, written `"250.00 EUR"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Spent(pub Money);

impl TryFrom<String> for Spent {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (amount, currency) = text.trim().rsplit_once(' ').unwrap_or((&text, ""));
        let currency = Currency::parse(currency).map_err(|_| format!("{text:?} should be like \"250.00 EUR\""))?;
        let money = Money::parse(amount.trim(), currency);
        money.map(Self).map_err(|error| format!("{text:?} {error}"))
    }
}

impl Step {
    /// Whether rules can work with it, as a step of a journey with these steps.
    pub(super) fn check(&self, steps: &[Self]) -> Result<(), String> {
        if let Some(coupon) = &self.coupon {
            if !(1..=100).contains(&coupon.percent) {
                return Err("the coupon's percent must be 1 to 100".to_owned());
            }
            if self.channel.row().opens_task {
                return Err("a task carries no coupon".to_owned());
            }
            let plain = |text: &str| (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
            match &coupon.source {
                CouponSource::Generated(prefix) if !plain(prefix) => {
                    return Err("the coupon's prefix must be 1 to 20 letters and digits".to_owned());
                }
                CouponSource::Pool(pool) if !is_name(pool) => {
                    return Err(format!("the coupon's pool must be {NAME}"));
                }
                _ => {}
            }
        }
        if let Some(before) = &self.after_closing {
            let is_task = |step: &&Self| step.id == *before && step.channel.row().opens_task;
            if !steps.iter().take_while(|step| step.id != self.id).any(|step| is_task(&step)) {
                return Err(format!("after_closing names {before:?}, which is no earlier step on the channel task"));
            }
        }
        Ok(())
    }
}
