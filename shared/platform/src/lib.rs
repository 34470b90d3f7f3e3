//! What every function needs at its start: [`Parts`], which are the [`settings`] of the environment, the [`clients`] of AWS,
//! the [`clock`] and the [`throttle`], and [`tracing`] for log lines.
//!
//! What the functions that answer HTTP share: the requests and responses of the [`gateway`], the table of [`Route`]s with the
//! [`Scope`]s that they ask for, and the form of an error response, [`Problem`].
//!
//! What reads files that shops name, and only such of the [`public_web`]; what calls the [API of the same deployment](own_api).

pub mod batch;
pub mod clients;
pub mod clock;
pub mod gateway;
mod http_client;
mod json_line;
mod made_once;
pub mod own_api;
mod parts;
mod problem;
pub mod public_web;
pub mod queue;
pub mod remembered;
pub mod retry;
mod routes;
mod scope;
pub mod settings;
pub mod spans;
pub mod suspects;
pub mod throttle;
pub mod tracing;

pub use clients::{AccessKeys, AwsEndpoints, Clients};
pub use clock::Clock;
pub use own_api::OwnApi;
pub use parts::Parts;
pub use problem::Problem;
pub use queue::{QueueError, Work, WorkQueue};
pub use remembered::Remembered;
pub use routes::{NoRoute, Route};
pub use scope::{Scope, Scopes};
pub use settings::{Environment, SettingError};
pub use throttle::{KeyLimits, Throttle};
