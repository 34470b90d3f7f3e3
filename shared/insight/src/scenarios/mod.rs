//! Where customers go after their first order, and what the best ones buy.

mod ideal_profile;
mod profile_report;
mod report;
mod summary;

pub use ideal_profile::{CategoryCode, IdealProfile, MAX_CATEGORIES};
pub use profile_report::{ProfileCategory, ProfileReport};
pub use report::{Parting, Scenario, ScenarioReport};
pub use summary::{SCENARIO_DAYS, Scenarios};
