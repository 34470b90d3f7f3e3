//! The stored form of a connection.

use jiff::{SignedDuration, Timestamp};
use rekindle_connectors::mapping::Mapping;
use rekindle_connectors::verify::{Scheme, Secret, VerifyError};
use rekindle_connectors::{Accepted, Delivery, Reading, Settings, connector};
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::money::Currency;
use rekindle_messaging::{KeyRing, SealedSecretError};
use rekindle_store::{Store, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of the stored form that this code writes.
pub const VERSION: u32 = 1;
/// How long bodies are kept after they were read, if nothing else is said, in days.
pub const DEFAULT_KEEP_DAYS: u16 = 7;
/// How long a body is kept that could not be read, in days.
pub const KEPT_UNREAD_DAYS: u16 = 7;
/// The longest that bodies are kept, in days.
pub const MAX_KEEP_DAYS: u16 = 90;

/// A connection to a shop system. `Debug` shows no key.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Connection {
    /// The version of the form.
    pub version: u32,
    /// The keys that the system signs with, sealed. All of them fit, so that one can be replaced without a gap.
    pub secrets: Vec<String>,
    /// When it was made.
    pub connected_at: Timestamp,
    /// How long bodies are kept after they were read, in days; 0 for not at all.
    #[serde(default = "default_keep_days")]
    pub keep_days: u16,
    /// The currency of amounts that come without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Under which ids customers are known.
    #[serde(default)]
    pub customers_by: CustomersBy,
    /// What the shop decides about reading, as [`Settings`].
    #[serde(default)]
    settings: Value,
    /// The [`Mapping`] of a system without code.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    mapping: Value,
}

fn default_keep_days() -> u16 {
    DEFAULT_KEEP_DAYS
}

/// Under which ids customers are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomersBy {
    /// The shop system's own ids; guests by their address.
    #[default]
    Id,
    /// Their address: for shops that post events under other ids than the shop system's.
    Address,
}

/// Why a connection cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The store did not answer.
    #[error("the connection cannot be looked up")]
    Store(#[from] StoreError),
    /// A part of it is of a later version, or damaged.
    #[error("the stored connection has a part that this version cannot read: {0}")]
    Unreadable(&'static str),
    /// Its keys do not open.
    #[error("a signing key of the connection cannot be opened: {0}")]
    Sealed(#[from] SealedSecretError),
}

impl Connection {
    /// A connection whose parts are known to be right.
    pub(crate) fn new(settings: &Settings, mapping: Option<&Mapping>, connected_at: Timestamp) -> Self {
        let json = |value: Result<Value, serde_json::Error>| value.unwrap_or_default();
        Self {
            version: VERSION,
            secrets: Vec::new(),
            connected_at,
            keep_days: DEFAULT_KEEP_DAYS,
            currency: None,
            customers_by: CustomersBy::default(),
            settings: json(serde_json::to_value(settings)),
            mapping: mapping.map(|mapping| json(serde_json::to_value(mapping))).unwrap_or_default(),
        }
    }

    /// The connection of a shop with this name, if there is one.
    ///
    /// # Errors
    /// It cannot be looked up, or is none that this version can read.
    pub async fn load(store: &Store, shop: &ShopId, name: &str) -> Result<Option<Self>, ConnectionError> {
        let Some(value) = store.connection(shop, name).await? else { return Ok(None) };
        Self::from_json(value).map(Some)
    }

    /// Reads a stored document.
    ///
    /// # Errors
    /// It is none that this version can read.
    pub fn from_json(value: Value) -> Result<Self, ConnectionError> {
        serde_json::from_value(value).map_err(|_| ConnectionError::Unreadable("the document"))
    }

    /// The document to store.
    #[must_use]
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Seals a key of a shop's connection.
    #[must_use]
    pub fn seal(keys: &KeyRing, shop: &ShopId, name: &str, secret: &str) -> String {
        keys.seal_secret(&["connection", shop.as_str(), name], secret)
    }

    /// Opens the keys.
    ///
    /// # Errors
    /// One was sealed for another connection, or with other keys of the deployment.
    pub fn open_secrets(&self, keys: &KeyRing, shop: &ShopId, name: &str) -> Result<Vec<Secret>, ConnectionError> {
        let purpose = ["connection", shop.as_str(), name];
        let opened = self.secrets.iter().map(|sealed| keys.open_secret(&purpose, sealed));
        Ok(opened.map(|secret| secret.map(|secret| Secret::new(&secret))).collect::<Result<_, _>>()?)
    }

    /// How the system signs.
    ///
    /// # Errors
    /// Its mapping is of a later version.
    pub fn scheme(&self, name: &str) -> Result<Scheme, ConnectionError> {
        if let Some(connector) = connector(name) {
            return Ok(connector.scheme());
        }
        let scheme = self.mapping.get("verify").cloned().unwrap_or_default();
        serde_json::from_value(scheme).map_err(|_| ConnectionError::Unreadable("how the mapping verifies"))
    }

    /// Checks that a delivery comes from the holder of one of the keys, over the raw body.
    ///
    /// # Errors
    /// The outer one if the connection cannot be used; the inner one says why the delivery is refused.
    pub fn accept(
        &self,
        name: &str,
        delivery: &Delivery<'_>,
        secrets: &[Secret],
    ) -> Result<Result<Accepted, VerifyError>, ConnectionError> {
        if let Some(connector) = connector(name) {
            return Ok(connector.accept(delivery, secrets));
        }
        Ok(self.scheme(name)?.verify(delivery, secrets).map(|()| Accepted::Signed))
    }

    /// Reads a delivery.
    ///
    /// # Errors
    /// The settings or the mapping are of a later version.
    pub fn read(&self, name: &str, delivery: &Delivery<'_>) -> Result<Reading, ConnectionError> {
        let Some(connector) = connector(name) else { return Ok(self.mapping()?.read(delivery)) };
        Ok(connector.read(delivery, &self.settings()?))
    }

    /// What the shop decides about reading.
    ///
    /// # Errors
    /// Of a later version.
    pub fn settings(&self) -> Result<Settings, ConnectionError> {
        if self.settings.is_null() {
            return Ok(Settings::default());
        }
        Settings::deserialize(&self.settings).map_err(|_| ConnectionError::Unreadable("its settings"))
    }

    /// The mapping.
    ///
    /// # Errors
    /// There is none, or it is of a later version.
    pub fn mapping(&self) -> Result<Mapping, ConnectionError> {
        Mapping::deserialize(&self.mapping).map_err(|_| ConnectionError::Unreadable("its mapping"))
    }

    /// Whether it reads by a mapping.
    #[must_use]
    pub fn has_mapping(&self) -> bool {
        !self.mapping.is_null()
    }

    /// The currency of amounts that come without one.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.currency.as_deref().and_then(|code| Currency::parse(code).ok())
    }

    /// Until when a body that comes now is kept.
    #[must_use]
    pub fn kept_until(&self, received_at: Timestamp) -> Timestamp {
        let days = if self.keep_days == 0 { KEPT_UNREAD_DAYS } else { self.keep_days };
        received_at + SignedDuration::from_hours(24 * i64::from(days))
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Connection(version {}, {} keys)", self.version, self.secrets.len())
    }
}
