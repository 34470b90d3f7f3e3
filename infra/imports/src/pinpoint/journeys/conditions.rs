//! The conditions of splits.

use super::notes::is_empty;
use serde_json::Value;
use std::collections::BTreeSet;

/// Names of events, in lower case and without separators, that stand for a purchase.
const PURCHASES: [&str; 8] = [
    "ordercompleted",
    "orderplaced",
    "order",
    "purchase",
    "purchased",
    "purchasecompleted",
    "checkoutcompleted",
    "monetizationpurchase",
];

/// Events that must have happened in a run, and events that must not, by their names in the policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Conditions {
    pub(super) only_if: BTreeSet<&'static str>,
    pub(super) unless: BTreeSet<&'static str>,
}

impl Conditions {
    /// Adds a condition: that an event happened, or that it did not.
    pub(super) fn and(mut self, (what, happened): (&'static str, bool)) -> Self {
        let set = if happened { &mut self.only_if } else { &mut self.unless };
        set.insert(what);
        self
    }

    /// Whether no customer can fulfil them.
    pub(super) fn is_impossible(&self) -> bool {
        !self.only_if.is_disjoint(&self.unless)
    }

    /// The conditions under which one of two paths is taken, if the paths differ only in one condition and its opposite.
    pub(super) fn either(&self, other: &Self) -> Option<Self> {
        if self == other {
            return Some(self.clone());
        }
        let merged = |a: &Self, b: &Self| {
            let mut added = a.only_if.difference(&b.only_if);
            let (what, none_more) = (*added.next()?, added.next().is_none());
            let mut without = b.clone();
            let differs_by_it = without.unless.remove(what) && without.unless == a.unless;
            (none_more && differs_by_it && b.only_if.len() + 1 == a.only_if.len())
                .then(|| Self { only_if: b.only_if.clone(), unless: a.unless.clone() })
        };
        merged(self, other).or_else(|| merged(other, self))
    }
}

/// Whether an event stands for a purchase.
pub(super) fn is_purchase(event: &str) -> bool {
    let plain: String = event.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    PURCHASES.contains(&plain.as_str())
}

/// Parses a condition of a split: an event, and whether it must have happened or must not have.
///
/// # Errors
/// A policy cannot express it; the error says why.
pub(super) fn parse(condition: &Value) -> Result<(&'static str, bool), String> {
    let dimensions = &condition["EventCondition"]["Dimensions"];
    if dimensions.is_null() {
        return Err("it asks for a segment".to_owned());
    }
    if !is_empty(&condition["SegmentCondition"]) || !is_empty(&condition["SegmentDimensions"]) {
        return Err("it asks for a segment as well".to_owned());
    }
    if !is_empty(&dimensions["Attributes"]) || !is_empty(&dimensions["Metrics"]) {
        return Err("it asks for attributes or metrics of an event".to_owned());
    }
    let values = dimensions["EventType"]["Values"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut found = BTreeSet::new();
    for value in values {
        let event = value.as_str().unwrap_or_default();
        found.insert(match event {
            "_email.click" => "clicked",
            purchase if is_purchase(purchase) => "ordered",
            "_email.open" => return Err("it asks for an open, which programs do as well as people".to_owned()),
            other => return Err(format!("it asks for the event {other:?}")),
        });
    }
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (Some(what), None) => Ok((what, dimensions["EventType"]["DimensionType"] != "EXCLUSIVE")),
        _ => Err("it asks for one of several things".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conditions(only_if: &[&'static str], unless: &[&'static str]) -> Conditions {
        Conditions { only_if: only_if.iter().copied().collect(), unless: unless.iter().copied().collect() }
    }

    #[test]
    fn two_paths_that_differ_in_one_condition_are_one_path_without_it() {
        let (yes, no) = (conditions(&["clicked"], &["ordered"]), conditions(&[], &["clicked", "ordered"]));
        assert_eq!(yes.either(&no), Some(conditions(&[], &["ordered"])));
        assert_eq!(no.either(&yes), Some(conditions(&[], &["ordered"])));
        assert_eq!(yes.either(&yes), Some(yes.clone()));
        assert_eq!(yes.either(&conditions(&[], &["ordered"])), None);
        assert_eq!(conditions(&["clicked"], &[]).either(&conditions(&[], &["ordered"])), None);
    }

    #[test]
    fn purchases_have_many_names() {
        for name in ["Order Completed", "_monetization.purchase", "order_placed", "Purchase"] {
            assert!(is_purchase(name), "{name}");
        }
        assert!(!is_purchase("Order Cancelled"));
    }
}
