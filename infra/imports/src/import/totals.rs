//! Sums over the events of a file.

use crate::values::Decimal;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// Counts and sums of events.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Totals {
    /// How many events there are, by name: `Order Completed`, `identify`.
    pub events: BTreeMap<String, u64>,
    /// When the first event happened, and the last.
    pub span: Option<(Timestamp, Timestamp)>,
    sums: BTreeMap<String, Decimal>,
    refunds: BTreeMap<String, Decimal>,
}

impl Totals {
    pub(super) fn add(&mut self, event: &Value) {
        let name = event["event"].as_str().or(event["type"].as_str()).unwrap_or_default();
        *self.events.entry(name.to_owned()).or_default() += 1;
        if let Some(at) = event["timestamp"].as_str().and_then(|text| text.parse::<Timestamp>().ok()) {
            let (first, last) = self.span.unwrap_or((at, at));
            self.span = Some((first.min(at), last.max(at)));
        }
        let properties = &event["properties"];
        let place = match name {
            "Order Completed" | "Order Updated" => &mut self.sums,
            "Order Refunded" => &mut self.refunds,
            _ => return,
        };
        let currency = properties["currency"].as_str().unwrap_or_default().to_owned();
        if let Some(total) = properties["total"].as_str().and_then(Decimal::parse) {
            let sum = place.entry(currency).or_default();
            *sum = sum.plus(total).unwrap_or(*sum);
        }
    }

    /// How many orders there are, in any state.
    #[must_use]
    pub fn orders(&self) -> u64 {
        let counts = self.events.iter().filter(|(name, _)| name.starts_with("Order ") && *name != "Order Refunded");
        counts.map(|(_, count)| count).sum()
    }

    /// What was paid, by currency; an empty one is the shop's own.
    pub fn paid(&self) -> impl Iterator<Item = (&str, String)> {
        self.sums.iter().map(|(currency, sum)| (currency.as_str(), sum.to_string()))
    }

    /// What went back, by currency.
    pub fn refunded(&self) -> impl Iterator<Item = (&str, String)> {
        self.refunds.iter().map(|(currency, sum)| (currency.as_str(), sum.to_string()))
    }
}
