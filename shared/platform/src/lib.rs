//! What every function needs at its start: settings, clients, tracing and the time.
pub mod clock;

pub use clock::Clock;
