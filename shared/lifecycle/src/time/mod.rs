//! Durations, days and hours: how a policy writes them and how the rules count them.

mod calendar;
mod off_season;
mod period;
mod quiet_hours;
mod sweeps;
mod zone;

pub use calendar::{Calendar, seconds_between};
pub use off_season::{NotAnOffSeason, OffSeason};
pub use period::{NotAPeriod, Period};
pub use quiet_hours::QuietHours;
pub use sweeps::{first_sweep_from, latest_sweep};
pub use zone::{UnknownZone, Zone};
