//! Exports of Amazon Pinpoint, translated into what Rekindle has in their place.
//!
//! - [`Endpoint`] is one line of an export of endpoints or of a segment;
//! - [`Endpoints`] reads them from a file (CSV or one JSON object a line, gzipped or not) as events to post;
//! - [`Tally`] counts them for a dry run;
//! - [`journeys`] translates journeys, limits and quiet time into a policy.
//!
//! The forms are those of Pinpoint's API of 2016-12-01, and of the files of its export jobs and its console.

mod endpoint;
mod endpoints;
pub mod journeys;
mod tally;

pub use endpoint::{ContactAddress, Endpoint, OptedIn};
pub use endpoints::Endpoints;
pub use tally::Tally;
