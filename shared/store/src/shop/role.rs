//! What the holder of an API key may do.

use rekindle_lifecycle::id::ShopId;
use rekindle_platform::KeyLimits;

/// What the holder of a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Send events.
    Write,
    /// Read customers and reports, change policy, export and erase.
    Admin,
}

impl Role {
    /// Both roles.
    pub const ALL: [Self; 2] = [Self::Write, Self::Admin];

    /// The name in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    /// How keys of this role begin, so that people and scanners of repositories know one when they see it.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Write => "rk_write_",
            Self::Admin => "rk_admin_",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// Who holds a key that opens something.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyHolder {
    /// The shop: the only one whose records the key reaches.
    pub shop: ShopId,
    /// What they may do.
    pub role: Role,
    /// How the key is called in records: its hash.
    pub hash: String,
    /// How much they may bring.
    pub limits: KeyLimits,
}
