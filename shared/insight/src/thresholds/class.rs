//! Classes of customers by how often they have ordered.

use serde::{Deserialize, Serialize};

/// A class of customers, by their days with an order before a silence begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// They have ordered once.
    First,
    /// Twice.
    Second,
    /// Three times or more.
    Regular,
}

/// All classes, in order.
pub const CLASSES: [Class; 3] = [Class::First, Class::Second, Class::Regular];

impl Class {
    /// The class of customers with this many days with an order, at least one.
    #[must_use]
    pub const fn from_occasions(occasions: u64) -> Self {
        match occasions {
            0 | 1 => Self::First,
            2 => Self::Second,
            _ => Self::Regular,
        }
    }

    /// Its place among [`CLASSES`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_orders_make_a_regular() {
        assert_eq!(
            [1, 2, 3, 900].map(Class::from_occasions),
            [Class::First, Class::Second, Class::Regular, Class::Regular]
        );
        assert_eq!(CLASSES.map(Class::index), [0, 1, 2]);
    }
}
