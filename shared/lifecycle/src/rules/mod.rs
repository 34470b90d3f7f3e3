//! The numbers and choices of a policy, each group with what it means.

pub(crate) mod channel_table;
mod condition;
mod consent;
mod coupon;
mod event_names;
mod frequency_cap;
mod identity;
mod journeys;
mod referral;
mod stage;

pub use condition::Condition;
pub use consent::ConsentRules;
pub use coupon::{CouponOffer, CouponSource};
pub use event_names::EventNames;
pub use frequency_cap::FrequencyCap;
pub use identity::IdentityRules;
pub use journeys::{Experiment, ImportRules, NpsRules};
pub use referral::ReferralRules;
pub use stage::{Silence, SilenceByClass, StageRules};
