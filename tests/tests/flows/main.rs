//! Flows through the whole engine: real handlers, real tables on disk, the real SDK over HTTP, the local SES,
//! SNS and SQS with planned faults. Time is virtual and moved by the tests; nothing sleeps.
//!
//! - [`stage`] is a running stack with the queries that the tests make;
//! - [`gate`] sits between the SDK and the tables and lets a test refuse or hold a single call;
//! - [`observer`] records which function calls what, by [`leading_keys`] with which keys;
//! - [`roles`] evaluates the roles of the template over calls;
//! - [`split`] puts the events of a customer under two ids, [`split_flows`] names the flows that hold then, too;
//! - [`virtual_time`] is the clock for simulations of many workers;
//! - the other modules are tests, each about one promise.

mod bad_input;
mod caps;
mod cdnow;
mod crashes;
mod dead_letters;
mod erasure;
mod feedback;
mod feeds;
mod fold;
mod future_kinds;
mod gate;
mod golden_events;
mod identity;
mod inbound_texts;
mod journeys;
mod largest_policy;
mod late;
mod leading_keys;
mod live_edits;
mod loops;
mod mailboxes;
mod many_senders;
mod observer;
mod opt_outs;
mod outcomes;
mod permissions;
mod poison;
mod policy;
mod products;
mod queues;
mod races;
mod rebuild;
mod recheck;
mod refused;
mod restore;
mod roads;
mod roles;
mod sending_health;
mod sending_rate;
mod split;
mod split_flows;
mod stage;
mod sweeps;
mod trouble;
mod unknown;
mod virtual_time;
mod ways_back;
mod webhooks;
