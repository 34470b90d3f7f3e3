//! What a shop sells: its products and their variants, the feeds that say so, and which inventory item each is.

pub mod changes;
pub mod feeds;
pub mod inventory_items;
mod item;
pub mod products;
mod stock;

pub use stock::MAX_VARIANTS;
