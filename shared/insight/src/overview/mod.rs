//! What the history holds, and whether it may begin in the middle of the shop's life.

mod report;
mod summary;

pub use report::OverviewReport;
pub use summary::Overview;
