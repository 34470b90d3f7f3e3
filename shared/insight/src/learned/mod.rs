//! Everything that customers' orders alone tell, together: two passes over the customers, then all reports.
//!
//! The first pass ([`Gathered`]) learns limits; the second ([`Placed`]) puts customers into segments by them. Both merge as all
//! summaries do. [`Learned`] holds the reports.

mod gathered;
mod placed;
mod reports;
mod terms;

pub use gathered::{Gathered, Scales};
pub use placed::Placed;
pub use reports::{Learned, Said};
pub use terms::LearningTerms;
