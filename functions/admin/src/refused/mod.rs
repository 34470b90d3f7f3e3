//! Events of the shop that were refused: those of a person, for export and erasure; and all of them, for the shop's people to see and
//! to take in again.

mod event_id;
mod filter;
mod list;
mod retry;
mod sample;
mod search;

pub(crate) use list::{list, show};
pub(crate) use retry::retry;
pub(crate) use search::{Budget, Found, MAX_BYTES, MAX_PAGES, Search};
