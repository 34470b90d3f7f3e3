//! The function as Lambda runs it.

use crate::Settings;
use rekindle_platform::{Clock, Platform, SettingError, Throttle};
use rekindle_store::{Store, Tables};

impl Settings {
    /// What the environment says.
    ///
    /// # Errors
    /// A variable is missing or malformed: one line that says what is wrong.
    pub fn from_platform(platform: &Platform) -> Result<Self, SettingError> {
        let Platform { environment, clients } = platform;
        let store = Store::new(clients.dynamodb(), Tables::from_environment(environment)?);
        Ok(Self { store, clock: Clock::system(), throttle: Throttle::full() })
    }
}
