//! What a plan says, for people, for programs and for a pull request.

mod change;
mod json;
mod markdown;
mod report;
mod text;
mod words;

pub use change::Change;
pub use report::{Cost, CostLine, Report};
