//! Cohorts: customers by the calendar month of their first order, and what became of them month by month.

mod report;
mod summary;

pub use report::{CohortReport, CohortsReport};
pub use summary::Cohorts;
