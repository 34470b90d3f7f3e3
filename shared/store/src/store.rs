//! The store itself: the client, the tables, and what one process remembers of them.

use crate::activity::listed_days::ListedDays;
use crate::sending::rate::KnownRates;
use crate::shop::known_keys::KnownKeys;
use crate::table::capacity::Capacity;
use crate::table::tables::Tables;
use aws_sdk_dynamodb::Client;
use rekindle_lifecycle::policy::Policy;
use rekindle_platform::{Parts, Remembered, SettingError};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

/// The tables, through one client. Cheap to clone; clones share the count of consumed capacity and the
/// remembered API keys.
#[derive(Clone)]
pub struct Store {
    pub(crate) client: Client,
    pub(crate) tables: Arc<Tables>,
    pub(crate) capacity: Arc<Capacity>,
    pub(crate) known_keys: Arc<KnownKeys>,
    pub(crate) known_policies: Remembered<Policy>,
    pub(crate) known_rates: Arc<KnownRates>,
    pub(crate) listed_days: Arc<ListedDays>,
    /// When to record again how far the provider's events have reported, in milliseconds since 1970.
    pub(crate) next_mark: Arc<AtomicI64>,
}

impl Store {
    /// A store on tables that exist (see [`Tables::create_missing`]).
    #[must_use]
    pub fn new(client: Client, tables: Tables) -> Self {
        Self {
            client,
            tables: Arc::new(tables),
            capacity: Arc::default(),
            known_keys: Arc::default(),
            known_policies: Remembered::default(),
            known_rates: Arc::default(),
            listed_days: Arc::default(),
            next_mark: Arc::new(AtomicI64::new(i64::MIN)),
        }
    }

    /// The store on the tables that the environment names, which all functions wired from the same parts share.
    ///
    /// # Errors
    /// The name of a table is missing or malformed.
    pub fn from_parts(parts: &Parts) -> Result<Self, SettingError> {
        parts.once(|parts| Ok(Self::new(parts.clients.dynamodb(), Tables::from_environment(&parts.environment)?)))
    }

    /// The names of the tables.
    #[must_use]
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// The request units that this store and its clones have used.
    #[must_use]
    pub fn capacity(&self) -> &Capacity {
        &self.capacity
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("tables", &self.tables).finish_non_exhaustive()
    }
}
