//! What all summaries have in common.

use crate::buyer::Buyer;
use crate::stored::Stored;

/// What one pass over the customers gathers for a subject. Adding customers in any order, in any split into parts that are then
/// merged, gives the same bytes.
///
/// Sums inside are integers, so no order of additions can change a bit. Floats come after merging, in the report.
pub trait Summary: Stored {
    /// Adds a customer, who must not be in it yet.
    fn add(&mut self, buyer: &Buyer);

    /// Adds the customers of another summary, none of whom may be in this one.
    ///
    /// # Errors
    /// The other summary looks at another history, or asks something else of it. This one is unchanged then.
    fn merge(&mut self, other: &Self) -> Result<(), Mismatch>;
}

/// Two summaries do not look at the same history in the same way, so they cannot be merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the summaries look at different histories")]
pub struct Mismatch;

impl Mismatch {
    /// Nothing if what both summaries ask is equal.
    ///
    /// # Errors
    /// It is not.
    pub fn unless_equal<Asked: PartialEq>(one: &Asked, other: &Asked) -> Result<(), Self> {
        if one == other { Ok(()) } else { Err(Self) }
    }
}
