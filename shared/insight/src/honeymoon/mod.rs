//! The honeymoon: how long after the first order customers who stay are more active than later.

mod report;
mod step;
mod summary;

pub use report::{Fall, HoneymoonReport, PosteriorWeeks, Verdict};
pub use step::{Step, find_step};
pub use summary::{Honeymoon, WINDOWS};
