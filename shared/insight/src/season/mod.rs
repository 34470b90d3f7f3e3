//! When in the week, the day and the year orders come.

mod off_season;
mod report;
mod summary;

pub use off_season::OffSeason;
pub use report::SeasonReport;
pub use summary::Season;
