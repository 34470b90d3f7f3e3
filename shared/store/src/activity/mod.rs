//! What happened to customers: facts, messages and decisions, how they are read back, and the events that were refused.

pub mod decisions;
pub mod fact_scan;
pub mod facts;
pub mod item;
pub(crate) mod listed_days;
pub mod messages;
pub mod quarantine;
pub mod recent_facts;
pub mod refused_call;
pub mod refused_days;
pub mod timeline;
