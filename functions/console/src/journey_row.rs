//! A journey and its steps as a policy writes them, for people to read.

use serde::Serialize;
use toml_edit::{Item, Table, TableLike};

/// A journey, as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct JourneyRow {
    pub(crate) id: String,
    pub(crate) on: bool,
    pub(crate) trigger: String,
    pub(crate) purpose: String,
    pub(crate) priority: String,
    pub(crate) at_most_every: String,
    pub(crate) ends_when: Vec<String>,
    pub(crate) steps: Vec<StepRow>,
}

/// A step of a journey, as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct StepRow {
    pub(crate) id: String,
    pub(crate) delay: String,
    /// The number of the delay, and its unit.
    pub(crate) delay_number: String,
    pub(crate) delay_unit: String,
    pub(crate) channel: String,
    pub(crate) fallback: String,
    pub(crate) template: String,
    pub(crate) unless: Vec<String>,
    pub(crate) only_if: Vec<String>,
    pub(crate) only_if_orders: String,
    pub(crate) only_if_spent: String,
    pub(crate) after_closing: String,
    pub(crate) coupon_percent: String,
    pub(crate) coupon_name: String,
    pub(crate) not_after: String,
}

impl JourneyRow {
    /// The row of a journey's table in a policy.
    pub(crate) fn new(table: &Table, on: bool) -> Self {
        let steps = table.get("step").and_then(Item::as_array_of_tables);
        Self {
            id: text(table, "id"),
            on,
            trigger: text(table, "trigger"),
            purpose: text(table, "purpose"),
            priority: text(table, "priority"),
            at_most_every: text(table, "at_most_every"),
            ends_when: list(table, "ends_when"),
            steps: steps.into_iter().flat_map(|steps| steps.iter()).map(step).collect(),
        }
    }
}

fn step(table: &Table) -> StepRow {
    let coupon = table.get("coupon").and_then(Item::as_table_like);
    let of_coupon = |name: &str| coupon.map(|coupon| text(coupon, name)).unwrap_or_default();
    let name = ["code", "prefix", "pool"].map(of_coupon).into_iter().find(|name| !name.is_empty());
    let delay = text(table, "delay");
    let (number, unit) = delay.split_at(delay.len().saturating_sub(1));
    StepRow {
        id: text(table, "id"),
        delay_number: number.trim().to_owned(),
        delay_unit: unit.to_owned(),
        channel: text(table, "channel"),
        fallback: text(table, "fallback"),
        template: text(table, "template"),
        unless: list(table, "unless"),
        only_if: list(table, "only_if"),
        only_if_orders: text(table, "only_if_orders"),
        only_if_spent: text(table, "only_if_spent"),
        after_closing: text(table, "after_closing"),
        coupon_percent: of_coupon("percent"),
        coupon_name: name.unwrap_or_default(),
        not_after: text(table, "not_after"),
        delay,
    }
}

/// A value as text; empty if there is none.
pub(crate) fn text(table: &(impl TableLike + ?Sized), name: &str) -> String {
    let found = table.get(name).and_then(Item::as_value);
    found.map_or_else(String::new, |value| match value.as_str() {
        Some(text) => text.to_owned(),
        None => value.as_integer().map(|number| number.to_string()).unwrap_or_default(),
    })
}

fn list(table: &Table, name: &str) -> Vec<String> {
    let found = table.get(name).and_then(Item::as_array).into_iter().flatten();
    found.filter_map(|value| value.as_str().map(str::to_owned)).collect()
}
