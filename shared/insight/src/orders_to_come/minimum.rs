//! What has to be known before a model is fitted.

use super::fit::NoFit;
use crate::estimate::{Because, Estimate, Needs};

/// Why there is no number, and what is missing for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Missing {
    because: Because,
    needs: Needs,
}

/// Customers that a fit needs.
pub const MIN_CUSTOMERS: u64 = 300;
/// Customers with a second order that a fit needs.
pub const MIN_REPEATERS: u64 = 100;

impl Missing {
    pub(super) const fn new(because: Because, needs: Needs) -> Self {
        Self { because, needs }
    }

    /// An estimate that says so.
    pub(super) const fn estimate(self, n: u64) -> Estimate {
        Estimate::not_yet(n, self.because, self.needs)
    }
}

impl From<NoFit> for Missing {
    fn from(problem: NoFit) -> Self {
        match problem {
            NoFit::NoHistory => Self::new(Because::HistoryTooShort, Needs::OtherData),
            NoFit::NotDetermined | NoFit::NotConverged => Self::new(Because::ModelDoesNotFit, Needs::OtherData),
        }
    }
}

/// Whether there are enough customers, and enough of them who came back.
pub(super) fn enough_customers(customers: u64, repeaters: u64) -> Result<(), Missing> {
    if customers < MIN_CUSTOMERS {
        return Err(Missing::new(Because::TooFewAtRisk, Needs::Customers(MIN_CUSTOMERS - customers)));
    }
    if repeaters < MIN_REPEATERS {
        return Err(Missing::new(Because::TooFewReturned, Needs::Returned(MIN_REPEATERS - repeaters)));
    }
    Ok(())
}

/// Whether the history is twice as long as 80 % of those who come back take to do so.
pub(super) fn enough_history(history_days: u32, usual_return_days: Option<u32>) -> Result<(), Missing> {
    let Some(usual) = usual_return_days else {
        return Err(Missing::new(Because::TooFewReturned, Needs::OtherData));
    };
    match u64::from(usual).saturating_mul(2).saturating_sub(history_days.into()) {
        0 => Ok(()),
        days => Err(Missing::new(Because::HistoryTooShort, Needs::Days(days))),
    }
}
