//! What all rooms of the store share: how the tables look, how keys and attributes are spelled, the calls, their cost and their
//! errors.

pub(crate) mod attributes;
pub(crate) mod batch;
pub(crate) mod calls;
pub mod capacity;
pub mod error;
pub mod guarded;
pub mod keys;
mod prime;
pub mod tables;
mod transaction;
