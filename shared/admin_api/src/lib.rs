//! What the functions share that the platform team calls with a shop's admin key.
//!
//! - [`Api::serve`] takes a request through authentication, routing, the check of its scope and the parsing of what was sent;
//! - [`Caller`] is who calls and what they may do;
//! - [`Call`] is a request of theirs, parsed;
//! - [`answer`] has the forms of responses, and [`Problem`] says why nothing was done.
//!
//! What is guaranteed:
//! - the shop comes from the key alone, and a key reaches only the routes whose scope it has;
//! - no response and no log line repeats a key.

pub mod answer;
mod call;
mod caller;
mod problem;
mod serve;

pub use call::Call;
pub use caller::Caller;
pub use problem::Problem;
pub use serve::Api;
