//! A shop's connection to a shop system, as it is stored: which system, the keys that it signs with, and what the shop decides about it.
//!
//! The stored form has a version, and its parts are read when they are needed: a connection that a later version wrote still accepts
//! deliveries here, which are kept until somebody can read them.
mod change;
mod connection;
mod stored_delivery;

pub use change::{ConnectionChange, MAX_SECRETS};
pub use connection::{
    Connection, ConnectionError, CustomersBy, DEFAULT_KEEP_DAYS, KEPT_UNREAD_DAYS, MAX_KEEP_DAYS, VERSION,
};
pub use stored_delivery::{about, kept_headers, stored_headers};
