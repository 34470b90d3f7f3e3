//! The stored form of a mapping.

use super::evaluator::Evaluator;
use crate::reading::FieldError;
use crate::verify::Scheme;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the stored form that this code writes and the newest that it reads.
pub const VERSION: u32 = 1;
/// Most rules of a mapping.
pub const MAX_RULES: usize = 20;
/// Most conditions and reasons to drop of one rule.
pub const MAX_CONDITIONS: usize = 20;
/// Most fields of one rule, those of its lists included.
pub const MAX_FIELDS: usize = 80;
/// Deepest path of a field.
const MAX_PATH_LEN: usize = 5;
/// Members of an event that a mapping may fill.
const ROOTS: [&str; 7] = ["messageId", "timestamp", "userId", "anonymousId", "traits", "context", "properties"];

/// How deliveries of a shop system become events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The version of this form.
    pub version: u32,
    /// A name for people, which also begins the ids of messages.
    pub name: String,
    /// How the sender shows who it is.
    pub verify: Scheme,
    /// An expression for what is the same in every repetition of a delivery. Without one the body is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_id: Option<String>,
    /// All that fit a delivery are applied to it, in their order.
    pub rules: Vec<Rule>,
}

/// What becomes of one kind of delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// A name for people.
    pub name: String,
    /// All have to hold; none for every delivery.
    #[serde(default, rename = "match", skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// An expression for a list: each element is an event of its own, and is `item` in the expressions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<String>,
    /// Reasons not to make an event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drop_if: Vec<DropIf>,
    /// An expression for the event's name; `'identify'` for an identification.
    pub event: String,
    /// Fields without which there is no event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<String>,
    /// Expressions by the path of the field that they fill: `properties.order_id`.
    pub fields: BTreeMap<String, String>,
    /// Lists of objects by the path of the field that they fill: `properties.products`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lists: BTreeMap<String, ListField>,
}

/// For which deliveries a rule is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Condition {
    /// A header has one of these values, in any case.
    Header {
        /// Its name, in any case.
        header: String,
        /// The values.
        is: Vec<String>,
    },
    /// An expression is true.
    Expression {
        /// The expression.
        expression: String,
    },
}

/// A reason not to make an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DropIf {
    /// An expression.
    pub expression: String,
    /// Why, in words for the shop's people.
    pub because: String,
}

/// A list of objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListField {
    /// An expression for a list: each element is an object, and is `line` in the expressions.
    pub each: String,
    /// Expressions by the name of the member that they fill.
    pub fields: BTreeMap<String, String>,
}

impl Mapping {
    /// Reads the stored form.
    ///
    /// # Errors
    /// What is wrong with it. A mapping with faults is not kept, so what is stored can be read.
    pub fn parse(json: &str) -> Result<Self, Vec<FieldError>> {
        let mapping: Self =
            serde_json::from_str(json).map_err(|error| vec![FieldError::new("", format!("is no mapping: {error}"))])?;
        let faults = mapping.faults();
        if faults.is_empty() { Ok(mapping) } else { Err(faults) }
    }

    /// What is wrong with the mapping, whatever it is applied to.
    #[must_use]
    pub fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        if self.version == 0 || self.version > VERSION {
            faults.push(FieldError::new("version", format!("is {}; this engine knows up to {VERSION}", self.version)));
        }
        if self.rules.is_empty() || self.rules.len() > MAX_RULES {
            faults.push(FieldError::new("rules", format!("have to be 1 to {MAX_RULES}")));
            return faults;
        }
        let evaluator = Evaluator::default();
        let mut check = |path: String, source: &str| {
            if let Err(reason) = evaluator.check(source) {
                faults.push(FieldError::new(path, reason));
            }
        };
        if let Some(source) = &self.delivery_id {
            check("delivery_id".into(), source);
        }
        for (place, rule) in self.rules.iter().enumerate() {
            for (path, source) in rule.expressions() {
                check(format!("rules[{place}].{path}"), source);
            }
        }
        for (place, rule) in self.rules.iter().enumerate() {
            faults.extend(rule.faults(&format!("rules[{place}]")));
        }
        faults
    }
}

impl Rule {
    fn expressions(&self) -> impl Iterator<Item = (String, &str)> {
        let conditions = self.conditions.iter().enumerate().filter_map(|(place, condition)| match condition {
            Condition::Expression { expression } => Some((format!("match[{place}].expression"), expression.as_str())),
            Condition::Header { .. } => None,
        });
        let drops = self
            .drop_if
            .iter()
            .enumerate()
            .map(|(place, drop)| (format!("drop_if[{place}].expression"), drop.expression.as_str()));
        let lists = self.lists.iter().flat_map(|(path, list)| {
            let fields =
                list.fields.iter().map(move |(name, source)| (format!("lists.{path}.fields.{name}"), source.as_str()));
            std::iter::once((format!("lists.{path}.each"), list.each.as_str())).chain(fields)
        });
        let fields = self.fields.iter().map(|(path, source)| (format!("fields.{path}"), source.as_str()));
        let each = self.each.iter().map(|source| ("each".to_owned(), source.as_str()));
        let event = std::iter::once(("event".to_owned(), self.event.as_str()));
        event.chain(each).chain(conditions).chain(drops).chain(fields).chain(lists)
    }

    fn faults(&self, at: &str) -> Vec<FieldError> {
        let mut faults = Vec::new();
        let mut add = |path: String, reason: String| faults.push(FieldError::new(path, reason));
        if self.conditions.len() > MAX_CONDITIONS || self.drop_if.len() > MAX_CONDITIONS {
            add(at.to_owned(), format!("has more than {MAX_CONDITIONS} conditions"));
        }
        let in_lists: usize = self.lists.values().map(|list| list.fields.len()).sum();
        if self.fields.len() + in_lists > MAX_FIELDS {
            add(at.to_owned(), format!("has more than {MAX_FIELDS} fields"));
        }
        for path in self.fields.keys().chain(self.lists.keys()) {
            let parts: Vec<&str> = path.split('.').collect();
            let is_whole = matches!(parts[0], "messageId" | "timestamp" | "userId" | "anonymousId");
            if !ROOTS.contains(&parts[0]) {
                add(format!("{at}.fields.{path}"), format!("is no part of an event; those are {}", ROOTS.join(", ")));
            } else if parts.len() > MAX_PATH_LEN
                || parts.iter().any(|part| part.is_empty())
                || is_whole != (parts.len() == 1)
            {
                add(format!("{at}.fields.{path}"), "is no path of a field such as properties.total".to_owned());
            }
        }
        for required in &self.required {
            if !self.fields.contains_key(required) && !self.lists.contains_key(required) {
                add(format!("{at}.required"), format!("names {required}, which no expression fills"));
            }
        }
        faults
    }
}
