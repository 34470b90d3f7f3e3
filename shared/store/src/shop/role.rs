//! What an API key is for, and what its holder may do.

use rekindle_lifecycle::id::ShopId;
use rekindle_platform::{KeyLimits, Scope, Scopes};

/// What a key is for: how it begins, and the scopes of a key that stores none of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Send events.
    Write,
    /// Read customers and reports, change policy, export and erase.
    Admin,
    /// Send visits and carts from pages and apps, where anybody can read the key.
    Public,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Write, Self::Admin, Self::Public];
    /// The roles without a key of which a shop cannot work.
    pub const NEEDED: [Self; 2] = [Self::Write, Self::Admin];

    /// The name in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Admin => "admin",
            Self::Public => "public",
        }
    }

    /// The scopes of a key of this role that stores none of its own.
    #[must_use]
    pub const fn scopes(self) -> Scopes {
        match self {
            Self::Write => Scopes::new(&[Scope::Send, Scope::Visit]),
            Self::Admin => Scopes::new(&[Scope::Read, Scope::ReadPeople, Scope::Edit, Scope::Operate]),
            Self::Public => Scopes::new(&[Scope::Visit]),
        }
    }

    /// How keys of this role begin, so that people and scanners of repositories recognise one.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Write => "rk_write_",
            Self::Admin => "rk_admin_",
            Self::Public => "rk_public_",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// The holder of a stored key.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyHolder {
    /// The shop: the only one whose records the key reaches.
    pub shop: ShopId,
    /// What the key is for.
    pub role: Role,
    /// What its holder may do.
    pub scopes: Scopes,
    /// SHA-256 of the key, by which records name it.
    pub hash: String,
    /// How much its holder may send.
    pub limits: KeyLimits,
}
