//! Who of the new customers will become loyal, and who will leave.
//!
//! A customer is scored once, 30 days after the first order, from what they did in these days. Loyal is who orders on at least
//! two of the following 180 days. The score is a logistic regression, learned on the older two thirds of the customers of whom that
//! is known and tested on the newer third; it is shown only if it holds there.

mod features;
mod newcomer;
mod report;
mod ridge;
mod score_model;
mod score_test;
mod sentence;
mod summary;

pub use newcomer::{FirstDays, Signals};
pub use report::EarlyScoreReport;
pub use score_model::{ScoreBand, ScoreModel, Weight};
pub use score_test::{BandResult, ScoreTest};
pub use summary::EarlyScore;
