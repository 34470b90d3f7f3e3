//! Connections to shop systems, and what these delivered.
//!
//! A delivery goes through three places: its body, under a digest, until it expires; the list of those that wait to be read; the list of
//! those that were read, with what became of them. It is in the second until it is in the third.

pub mod connections;
pub mod deliveries;
pub mod last_deliveries;
pub mod mentions;
pub mod placed_orders;
pub mod read_deliveries;
pub mod unread;
