//! The events of a customer under two ids of one mailbox, drawn at random.

use crate::virtual_time::Draws;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

thread_local! {
    /// How the events of the stages that are created on this thread are split.
    static PRESENT: RefCell<Option<Way>> = const { RefCell::new(None) };
}

/// The second id of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Second {
    /// Another id of the shop: the two stay two customers, and have the mailbox in common.
    AnotherId,
    /// A guest with the same address, who is joined with the customer.
    Guest,
}

/// A way to split: what the second id is, and by which draws.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way {
    pub(crate) second: Second,
    pub(crate) seed: u64,
}

/// What tells consent, which is said under one id only. Everything else about a person is known under both.
const CONSENT: &str = "consent";

impl Way {
    /// The way of this thread.
    pub(crate) fn present() -> Option<Self> {
        PRESENT.with_borrow(|way| *way)
    }

    /// Splits the events of the stages that some work makes on this thread.
    pub(crate) fn split<T>(self, work: impl FnOnce() -> T) -> T {
        struct Reset;
        impl Drop for Reset {
            fn drop(&mut self) {
                PRESENT.set(None);
            }
        }
        PRESENT.set(Some(self));
        let _reset = Reset;
        work()
    }
}

/// Splits the events of one stage. Clones draw from the same numbers.
#[derive(Clone)]
pub(crate) struct Split {
    way: Way,
    draws: Arc<Draws>,
    /// The addresses of each customer, the present one last.
    addresses: Arc<Mutex<BTreeMap<String, Vec<String>>>>,
}

impl Split {
    pub(crate) fn new(way: Way) -> Self {
        Self { way, draws: Arc::new(Draws::new(way.seed)), addresses: Arc::default() }
    }

    pub(crate) fn second(&self) -> Second {
        self.way.second
    }

    /// Whether what comes next comes under the second id.
    pub(crate) fn draws_second(&self) -> bool {
        self.draws.happens(500)
    }

    /// The addresses of a customer that were told, the present one last.
    pub(crate) fn addresses(&self, customer: &str) -> Vec<String> {
        let addresses = self.addresses.lock().expect("no panic");
        addresses.get(customer).cloned().unwrap_or_else(|| vec![format!("{customer}@example.com")])
    }

    /// The same events, some of them under the second id.
    pub(crate) fn of_events(&self, events: &[Value]) -> Vec<Value> {
        events.iter().flat_map(|event| self.of_event(event)).collect()
    }

    /// Both ids know the person; what happens, and what they agree to, comes under one of them.
    fn of_event(&self, event: &Value) -> Vec<Value> {
        let Some(customer) = event["userId"].as_str() else { return vec![event.clone()] };
        let has_changed = self.note_address(event, customer);
        let is_second = self.draws_second();
        let (mut under, mut profile) = (event.clone(), self.profile(event, customer));
        let tells_nothing = profile["traits"].as_object().is_none_or(serde_json::Map::is_empty);
        match self.way.second {
            Second::AnotherId => {
                let told = if is_second { &mut under } else { &mut profile };
                told["userId"] = another_id(customer).into();
            }
            // Who has another address now can only say so under an id that is not made of the address.
            Second::Guest if is_second && !has_changed => under = self.as_guest(event, customer),
            Second::Guest => profile = self.as_guest(&profile, customer),
        }
        if tells_nothing { vec![under] } else { vec![profile, under] }
    }

    /// Notes the address that an event tells; whether it is another one than before.
    fn note_address(&self, event: &Value, customer: &str) -> bool {
        let told = event["traits"]["email"].as_str().or_else(|| event["context"]["traits"]["email"].as_str());
        let Some(address) = told else { return false };
        let mut addresses = self.addresses.lock().expect("no panic");
        let known = addresses.entry(customer.to_owned()).or_default();
        let is_another = !known.is_empty() && known.last().is_some_and(|last| last != address);
        known.retain(|known| known != address);
        known.push(address.to_owned());
        is_another
    }

    fn as_guest(&self, event: &Value, customer: &str) -> Value {
        let mut event = event.clone();
        event.as_object_mut().expect("an event").remove("userId");
        let traits = if event["type"] == "identify" { &mut event["traits"] } else { &mut event["context"]["traits"] };
        traits["email"] = self.addresses(customer).pop().expect("an address").into();
        event
    }

    /// What an event tells of the person, consent aside, as a call of its own.
    fn profile(&self, event: &Value, customer: &str) -> Value {
        let mut traits = json!({});
        for told in [&event["context"]["traits"], &event["traits"]] {
            for (name, value) in told.as_object().into_iter().flatten() {
                if !name.contains(CONSENT) {
                    traits[name] = value.clone();
                }
            }
        }
        let id = event["messageId"].as_str().unwrap_or_default();
        json!({
            "type": "identify", "userId": customer, "messageId": format!("{id}-both"),
            "timestamp": event["timestamp"], "traits": traits,
        })
    }
}

/// The other id of the shop.
pub(crate) fn another_id(customer: &str) -> String {
    format!("{customer}-again")
}
