//! Applying a mapping to a delivery.

use super::context;
use super::definition::{Condition, ListField, Mapping, Rule};
use super::evaluator::{Compiled, Evaluator};
use super::output::{at, field, put, shorten};
use super::tried::Tried;
use super::values::{elements, text_of};
use crate::delivery::Delivery;
use crate::digest::digest;
use crate::lines::MAX_LINES;
use crate::reading::{FieldError, Outcome, Reading};
use crate::topic;
use minijinja::Value;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Most events of one delivery.
pub const MAX_EVENTS: usize = 100;
/// What the expressions of one delivery may cost at worst, in units of some twenty nanoseconds. The built-in mapping of Shopify takes a
/// quarter of it for an order of 200 lines.
const MAX_WORK: u64 = 20_000_000;
/// Most warnings of one event.
const MAX_WARNINGS: usize = 100;

/// What is left of the work that one delivery may take.
struct Budget {
    left: u64,
    body_len: usize,
}

impl Budget {
    fn eval(&mut self, compiled: &Compiled<'_>, context: Value) -> Result<Value, String> {
        let cost = compiled.cost(self.body_len);
        self.left = self.left.checked_sub(cost).ok_or("would do too much work for one delivery")?;
        compiled.eval(context)
    }
}

impl Mapping {
    /// What a delivery becomes.
    #[must_use]
    pub fn read(&self, delivery: &Delivery<'_>) -> Reading {
        let (delivery_id, tried) = self.apply(delivery);
        let mut warnings = Vec::new();
        let mut events = Vec::new();
        let mut reasons = Vec::new();
        let mut failed = None;
        let tried = match tried {
            Ok(tried) => tried,
            Err(error) => {
                failed = Some(error);
                Vec::new()
            }
        };
        let fits = !tried.is_empty() || failed.is_some();
        for one in tried {
            match one {
                Tried::Event { event, warnings: more, .. } => {
                    events.push(event);
                    warnings.extend(more);
                }
                Tried::Dropped { because, .. } => reasons.push(because),
                Tried::Failed { error, .. } if failed.is_none() => failed = Some(error),
                Tried::Failed { error, .. } => warnings.push(error),
            }
        }
        let outcome = match (events.is_empty(), failed) {
            (true, Some(error)) => Outcome::Refused(error),
            (true, None) if !fits => Outcome::ignored("no rule of the mapping is for it"),
            (true, None) => {
                reasons.dedup();
                Outcome::ignored(if reasons.is_empty() { "the list is empty".to_owned() } else { reasons.join("; ") })
            }
            (false, failed) => {
                warnings.extend(failed);
                Outcome::Events(events)
            }
        };
        Reading {
            delivery_id,
            topic: self.name.clone(),
            version: None,
            outcome: outcome.dated(delivery.received_at),
            warnings,
        }
    }

    /// What a delivery becomes, rule by rule and element by element, for people who write a mapping. Empty if no rule is for it.
    ///
    /// # Errors
    /// The body, or the mapping, cannot be read at all.
    pub fn try_out(&self, delivery: &Delivery<'_>) -> Result<Vec<Tried>, FieldError> {
        self.apply(delivery).1
    }

    fn apply(&self, delivery: &Delivery<'_>) -> (Option<String>, Result<Vec<Tried>, FieldError>) {
        let whole = Some(digest(delivery.body));
        let body = match topic::body(delivery) {
            Ok(body) => body,
            Err(reason) => return (whole, Err(FieldError::new("", reason))),
        };
        if let Some(fault) = self.faults().into_iter().next() {
            return (whole, Err(fault));
        }
        let evaluator = Evaluator::default();
        let mut budget = Budget { left: MAX_WORK, body_len: delivery.body.len() };
        let mut base = BTreeMap::new();
        base.insert("body".to_owned(), context::value(&body));
        base.insert("headers".to_owned(), context::headers(delivery.headers));
        let own_id = self.delivery_id.as_ref().and_then(|source| {
            let value = budget.eval(&evaluator.compile(source).ok()?, Value::from(base.clone())).ok()?;
            text_of(&value)
        });
        let mut tried = Vec::new();
        for rule in &self.rules {
            let mut run = Run { rule, evaluator: &evaluator, budget: &mut budget, system: &self.name };
            match run.is_for(delivery, &base) {
                Ok(true) => run.apply(&base, &mut tried),
                Ok(false) => {}
                Err(error) => tried.push(Tried::Failed { rule: rule.name.clone(), error }),
            }
        }
        (own_id.or(whole), Ok(tried))
    }
}

type Context = BTreeMap<String, Value>;

struct Run<'r> {
    rule: &'r Rule,
    evaluator: &'r Evaluator,
    budget: &'r mut Budget,
    system: &'r str,
}

/// A rule whose expressions were compiled, once for all its elements.
struct CompiledRule<'r> {
    event: Compiled<'r>,
    drops: Vec<(Compiled<'r>, &'r str)>,
    fields: Vec<(&'r str, Compiled<'r>)>,
    lists: Vec<CompiledList<'r>>,
}

struct CompiledList<'r> {
    path: &'r str,
    each: Compiled<'r>,
    fields: Vec<(&'r str, Compiled<'r>)>,
}

impl<'r> Run<'r> {
    fn eval(&mut self, field: &str, source: &'r str, context: &Context) -> Result<Value, FieldError> {
        let compiled = self.evaluator.compile(source);
        let value = compiled.and_then(|compiled| self.budget.eval(&compiled, Value::from(context.clone())));
        value.map_err(|reason| FieldError::new(field, reason))
    }

    fn is_for(&mut self, delivery: &Delivery<'_>, base: &Context) -> Result<bool, FieldError> {
        for condition in &self.rule.conditions {
            let holds = match condition {
                Condition::Header { header, is } => {
                    let own = delivery.headers.get(header);
                    own.is_some_and(|own| is.iter().any(|wanted| wanted.eq_ignore_ascii_case(own)))
                }
                Condition::Expression { expression } => self.eval("match", expression, base)?.is_true(),
            };
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn apply(&mut self, base: &Context, tried: &mut Vec<Tried>) {
        let rule = self.rule.name.clone();
        let failed = |error| Tried::Failed { rule: rule.clone(), error };
        let elements = match &self.rule.each {
            None => vec![Value::UNDEFINED],
            Some(each) => match self.eval("each", each, base) {
                Ok(list) => elements(&list).collect(),
                Err(error) => return tried.push(failed(error)),
            },
        };
        let compiled = match CompiledRule::new(self.rule, self.evaluator) {
            Ok(compiled) => compiled,
            Err(error) => return tried.push(failed(error)),
        };
        let all = elements.len();
        for (index, item) in elements.into_iter().enumerate() {
            if tried.len() >= MAX_EVENTS {
                let reason = format!("has {all} elements; at most {MAX_EVENTS} become events");
                return tried.push(failed(FieldError::new("each", reason)));
            }
            let mut context = base.clone();
            context.insert("item".to_owned(), item);
            context.insert("index".to_owned(), Value::from(index));
            tried.push(match self.element(&compiled, &context) {
                Ok(one) => one,
                Err(error) => failed(error),
            });
        }
    }

    /// One event.
    fn element(&mut self, compiled: &CompiledRule<'_>, context: &Context) -> Result<Tried, FieldError> {
        let rule = self.rule.name.clone();
        let mut eval = |field: &str, compiled: &Compiled<'_>, context: &Context| {
            self.budget.eval(compiled, Value::from(context.clone())).map_err(|reason| FieldError::new(field, reason))
        };
        for (drop, because) in &compiled.drops {
            if eval("drop_if", drop, context)?.is_true() {
                return Ok(Tried::Dropped { rule, because: (*because).to_owned() });
            }
        }
        let name = eval("event", &compiled.event, context)?;
        let name = text_of(&name).ok_or_else(|| FieldError::new("event", "is no name of an event"))?;
        let is_identify = name == "identify";
        let mut event = Map::new();
        event.insert("type".into(), json!(if is_identify { "identify" } else { "track" }));
        if !is_identify {
            event.insert("event".into(), json!(name));
        }
        let mut event = Json::Object(event);
        let mut warnings = Vec::new();
        for (path, expression) in &compiled.fields {
            match eval(path, expression, context).and_then(|value| field(path, &value)) {
                Ok(Some(value)) => put(&mut event, path, value),
                Ok(None) => {}
                Err(error) => warnings.push(error),
            }
        }
        for list in &compiled.lists {
            let whole = match eval(list.path, &list.each, context) {
                Ok(whole) => whole,
                Err(error) => {
                    warnings.push(error);
                    continue;
                }
            };
            let mut objects = Vec::new();
            for (place, line) in elements(&whole).take(MAX_LINES).enumerate() {
                let mut context = context.clone();
                context.insert("line".to_owned(), line);
                let mut object = Map::new();
                for (name, expression) in &list.fields {
                    let path = format!("{}[{place}].{name}", list.path);
                    match eval(&path, expression, &context).and_then(|value| field(&path, &value)) {
                        Ok(Some(value)) => drop(object.insert((*name).to_owned(), value)),
                        Ok(None) => {}
                        Err(error) if warnings.len() < MAX_WARNINGS => warnings.push(error),
                        Err(_) => {}
                    }
                }
                if !object.is_empty() {
                    objects.push(Json::Object(object));
                }
            }
            if !objects.is_empty() {
                put(&mut event, list.path, objects.into());
            }
        }
        for path in &self.rule.required {
            if at(&event, path).is_none() {
                let failed = warnings.into_iter().find(|warning| warning.field == *path);
                return Err(
                    failed.unwrap_or_else(|| FieldError::new(path, "is needed, and its expression gives nothing"))
                );
            }
        }
        shorten(&mut event, self.rule.lists.keys(), &mut warnings)?;
        if event.get("messageId").is_none() {
            let id = format!(
                "{}:{}",
                self.system.chars().take(40).collect::<String>(),
                digest(event.to_string().as_bytes())
            );
            put(&mut event, "messageId", json!(id));
        }
        Ok(Tried::Event { rule, event, warnings })
    }
}

impl<'r> CompiledRule<'r> {
    fn new(rule: &'r Rule, evaluator: &'r Evaluator) -> Result<Self, FieldError> {
        let compile =
            |field: &str, source: &'r str| evaluator.compile(source).map_err(|reason| FieldError::new(field, reason));
        let fields = |fields: &'r BTreeMap<String, String>| {
            fields
                .iter()
                .map(|(path, source)| Ok((path.as_str(), compile(path, source)?)))
                .collect::<Result<Vec<_>, FieldError>>()
        };
        let list = |(path, list): (&'r String, &'r ListField)| {
            Ok(CompiledList { path: path.as_str(), each: compile(path, &list.each)?, fields: fields(&list.fields)? })
        };
        Ok(Self {
            event: compile("event", &rule.event)?,
            drops: rule
                .drop_if
                .iter()
                .map(|drop| Ok((compile("drop_if", &drop.expression)?, drop.because.as_str())))
                .collect::<Result<_, FieldError>>()?,
            fields: fields(&rule.fields)?,
            lists: rule.lists.iter().map(list).collect::<Result<_, FieldError>>()?,
        })
    }
}
