//! What strangers can do: bodies, tokens, events and files that nobody should send, other shops' keys and ids, and whoever
//! reads the logs. Everything goes through the real handlers on the real engine, in virtual time.
//!
//! - [`stage`] is a running stack with two shops, called as API Gateway calls;
//! - [`values`] makes what nobody should send;
//! - [`description`] compares the description of the HTTP API with what answers, [`schemathesis`] tries it out;
//! - the other modules are tests, each about one promise.

mod access;
mod description;
mod files;
mod isolation;
mod limits;
mod logs;
mod pages;
mod provider_events;
mod schemathesis;
mod shop_events;
mod stage;
mod templates;
mod values;
