//! How many first-time buyers come back, and when.

mod report;
mod summary;

pub use report::{LadderStep, MatureShare, QuantileDays, SecondOrderOfMonth, SecondOrderReport, ShareWithin};
pub use summary::{LADDER_STEPS, SecondOrder};
