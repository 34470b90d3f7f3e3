//! What the outside saw: what it asked, what it was answered, what reached it. The checker knows nothing else but what the
//! engine's own API says in the end.

use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// Everything that the outside saw in one history.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// Events that shops were told to be stored.
    pub(crate) acknowledged: Vec<Acknowledged>,
    /// What the provider took over.
    pub(crate) accepted: Vec<Accepted>,
    /// When each message was claimed, by its id.
    pub(crate) claims: BTreeMap<String, Vec<Timestamp>>,
    /// Refusals of customers that were answered as done: customer, channel, when.
    pub(crate) refused: Vec<(Customer, &'static str, Timestamp)>,
    /// Bounces and complaints that `feedback` took from the queue for good: customer, when.
    pub(crate) harmed: Vec<(Customer, Timestamp)>,
    /// Tasks that were told on the bus, by their ids.
    pub(crate) tasks: Vec<String>,
    /// Tasks that the bus refused for good: they are on the list, which is what counts.
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

/// A message that the provider took over.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    /// The number of the acceptance.
    pub(crate) number: usize,
    pub(crate) channel: &'static str,
    pub(crate) message: String,
    pub(crate) customer: Customer,
    pub(crate) journey: String,
    pub(crate) step: String,
    pub(crate) to: String,
    /// Everything that can be read in it.
    pub(crate) text: String,
    /// Where its customer can leave.
    pub(crate) unsubscribe: Option<String>,
    pub(crate) at: Timestamp,
    /// The provider itself took it twice; this is the second time.
    pub(crate) doubled: bool,
    /// If whoever sent it did not hear the answer, nobody hears of it: its events come hours late or not at all, or there
    /// are none.
    pub(crate) unheard: bool,
}
