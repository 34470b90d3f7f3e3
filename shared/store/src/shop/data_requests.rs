//! A customer's request for a copy of what is held about them, or for its deletion: a fact, and a task for the shop's people. The
//! task's id follows from the fact.

use crate::shop::task::Task;
use crate::table::keys::{self, CustomerKey};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::facts::{Event, Fact, OtherEvent};
use rekindle_lifecycle::id::MessageId;
use serde_json::Value;

/// The journey that such tasks name.
const JOURNEY: &str = "data-request";

/// The property of such an event that names the shop system which passed it on. Without it the customer asked on the preferences page.
pub const PASSED_ON_BY: &str = "passed_on_by";

/// The names of the events, and what people are asked to do.
const REQUESTS: [(&str, &str); 2] = [
    ("Export Requested", "the customer asks for a copy of everything held about them"),
    ("Erase Requested", "the customer asks for everything held about them to be erased"),
];

/// The task that a fact asks for; `None` if the fact is not such a request.
#[must_use]
pub fn task_of(key: &CustomerKey, fact: &Fact) -> Option<Task> {
    let Event::Other(OtherEvent { name, properties, .. }) = &fact.event else { return None };
    let (name, title) = REQUESTS.into_iter().find(|(known, _)| known == name)?;
    let step = name.to_lowercase().replace(' ', "-");
    let run = keys::occurred_at(fact.at);
    Some(Task {
        id: MessageId::derive(&key.shop, &key.customer, JOURNEY, &run, &step, Channel::Task.code()),
        shop: key.shop.clone(),
        customer: key.customer.clone(),
        journey: JOURNEY.to_owned(),
        step,
        title: title.to_owned(),
        created_at: fact.at,
        because: match properties.get(PASSED_ON_BY).and_then(Value::as_str) {
            Some(system) => format!("{system} passed it on"),
            None => "asked for on the preferences page".to_owned(),
        },
        nps: None,
        history: Vec::new(),
        notes: Vec::new(),
        closed: None,
    })
}
