//! A shop and its platform team use a running stack: they import a history, change settings, look up a customer. Every
//! call goes over HTTP to the real local stack in this process.

mod admin;
mod erasure;
mod import;
mod interruptions;
mod learned;
mod pinpoint;
mod policy;
mod refused;
mod stage;
