//! What everything costs in DynamoDB's request units. They are exact: the embedded engine counts them as
//! AWS does, and the store adds up what the real SDK client reports.

mod costs;
mod history;
mod messages;
mod orders;
mod shop;
mod sweeps;

/// Days as a duration.
fn days(days: i64) -> jiff::SignedDuration {
    jiff::SignedDuration::from_hours(24 * days)
}
