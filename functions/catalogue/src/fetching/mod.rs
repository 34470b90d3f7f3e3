//! Fetching the feeds that shops named, on a schedule.
//!
//! [`fetch_due`] goes through those that are due, the longest waiting first, and `Catalogue::fetch` takes one in while it comes:
//! the bytes go to a thread that reads them as a feed (`reader`), which hands over products by the batch, and these are
//! stored as a call with `PUT /v1/products` would store them. Nothing but the names of the products, as hashes, is held of the whole.
//!
//! What is guaranteed:
//! - a feed is fetched by one fetcher at a time; one that stops is followed by another after its claim is over;
//! - what is known already is not written, so that stopping anywhere and beginning again changes nothing;
//! - only a feed that was read to its end can mark products as discontinued, and never most of them;
//! - whatever happens, the shop's people see it at the feed.

mod missing;
mod one;
mod reader;
mod schedule;

pub use one::Limits;
pub use schedule::{FetchedFeeds, due_feeds, fetch_due};
