//! What a shop sells: its products and their variants, and the feeds that say so.

pub mod changes;
pub mod feeds;
mod item;
pub mod products;
