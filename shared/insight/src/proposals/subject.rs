//! What a proposal is about.

use crate::thresholds::{Class, Threshold};
use serde::{Deserialize, Serialize};

/// The value of the policy that a proposal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// How long a first order makes a customer new.
    Honeymoon,
    /// After how much silence customers with one order are inactive.
    InactiveFirst,
    /// After how much they are lapsed.
    LapsedFirst,
    /// After how much silence customers with two orders are inactive.
    InactiveSecond,
    /// After how much they are lapsed.
    LapsedSecond,
    /// After how much silence customers with more are inactive.
    InactiveRegular,
    /// After how much they are lapsed.
    LapsedRegular,
}

/// All of them.
pub const SUBJECTS: [Subject; 7] = [
    Subject::Honeymoon,
    Subject::InactiveFirst,
    Subject::LapsedFirst,
    Subject::InactiveSecond,
    Subject::LapsedSecond,
    Subject::InactiveRegular,
    Subject::LapsedRegular,
];

impl Subject {
    /// Its name in addresses and stored items.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Honeymoon => "honeymoon",
            Self::InactiveFirst => "inactive-first",
            Self::LapsedFirst => "lapsed-first",
            Self::InactiveSecond => "inactive-second",
            Self::LapsedSecond => "lapsed-second",
            Self::InactiveRegular => "inactive-regular",
            Self::LapsedRegular => "lapsed-regular",
        }
    }

    /// The one with this name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        SUBJECTS.into_iter().find(|subject| subject.code() == code)
    }

    /// The threshold of a class that it is, if it is one.
    #[must_use]
    pub const fn threshold(self) -> Option<(Class, Threshold)> {
        match self {
            Self::Honeymoon => None,
            Self::InactiveFirst => Some((Class::First, Threshold::Inactive)),
            Self::LapsedFirst => Some((Class::First, Threshold::Lapsed)),
            Self::InactiveSecond => Some((Class::Second, Threshold::Inactive)),
            Self::LapsedSecond => Some((Class::Second, Threshold::Lapsed)),
            Self::InactiveRegular => Some((Class::Regular, Threshold::Inactive)),
            Self::LapsedRegular => Some((Class::Regular, Threshold::Lapsed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_name_of_its_own_and_is_stored_under_it() {
        for subject in SUBJECTS {
            assert_eq!(Subject::from_code(subject.code()), Some(subject));
            assert_eq!(serde_json::to_value(subject).expect("JSON"), subject.code());
        }
        assert_eq!(Subject::from_code("lapsed"), None);
    }
}
