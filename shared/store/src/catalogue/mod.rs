//! What a shop sells: its products and their variants.

pub mod changes;
mod item;
pub mod products;
