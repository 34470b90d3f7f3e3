//! The parts that functions are wired from. Lambda, the local stack and the tests differ in the parts that they hand over
//! and in nothing else: each function's `wire` takes what it needs.

use crate::clients::Clients;
use crate::clock::Clock;
use crate::made_once::MadeOnce;
use crate::queue::WorkQueue;
use crate::settings::{Environment, SettingError};
use crate::throttle::Throttle;

/// The parts that functions are wired from. A function reads only the variables that it needs and makes only the clients
/// that it uses.
///
/// Clones share what is made [once](Parts::once): on one machine all functions have one store, with one memory of keys and
/// policies and one count of request units.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The environment, with the same variables wherever the function runs.
    pub environment: Environment,
    /// Makes the clients of AWS.
    pub clients: Clients,
    /// The time.
    pub clock: Clock,
    /// How much each key may send.
    pub throttle: Throttle,
    made: MadeOnce,
}

impl Parts {
    /// The parts of a function on Lambda: logging is started, and the environment is that of the process. `function` is the
    /// name of its crate.
    ///
    /// # Errors
    /// A variable is missing or malformed: one line that names it and says what it should be.
    pub fn start(function: &str) -> Result<Self, SettingError> {
        let environment = Environment::from_process();
        crate::tracing::start(&environment, &[function]);
        let clients = Clients::from_env(&environment)?;
        Ok(Self::new(environment, clients))
    }

    /// Parts with the machine's clock and a throttle that holds keys to their limits.
    #[must_use]
    pub fn new(environment: Environment, clients: Clients) -> Self {
        Self { environment, clients, clock: Clock::system(), throttle: Throttle::full(), made: MadeOnce::default() }
    }

    /// The same parts with another clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The same parts with another throttle.
    #[must_use]
    pub fn with_throttle(self, throttle: Throttle) -> Self {
        Self { throttle, ..self }
    }

    /// Hands in a part that exists, such as the store of a local stack, to be used in the place of one that would be made.
    #[must_use]
    pub fn with<T: Send + Sync + 'static>(self, part: T) -> Self {
        self.made.put(part);
        self
    }

    /// Returns the part of this type that all functions wired from these parts share. `make` makes it at its first use.
    ///
    /// # Errors
    /// `make` failed.
    pub fn once<T, E>(&self, make: impl FnOnce(&Self) -> Result<T, E>) -> Result<T, E>
    where
        T: Clone + Send + Sync + 'static,
    {
        self.made.get_or_make(|| make(self))
    }

    /// The queue of customers to advance.
    ///
    /// # Errors
    /// `QUEUE_ADVANCE_URL` is missing or malformed.
    pub fn advance_queue(&self) -> Result<WorkQueue, SettingError> {
        Ok(WorkQueue::new(self.clients.sqs(), self.environment.queue_advance_url()?))
    }

    /// The queue of messages to send.
    ///
    /// # Errors
    /// `QUEUE_SEND_URL` is missing or malformed.
    pub fn send_queue(&self) -> Result<WorkQueue, SettingError> {
        Ok(WorkQueue::new(self.clients.sqs(), self.environment.queue_send_url()?))
    }

    /// The queue of deliveries of shop systems.
    ///
    /// # Errors
    /// `QUEUE_HOOKS_URL` is missing or malformed.
    pub fn hooks_queue(&self) -> Result<WorkQueue, SettingError> {
        Ok(WorkQueue::new(self.clients.sqs(), self.environment.queue_hooks_url()?))
    }
}
