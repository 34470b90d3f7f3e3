//! What customers are worth by their age, against what they cost.

mod acquisition;
mod curve;
mod dead_contacts;
mod formula;
mod report;

pub use acquisition::Acquisition;
pub use curve::{AGE_STEP, AGES, ValueCurve};
pub use dead_contacts::{AgeBand, DeadContacts, DeadShare};
pub use formula::{Offer, TakeUp, ValueFormula};
pub use report::{AgeValue, LtvReport, Terms};
