//! Rows that are no orders: customers with their consents, and things that happened.

mod consents;
mod customer;
mod happening;

pub(crate) use customer::customer;
pub(crate) use happening::happening;
