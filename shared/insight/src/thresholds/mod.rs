//! After how much silence customers are inactive or lapsed, learned from how long those who return were silent.

mod class;
mod proposal;
mod report;
mod summary;

pub use class::{CLASSES, Class};
pub use proposal::{Direction, PastProposal, Proposal, STANDS_FOR, Threshold, may_propose, propose};
pub use report::{ClassReport, FalseAlarms, ThresholdsReport};
pub use summary::Thresholds;
