//! The repeat rate: customers who ordered again, and what they are worth.

mod report;
mod summary;

pub use report::{LastYear, RepeatReport};
pub use summary::Repeat;
