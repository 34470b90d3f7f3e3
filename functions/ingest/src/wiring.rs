//! The function as Lambda runs it.

use crate::Ingest;
use rekindle_platform::{Clock, Platform, SettingError, Throttle};
use rekindle_store::{Store, Tables};

impl Ingest {
    /// What the environment says.
    ///
    /// # Errors
    /// A variable is missing or malformed.
    pub fn from_platform(platform: &Platform) -> Result<Self, SettingError> {
        let Platform { environment, clients } = platform;
        let store = Store::new(clients.dynamodb(), Tables::from_environment(environment)?);
        Ok(Self::new(store, Clock::system()).with_throttle(Throttle::full()))
    }
}
