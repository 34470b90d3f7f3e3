//! The start of a function: once per process, before the first event.

use crate::clients::Clients;
use crate::settings::{Environment, SettingError};

/// What every function has from its start on.
#[derive(Debug)]
pub struct Platform {
    /// The environment.
    pub environment: Environment,
    /// Makes the clients of AWS.
    pub clients: Clients,
}

impl Platform {
    /// Starts logging and reads the environment.
    ///
    /// # Errors
    /// A variable is missing or malformed: one line that names it and says what it should be.
    pub fn start() -> Result<Self, SettingError> {
        let environment = Environment::of_process();
        crate::tracing::start(&environment);
        let clients = Clients::from_env(&environment)?;
        Ok(Self { environment, clients })
    }
}
