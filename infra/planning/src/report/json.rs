//! Plans for programs.

use super::change::Change;
use super::report::Report;
use super::words::NOT_SIMULATED;
use crate::comparison::Difference;
use serde_json::{Map, Value, json};

impl Report {
    /// Everything that the plan counts. `stages` and `messages` are as `rekindle demo --json` has them, and `held_back` as its
    /// `suppressed`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut value = serde_json::to_value(&self.planned).unwrap_or_default();
        let all = self.planned.in_all();
        let peak = self.planned.peak().filter(|peak| peak.emails > 0);
        value["from"] = json!(self.days[0]);
        value["until"] = json!(self.days[1]);
        value["peak"] = json!(peak.map(|peak| json!({ "day": peak.day, "emails": peak.emails })));
        value["totals"] = json!({
            "messages": self.planned.sent(), "emails": all.emails, "texts": all.texts,
            "text_parts": all.text_parts, "tasks": all.tasks,
        });
        value["daily_quota"] = json!(self.daily_quota);
        value["days_above_quota"] = self.days_above_quota().iter().map(|day| json!(day.day)).collect();
        value["first_day"] = json!(self.first_day());
        value["cost"] = json!(self.cost);
        value["not_simulated"] = json!(NOT_SIMULATED.replace('\n', " "));
        value
    }
}

impl Change {
    /// The plan of the policy, with that of the other one and what differs under `against`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut value = self.reports[0].to_json();
        let mut against = self.reports[1].to_json();
        let comparison = &self.comparison;
        let mut messages = Map::new();
        for (column, report) in self.reports.iter().enumerate() {
            for (journey, steps) in &report.planned.messages {
                for (step, sent) in steps {
                    let journey = messages.entry(journey).or_insert_with(|| json!({}));
                    if journey[step].is_null() {
                        journey[step] = json!({ "before": 0, "after": 0 });
                    }
                    journey[step][["before", "after"][column]] = json!(sent);
                }
            }
        }
        let moves = comparison.moves.iter();
        let moves = moves.map(|((from, to), customers)| json!({ "from": from, "to": to, "customers": customers }));
        against["changes"] = json!({
            "customers": comparison.customers,
            "customers_with_other_messages": comparison.customers_with_other_messages,
            "stages": { "changed": comparison.moved(), "moves": moves.collect::<Vec<_>>() },
            "messages": messages,
            "for_whom": comparison.first.iter().map(difference).collect::<Vec<_>>(),
            "for_whom_complete": comparison.first.len() as u64 == comparison.customers,
        });
        value["against"] = against;
        value
    }
}

fn difference(difference: &Difference) -> Value {
    let mut messages = Map::new();
    for ((journey, step), [before, after]) in &difference.messages {
        let journey = messages.entry(journey).or_insert_with(|| json!({}));
        journey[step] = json!({ "before": before, "after": after });
    }
    let [before, after] = difference.stages;
    json!({ "id": difference.id.as_str(), "stage": { "before": before, "after": after }, "messages": messages })
}
