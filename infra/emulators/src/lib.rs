//! AWS as far as Rekindle talks to it, emulated on one machine. The real SDK clients connect over HTTP.
//!
//! - [`Cloud`] owns everything below and the one file, `cloud.db`, in which all of it survives a crash;
//! - [`Queues`] are SQS's queues: over HTTP for the SDK, and directly for the pump that plays Lambda's pollers;
//! - [`Mailbox`] is where every mail that SES and every text that SNS accepted ends up, whole;
//! - [`OptOuts`] are the phone numbers that answered STOP;
//! - [`BusEvents`] are the events that were put on EventBridge's buses;
//! - [`ses`] checks and accepts mails, and publishes what becomes of them to the feedback queue;
//! - [`sns`] checks and accepts texts; [`sqs`] gives the queues their HTTP face;
//! - [`eventbridge`] checks and keeps events;
//! - [`services::router`] is the one HTTP endpoint of all of them;
//! - [`Faults`] lets a test make a call fail in each way in which a cloud call can fail;
//! - [`file_lock`] keeps a file to one process at a time.

mod cloud;
mod error;
pub mod eventbridge;
mod faults;
pub mod file_lock;
mod identifiers;
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
};
