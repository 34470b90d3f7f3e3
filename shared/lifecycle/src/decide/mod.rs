//! The one decision about a customer, and what it consists of.

mod budget;
mod decide;
mod decision;
mod eligibility;
mod frequency_cap;
mod plan;
mod planner;
mod referrals;
mod runs;
mod steps;

pub use budget::{MAX_DECISION_STEPS, MAX_ENTRIES, MAX_MESSAGES};
pub use decide::decide;
pub use decision::{Decision, Entry, ReferralNews};
pub(crate) use frequency_cap::free_at;
pub use plan::Plan;

pub use eligibility::{Verdict, stored_orders_matter_since, verdict};
