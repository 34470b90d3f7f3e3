//! What Amazon Pinpoint leaves behind: its exports, read into what Rekindle has in their place.
//!
//! The cast:
//! - [`Endpoint`] is one line of an export of endpoints or of a segment;
//! - [`Endpoints`] reads them from a file, CSV or one JSON object a line, gzipped or not, as events to post;
//! - [`Tally`] counts them, for a look before anything is posted;
//! - [`journeys`] turns journeys, limits and quiet time into a policy.
//!
//! Forms are those of Pinpoint's API of 2016-12-01, and of the files that its export jobs and its console wrote.

mod endpoint;
mod endpoints;
mod file;
pub mod journeys;
mod tally;

pub use endpoint::{Endpoint, Means, OptedIn};
pub use endpoints::Endpoints;
pub use tally::Tally;
