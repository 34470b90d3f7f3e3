//! Policy: every number the rules use and every journey, as data. The default is the documented file
//! `policy.toml` of this crate.

mod error;
mod file;
mod journey;
mod load;
mod names;
mod policy;
mod step;
mod text;
mod values;

pub use error::PolicyError;
pub use journey::Journey;
pub use policy::Policy;
pub use step::{Spent, Step};
pub use text::DEFAULT_POLICY;
pub use values::PolicyValues;

#[cfg(test)]
mod tests;
