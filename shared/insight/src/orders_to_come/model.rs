//! The two order models and their parameters.

use serde::{Deserialize, Serialize};

/// How a customer can be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Model {
    /// After a repeated order only: a customer who ordered once is alive with certainty. For comparison with other software.
    BgNbd,
    /// After any order, the first included. The default: it orders customers better by their chance to be alive.
    MbgNbd,
}

impl Model {
    /// How many times a customer with this many repeats could have been lost before the last order, and was not.
    pub(super) fn survived(self, repeats: u32) -> u32 {
        match self {
            Self::BgNbd => repeats.saturating_sub(1),
            Self::MbgNbd => repeats,
        }
    }

    /// Whether such a customer could have been lost after the last order.
    pub(super) fn may_be_lost(self, repeats: u32) -> bool {
        match self {
            Self::BgNbd => repeats > 0,
            Self::MbgNbd => true,
        }
    }

    /// How many times such a customer could have been lost and was not, if they are alive.
    pub(super) fn survived_alive(self, repeats: u32) -> u32 {
        match self {
            Self::BgNbd => repeats,
            Self::MbgNbd => repeats + 1,
        }
    }
}

/// The parameters of an order model. All are above zero.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Parameters {
    /// Shape of the rates' gamma distribution. Below 1: most customers order rarely.
    pub r: f64,
    /// Rate of that distribution, in weeks: the mean rate is `r / alpha` orders a week.
    pub alpha: f64,
    /// First parameter of the beta distribution of the chance to be lost after an order. Its mean is `a / (a + b)`.
    pub a: f64,
    /// Second parameter of it.
    pub b: f64,
}

impl Parameters {
    pub(super) fn from_logs(logs: &[f64]) -> Self {
        Self { r: logs[0].exp(), alpha: logs[1].exp(), a: logs[2].exp(), b: logs[3].exp() }
    }

    pub(super) fn to_logs(self) -> [f64; 4] {
        [self.r.ln(), self.alpha.ln(), self.a.ln(), self.b.ln()]
    }
}
