//! Storage of the local cloud: one SQLite file with the queues, the mailbox, the opt-outs and the events.

mod bus_events;
mod database;
mod delivery;
mod mailbox;
mod message;
mod opt_outs;
mod queues;
mod suppressed;

pub use bus_events::{BusEvent, BusEvents, NewBusEvent};
pub(crate) use database::Database;
pub use database::Durability;
pub(crate) use delivery::is_receipt;
pub use mailbox::{Counts, Mailbox, MailboxFilter, Page};
pub use message::{Message, MessageTags, NewMessage, Request, Summary};
pub use opt_outs::OptOuts;
pub use queues::{Outgoing, QueueDepth, QueueSettings, QueuedMessage, Queues, Redrive, Sent};
pub use suppressed::{SuppressedAddresses, SuppressedReason};
