//! A text of a customer that no rule understands: a fact on the timeline, and a task for the shop's people with all of it. The
//! task's id follows from the fact.

use crate::shop::task::Task;
use crate::table::keys::CustomerKey;
use jiff::Timestamp;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::facts::{Event, Fact, OtherEvent, Traits};
use rekindle_lifecycle::id::MessageId;

/// The journey that such tasks name.
const JOURNEY: &str = "text-message";
const STEP: &str = "answer";
/// What the name of the event begins with.
const PREFIX: &str = "SMS: ";
/// The longest text on the timeline, in characters; with its prefix it still fits the name of an event.
const MAX_KEPT_CHARS: usize = 120;
/// The longest text in a task, in characters: ten parts of a text message.
const MAX_TASK_CHARS: usize = 1_600;

/// The fact of a text, with its beginning.
#[must_use]
pub fn fact_of(id: &str, text: &str, at: Timestamp) -> Fact {
    let event = Event::Other(OtherEvent::named(format!("{PREFIX}{}", on_one_line(text, MAX_KEPT_CHARS))));
    Fact { at, id: id.to_owned(), event, traits: Traits::default() }
}

/// The task of a text, given its fact.
#[must_use]
pub fn task_of(key: &CustomerKey, fact: &Fact, text: &str) -> Task {
    Task {
        id: id(key, fact),
        shop: key.shop.clone(),
        customer: key.customer.clone(),
        journey: JOURNEY.to_owned(),
        step: STEP.to_owned(),
        title: "answer a text message of the customer".to_owned(),
        created_at: fact.at,
        because: "the customer wrote what no rule understands".to_owned(),
        nps: None,
        history: vec![format!("They wrote: {}", on_one_line(text, MAX_TASK_CHARS))],
        notes: Vec::new(),
        closed: None,
    }
}

/// The id of the task that belongs to a fact; `None` if the fact is not of a text.
#[must_use]
pub fn id_of(key: &CustomerKey, fact: &Fact) -> Option<MessageId> {
    matches!(&fact.event, Event::Other(event) if event.name.starts_with(PREFIX)).then(|| id(key, fact))
}

fn id(key: &CustomerKey, fact: &Fact) -> MessageId {
    MessageId::derive(&key.shop, &key.customer, JOURNEY, &fact.id, STEP, Channel::Task.code())
}

fn on_one_line(text: &str, max_chars: usize) -> String {
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(max_chars).collect()
}
