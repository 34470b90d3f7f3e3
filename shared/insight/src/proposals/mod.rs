//! Values of the policy that a shop's history speaks against: found by a pass, proposed to people, and what became of them.

mod found;
mod proposals;
mod subject;

pub use found::{Found, InForce};
pub use proposals::{Decided, Proposals, Proposed, Standing};
pub use subject::{SUBJECTS, Subject};

pub(crate) use found::find;
