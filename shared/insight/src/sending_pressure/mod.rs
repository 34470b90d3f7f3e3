//! How people take it when more is sent to them.

mod cost;
mod report;
mod summary;

pub use cost::{cost_of_unsubscribe, cost_of_unsubscribe_sentence};
pub use report::{PressureReport, PressureRow};
pub use summary::{Delivered, MOST_BEFORE, PRESSURE_DAYS, SendingPressure};
