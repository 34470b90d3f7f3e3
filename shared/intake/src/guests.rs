//! The ids of guests: who orders without a customer's id is known by their address.

use jiff::Timestamp;
use rekindle_lifecycle::contact::Address;
use rekindle_lifecycle::id::CustomerId;
use rekindle_lifecycle::identity::guest_with;
use rekindle_messaging::{KeyRing, LinkKeys, LinkKeysError};
use rekindle_platform::{Parts, SettingError};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Names guests by the keyed fingerprints of their addresses. The keys are read when the first guest comes: a shop that names
/// every customer waits for them never.
#[derive(Debug, Clone)]
pub struct Guests {
    keys: Arc<OnceCell<LinkKeys>>,
    source: Source,
}

#[derive(Debug, Clone)]
enum Source {
    /// `LINK_KEYS_SECRET`, and what makes the client that reads the secret.
    Setting(String, Box<Parts>),
    Ring(Arc<KeyRing>),
}

impl Guests {
    /// With the link keys of a deployment.
    ///
    /// # Errors
    /// `LINK_KEYS_SECRET` is missing or malformed.
    pub fn from_parts(parts: &Parts) -> Result<Self, SettingError> {
        let setting = parts.environment.link_keys_secret()?;
        Ok(Self { keys: Arc::default(), source: Source::Setting(setting, Box::new(parts.clone())) })
    }

    /// With keys that never change.
    #[must_use]
    pub fn with_ring(ring: Arc<KeyRing>) -> Self {
        Self { keys: Arc::default(), source: Source::Ring(ring) }
    }

    /// The id under which the events of a guest with this address are stored. It is made of nothing but the address, so that a
    /// repetition is stored under the same key whatever is known of the guest by then.
    ///
    /// # Errors
    /// The keys cannot be read.
    ///
    /// # Panics
    /// Never: a fingerprint of the key ring is one.
    pub async fn id(&self, address: &Address, now: Timestamp) -> Result<CustomerId, LinkKeysError> {
        let ring = match &self.source {
            Source::Ring(ring) => Arc::clone(ring),
            Source::Setting(setting, parts) => {
                let load = || LinkKeys::load(setting.clone(), || parts.clients.secrets(), now);
                self.keys.get_or_try_init(load).await?.at(now).await
            }
        };
        let guest = guest_with(address, &ring.address_fingerprint(address));
        Ok(guest.expect("a fingerprint of the key ring is one"))
    }
}
