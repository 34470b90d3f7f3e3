//! The function as Lambda runs it.

use crate::Ingest;
use rekindle_platform::{Clock, Platform, SettingError};
use rekindle_store::{Store, Tables};

impl Ingest {
    /// What the environment says.
    ///
    /// # Errors
    /// A variable is missing or malformed.
    pub fn from_platform(platform: &Platform) -> Result<Self, SettingError> {
        let Platform { environment, clients } = platform;
        Ok(Self::new(Store::new(clients.dynamodb(), Tables::from_environment(environment)?), Clock::system()))
    }
}
