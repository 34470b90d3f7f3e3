//! What every function needs at its start, read once: [`settings`] from the environment, the
//! [`clients`] of AWS, [`tracing`] and the time; and what the functions that answer HTTP share: the [`gateway`]'s requests
//! and answers, the form of the answers that say what is wrong, [`Problem`], the table of what is answered, [`Route`], and how
//! much a key may bring, [`Throttle`].

pub mod batch;
pub mod clients;
pub mod clock;
pub mod gateway;
mod http_client;
mod json_line;
mod problem;
pub mod queue;
pub mod remembered;
pub mod retry;
mod routes;
pub mod settings;
pub mod spans;
mod start;
pub mod throttle;
pub mod tracing;

pub use clients::{AccessKeys, AwsEndpoints, Clients};
pub use clock::Clock;
pub use problem::Problem;
pub use queue::{QueueError, WorkQueue};
pub use remembered::Remembered;
pub use routes::Route;
pub use settings::{Environment, SettingError};
pub use start::Platform;
pub use throttle::{KeyLimits, Throttle};
