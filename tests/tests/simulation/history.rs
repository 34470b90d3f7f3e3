//! What the outside saw: its requests, the answers, and the messages that reached it. Beyond that, the checker knows
//! only what the engine's own API returns in the end.

use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// Everything that the outside saw in one history.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// Events that were acknowledged to shops as stored.
    pub(crate) acknowledged: Vec<Acknowledged>,
    /// Messages that the provider accepted.
    pub(crate) accepted: Vec<Accepted>,
    /// When each message was claimed, by its id.
    pub(crate) claims: BTreeMap<String, Vec<Timestamp>>,
    /// When each message took a place in its mailbox, by its id.
    pub(crate) places: BTreeMap<String, Vec<Timestamp>>,
    /// Refusals of customers that were answered with success: customer, channel, when.
    pub(crate) refused: Vec<(Customer, &'static str, Timestamp)>,
    /// Bounces and complaints that `feedback` processed and removed from the queue: customer, when.
    pub(crate) harmed: Vec<(Customer, Timestamp)>,
    /// Erasures that were answered as complete: customer, when the last call began, when it was answered.
    pub(crate) erased: BTreeMap<Customer, (Timestamp, Timestamp)>,
    /// The dead letters of `advance` that the operator found: who was not advanced until then.
    pub(crate) left_behind: Vec<String>,
    /// Whose links led nowhere.
    pub(crate) dead_links: Vec<Customer>,
    /// Changes of settings that were answered as stored.
    pub(crate) edits: u64,
    /// Calls to a partition that took no more for some minutes.
    pub(crate) throttled: u64,
    /// Tasks that were published on the bus, by their ids.
    pub(crate) tasks: Vec<String>,
    /// Tasks whose event the bus refused for good: they are on the list, which is what counts.
    pub(crate) untold_tasks: Vec<String>,
}

/// A customer of a shop.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Customer {
    pub(crate) shop: String,
    pub(crate) id: String,
}

/// An event that was answered with success.
#[derive(Debug, Clone)]
pub(crate) struct Acknowledged {
    pub(crate) customer: Customer,
    pub(crate) event: Value,
}

/// A message that the provider accepted.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    /// The number of the acceptance.
    pub(crate) number: usize,
    pub(crate) channel: &'static str,
    pub(crate) message: String,
    /// Whom it is for, by the shop's id for them.
    pub(crate) customer: Customer,
    /// The id under which it was sent: of the guest, before it is known who that is.
    pub(crate) id: String,
    pub(crate) journey: String,
    pub(crate) step: String,
    pub(crate) to: String,
    /// Everything that can be read in it.
    pub(crate) text: String,
    /// The customer's unsubscribe link.
    pub(crate) unsubscribe: Option<String>,
    pub(crate) at: Timestamp,
    /// The provider itself doubled the message; this is the second one.
    pub(crate) doubled: bool,
    /// There is no evidence in time if the sender did not get the answer: the events arrive hours late or not at all, or the
    /// channel has none.
    pub(crate) unheard: bool,
}
