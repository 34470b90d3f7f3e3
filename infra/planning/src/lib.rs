//! What a policy would do over a history of orders: in virtual time, in memory, without a stack.
//!
//! Nothing here decides. Facts are folded by the engine's [`Customer`](rekindle_lifecycle::customer::Customer), decisions are those
//! of [`decide`](rekindle_lifecycle::decide::decide()), a message goes out if [`verdict`](rekindle_lifecycle::decide::verdict()) and
//! [`place_for`](rekindle_lifecycle::mailbox::place_for) let it, and the clock moves from one due time to the next as the sweeps do.
//! What is here is the order in which these are asked, which in a stack follows from queues and tables.
//!
//! The parts:
//! - [`History`] holds the facts of a file, on disk, and hands them over by the household: customers with an address in common, who
//!   share a mailbox and so depend on each other. All others are independent, so memory does not grow with the history;
//! - `household` finds who is one customer, as the engine does; `person` is one customer in virtual time; `mailboxes` is what they share;
//! - [`plan`] plays a policy, or two, over all households, and [`Planned`] counts;
//! - [`Comparison`] says what another policy changes, and for whom; [`Report`] and [`Change`] tell of it.
//!
//! What is not in a history does not happen: nobody opens, clicks, answers, leaves, bounces or closes a task; every provider accepts
//! every message at once. Ids that turn out to be one customer are so from their first order on; the engine joins them when it learns
//! of it. A guest has another id than in a stack, whose fingerprints are keyed, and so other draws.

mod comparison;
mod counts;
mod history;
mod household;
mod identifiers;
mod mailboxes;
mod outcome;
mod person;
mod plan;
mod play;
mod report;
mod span;
mod terms;
#[cfg(test)]
mod tests;

pub use comparison::{Comparison, Difference, MAX_DIFFERENCES};
pub use counts::{Day, Planned, Week};
pub use history::{History, HistoryError};
pub use outcome::{Outcome, Sent};
pub use plan::plan;
pub use report::{Change, Cost, CostLine, Report};
pub use span::Span;
pub use terms::{PartsOfText, Terms};
