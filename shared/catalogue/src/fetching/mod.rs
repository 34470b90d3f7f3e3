//! Feeds that are fetched by themselves: which ones a shop named, when each is due, and what became of it.
//!
//! A [`FeedSource`] is what the shop says; [`FetchState`] is where its fetching stands. It is claimed before it is fetched
//! ([`FetchState::claim`]), so that two fetchers do not do the same, and ends with a [`FetchReport`] ([`FetchState::finish`]) that decides
//! when it is due again.

mod name;
mod report;
mod source;
mod state;

pub use name::FeedName;
pub use report::{FetchCounts, FetchOutcome, FetchReport, MAX_REASONS};
pub use source::FeedSource;
pub use state::{FeedVersion, FetchProgress, FetchState, Fetched, LEASE};
