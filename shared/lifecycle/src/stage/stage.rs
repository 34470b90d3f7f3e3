//! The stages of a customer's life with a shop.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a customer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Has not ordered.
    Prospect,
    /// Ordered for the first time not long ago.
    New,
    /// Orders now and then.
    Active,
    /// Orders often.
    Loyal,
    /// Silent for longer than usual.
    Inactive,
    /// Silent for so long that they are as good as lost.
    Lapsed,
}

impl Stage {
    /// Every stage, from first to last.
    pub const ALL: [Self; 6] = [Self::Prospect, Self::New, Self::Active, Self::Loyal, Self::Inactive, Self::Lapsed];

    /// The name used in items, reports and policy.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Prospect => "prospect",
            Self::New => "new",
            Self::Active => "active",
            Self::Loyal => "loyal",
            Self::Inactive => "inactive",
            Self::Lapsed => "lapsed",
        }
    }

    /// The stage of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
