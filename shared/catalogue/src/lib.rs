//! What a shop sells, as far as it is known: pure rules, without clock, network or tables.
//!
//! A [`Product`] is one thing that can be bought: a product, or one variant of it ([`ProductId`]). What is known of it comes from
//! three sides, in any order:
//! - a [`Statement`] of the shop, by the API, a feed or a shop system. Each [`Source`] says all it knows at once; its newest
//!   statement holds;
//! - a [`Sighting`]: what an order or a visit shows of a product. It fills in what no source says;
//! - a [`StockLevel`]: a shop system tells only how many are left of a variant at one place.
//!
//! [`Product::offer`] is what holds of all that at an instant: name, page, picture, price, availability. Each of the three
//! answers whether it changed anything, so that what is known already is never written again.
//!
//! [`feed`] reads Google Merchant feeds as statements, entry by entry; [`fetching`] says when a feed that a shop named is to be fetched.

mod availability;
pub mod feed;
pub mod fetching;
mod offer;
mod price_history;
mod product;
mod product_id;
mod register;
mod sighting;
mod statement;
mod stock;

pub use availability::Availability;
pub use offer::Offer;
pub use price_history::PriceHistory;
pub use product::{Leaving, Product};
pub use product_id::ProductId;
pub use sighting::Sighting;
pub use statement::{Sale, Source, Statement};
pub use stock::{MAX_PLACES, StockLevel, StockLevels, StockReport};
