//! What an attacker can do: malformed bodies, tokens, events and files, other shops' keys and ids, and reading the logs.
//! Everything goes through the real handlers on the real engine, in virtual time.
//!
//! - [`stage`] is a running stack with two shops, called as API Gateway calls;
//! - [`values`] generates malformed values, [`marked_customer`] what happens to one customer whom log lines must not name;
//! - [`description`] compares the description of the HTTP API with what answers, [`schemathesis`] tries it out;
//! - the other modules are tests, each about one promise.

mod access;
mod description;
mod files;
mod isolation;
mod limits;
mod logs;
mod marked_customer;
mod pages;
mod provider_events;
mod schemathesis;
mod senders;
mod shop_events;
mod stage;
mod templates;
mod values;
