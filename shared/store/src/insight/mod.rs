//! What is learned from the shops' histories: how far the pass over all customers is, what it gathered, and the reports that came of it.

pub mod pass;
pub mod pieces;
pub mod proposals;
pub mod reports;
mod revised;

pub use revised::Revised;
