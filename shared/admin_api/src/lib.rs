//! What the functions `admin` and `settings` share, both of which the platform team calls with a shop's admin key.
//!
//! The cast: [`Caller`] is whose shop a key opens and who holds it; [`Call`] is a request of theirs, read; [`Verb`] is what is
//! to be done; [`answer`] has the forms of what is answered, and [`Problem`] says why nothing was done.
//!
//! What is guaranteed:
//! - the shop comes from the key alone, and a write key opens nothing here;
//! - no answer and no log line repeats a key.

pub mod answer;
mod call;
mod caller;
mod path;
mod problem;

pub use call::Call;
pub use caller::Caller;
pub use path::{Verb, decoded};
pub use problem::Problem;
