//! What every function needs at its start, read once: [`settings`] from the environment, the
//! [`clients`] of AWS, [`tracing`] and the time; and the form of the answers that say what is wrong, [`Problem`].
pub mod batch;
pub mod clients;
pub mod clock;
mod http_client;
mod problem;
pub mod queue;
pub mod remembered;
pub mod settings;
mod start;
pub mod tracing;

pub use clients::{AccessKeys, AwsEndpoints, Clients};
pub use clock::Clock;
pub use problem::Problem;
pub use queue::{QueueError, WorkQueue};
pub use remembered::Remembered;
pub use settings::{Environment, SettingError};
pub use start::Platform;
