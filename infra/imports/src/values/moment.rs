//! What the text of a date says.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

/// Whether the day or the month comes first where both are numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// `31/01/2026`
    DayFirst,
    /// `01/31/2026`
    MonthFirst,
}

/// What a text says about a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Instant(Timestamp),
    /// A day and time without an offset.
    Civil(DateTime),
    /// A day without a time.
    Day(Date),
}

/// A text as a moment, in each way in which it may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateShape {
    Clear(Moment),
    /// The numbers show which is the day: one is larger than 12.
    Shows(DateOrder, Moment),
    /// The same numbers as day and month, and as month and day.
    Either(Moment, Moment),
}
