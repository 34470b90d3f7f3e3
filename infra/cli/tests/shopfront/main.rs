//! What a shop and its platform team do with a running stack: import a history, change settings, look at a customer.
//! Everything goes over HTTP to the real local stack in this process.

mod admin;
mod erasure;
mod import;
mod interruptions;
mod pinpoint;
mod policy;
mod stage;
