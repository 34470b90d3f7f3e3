//! What operators of a deployed stack use.
//!
//! - [`deployment`] is a stack that is deployed in AWS: finding it, checking it, repairing it;
//! - [`costs`] computes what a deployment costs a month.

pub mod costs;
pub mod deployment;
