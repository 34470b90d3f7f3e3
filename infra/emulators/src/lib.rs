//! AWS as far as Rekindle talks to it, emulated on one machine. The real SDK clients connect over HTTP.
//!
//! - [`Cloud`] owns everything below, and the file `cloud.db` in which all of it survives a crash;
//! - [`Queues`] are SQS's queues: the SDK reaches them over HTTP, the local stack's pump directly;
//! - [`Mailbox`] keeps every mail that SES accepted and every text that SNS accepted, complete;
//! - [`OptOuts`] are the phone numbers that answered STOP, [`SuppressedAddresses`] the addresses that SES delivers nothing to;
//! - [`BusEvents`] are the events that were put on EventBridge's buses;
//! - [`ses`] checks and accepts mails, and publishes their outcomes to the feedback queue;
//! - [`sns`] checks and accepts texts; [`sqs`] is the HTTP API of the queues;
//! - [`eventbridge`] checks and stores events;
//! - [`services::router`] is the one HTTP endpoint of all of them;
//! - [`Faults`] makes calls fail in the ways in which calls to AWS can fail, for tests;
//! - [`file_lock`] reserves a file for one process at a time; [`private_files`] are read by their owner alone.

mod cloud;
mod error;
pub mod eventbridge;
mod faults;
pub mod file_lock;
mod identifiers;
pub mod private_files;
pub mod services;
pub mod ses;
pub mod sns;
pub mod sqs;
pub mod storage;

pub use cloud::{Cloud, CloudSettings};
pub use error::CloudError;
pub use faults::{Call, Fault, Faults, Matching, Service};
pub use ses::Outcome;
pub use storage::{
    BusEvent, BusEvents, Counts, Durability, Mailbox, MailboxFilter, Message, MessageTags, NewBusEvent, NewMessage,
    OptOuts, Outgoing, Page, QueueDepth, QueueSettings, QueuedMessage, Queues, Redrive, Request, Sent, Summary,
    SuppressedAddresses, SuppressedReason,
};
