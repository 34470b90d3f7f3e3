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
    /// The address of each customer.
    addresses: Arc<Mutex<BTreeMap<String, String>>>,
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

    /// The address of a customer, as far as it was told.
    pub(crate) fn address(&self, customer: &str) -> String {
        let addresses = self.addresses.lock().expect("no panic");
        addresses.get(customer).cloned().unwrap_or_else(|| format!("{customer}@example.com"))
    }

    /// The same events, some of them under the second id.
    pub(crate) fn of_events(&self, events: &[Value]) -> Vec<Value> {
        events.iter().flat_map(|event| self.of_event(event)).collect()
    }

    fn of_event(&self, event: &Value) -> Vec<Value> {
        let Some(customer) = event["userId"].as_str() else { return vec![event.clone()] };
        let new_address = told(event, "email");
        let has_changed = new_address.as_ref().is_some_and(|address| {
            let mut addresses = self.addresses.lock().expect("no panic");
            addresses.insert(customer.to_owned(), address.clone()).is_some_and(|before| before != *address)
        });
        let is_second = self.draws_second();
        match self.way.second {
            // Who has another address now can only say so under an id that is not made of the address.
            Second::Guest if is_second && !has_changed => vec![self.as_guest(event, customer)],
            Second::Guest => vec![event.clone()],
            Second::AnotherId => {
                let (mut under, mut profile) = (event.clone(), self.profile(event, customer));
                let told = if is_second { &mut under } else { &mut profile };
                told["userId"] = another_id(customer).into();
                let tells_nothing = profile["traits"].as_object().is_none_or(serde_json::Map::is_empty);
                if tells_nothing { vec![under] } else { vec![profile, under] }
            }
        }
    }

    fn as_guest(&self, event: &Value, customer: &str) -> Value {
        let mut event = event.clone();
        event.as_object_mut().expect("an event").remove("userId");
        let traits = if event["type"] == "identify" { &mut event["traits"] } else { &mut event["context"]["traits"] };
        traits["email"] = self.address(customer).into();
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
        json!({
            "type": "identify", "userId": customer, "messageId": format!("{}-both", event["messageId"]),
            "timestamp": event["timestamp"], "traits": traits,
        })
    }
}

/// The other id of the shop.
pub(crate) fn another_id(customer: &str) -> String {
    format!("{customer}-again")
}

fn told(event: &Value, name: &str) -> Option<String> {
    let value = event["traits"][name].as_str().or_else(|| event["context"]["traits"][name].as_str());
    value.map(str::to_owned)
}
