//! The DynamoDB side of Rekindle: the one implementation of storage, on the real SDK client.
//!
//! [`Store`] holds the client, the names of the [`Tables`] and the count of consumed [`Capacity`]. What it can do is in folders:
//! - [`customers`]: the item of a customer, and everything that writes it or finds it;
//! - [`activity`]: the facts, messages and decisions of customers, and the events that were refused;
//! - [`shop`]: what a shop has configured, its API keys, and the tasks of its people;
//! - [`sending`]: what allows, slows or stops a message on its way to a provider;
//! - [`offers`]: coupons and referral codes;
//! - [`catalogue`]: what a shop sells;
//! - [`insight`]: what is learned from the shops' histories, and how far the pass over all customers is;
//! - [`webhooks`]: connections to shop systems, and what these delivered;
//! - [`table`]: how the tables look, how their keys are spelled ([`keys`]), and the calls that everything else makes.
//!
//! [`work`] holds what functions ask of each other through queues. [`StoreError`] tells callers what to do next, without the
//! content of any item.
pub mod activity;
pub mod catalogue;
pub mod customers;
pub mod insight;
pub mod offers;
pub mod sending;
pub mod shop;
mod store;
pub mod table;
pub mod webhooks;
pub mod work;

pub use activity::recent_facts::RecentFacts;
pub use store::Store;
pub use table::capacity::{Capacity, Used};
pub use table::error::StoreError;
pub use table::guarded::Guarded;
pub use table::keys::{self, CustomerKey};
pub use table::tables::Tables;
