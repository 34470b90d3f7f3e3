//! CloudWatch, as far as the stack's alarms need it: the emulator has alarms, but asks neither for dimensions nor for what is missing.
//!
//! - [`alarm`] is an alarm as it is deployed, with AWS's rule for its state;
//! - [`metrics`] are the values that it looks at;
//! - [`metric_filter`] makes them of log lines.

pub(crate) mod alarm;
pub(crate) mod metric_filter;
pub(crate) mod metrics;
#[cfg(test)]
mod template_alarms;
