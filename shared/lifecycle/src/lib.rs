//! The rules of Rekindle, and nothing else: no clock, no environment, no network, no random numbers.
pub mod attempt;
pub mod channel;
pub mod contact;
pub mod fact;
pub mod id;
pub mod money;
pub mod order;
