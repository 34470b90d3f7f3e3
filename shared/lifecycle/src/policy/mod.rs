//! Policy: every number the rules use and every journey, as data. The default is the documented file
//! `policy.toml` of this crate.

mod error;
mod file;
mod journey;
mod limits;
mod load;
mod names;
mod policy;
mod step;
mod text;
mod values;

pub use error::PolicyError;
pub use journey::Journey;
pub use limits::{
    MAX_CANDIDATE_ZONES, MAX_CAP, MAX_CODE_CHARS, MAX_CONDITIONS, MAX_FACTOR, MAX_JOURNEYS, MAX_OFF_SEASONS,
    MAX_POLICY_BYTES, MAX_STEPS,
};
pub use policy::Policy;
pub use step::{Spent, Step};
pub use text::DEFAULT_POLICY;
pub use values::PolicyValues;

#[cfg(test)]
mod tests;
