//! What a shop can learn from its own history: pure statistics, without clock, randomness, network or tables.
//!
//! A caller makes a [`Buyer`] of each customer and adds it to the [`Summary`] of each subject. Summaries of parts of the
//! customers merge into the same bytes, however they were split. A report is computed from the merged summary: every number is an
//! [`Estimate`], with an interval or with what is missing for it, and every report can be said in a sentence.
//!
//! The subjects, each a module of its own:
//! - [`overview`]: what the history holds;
//! - [`second_order`]: how many first-time buyers come back, and when; [`repeat`]: how many ever did;
//! - [`thresholds`]: after how much silence customers are inactive or lapsed; [`honeymoon`]: how long they are more active than later;
//! - [`rfm`]: scores, segments, moves between them; [`scenarios`]: ways through the segments, and what the best customers buy;
//! - [`cohorts`], and [`value`]: what customers are worth, against what they cost; [`season`];
//! - [`lift`]: what a journey changed; [`sending_pressure`]: what one message more costs;
//! - [`orders_to_come`]: how many orders are expected and what they are worth, by fitted models; [`early_score`]: who of the new
//!   customers will become loyal; [`next_visit`]: when a customer comes next. Each beside a test of what it said before.
//!
//! [`proposals`] are values of the policy that the history speaks against; a person accepts them. [`learned`] makes all reports together.
//!
//! Most summaries take one pass. Segments need limits: the quintiles and thresholds of an earlier pass, yesterday's where there is
//! one pass a day. So does the capped value of a lift.
//!
//! Rules for every number:
//! - an *occasion* is a calendar day in the shop's zone with at least one counted order. Its value is the sum of that day's
//!   orders, net of refunds, in minor units of one currency; reports say it in major units. Two currencies are two histories;
//! - nothing after [`History::through`], the last complete day, is looked at;
//! - if the history begins in the middle of the shop's life, the first order seen of a customer may not be their first:
//!   [`History::is_burn_in`] keeps them out of what depends on it;
//! - no number is computed from fewer than [`MIN_AT_RISK`] customers;
//! - the same facts give the same bytes: sums are integers, and bootstrap replicates come from a hash
//!   ([`poisson_weights`]).

mod buyer;
pub mod cohorts;
mod day;
pub mod early_score;
mod estimate;
mod history;
pub mod honeymoon;
mod language;
pub mod learned;
pub mod lift;
pub mod next_visit;
mod numeric;
pub mod orders_to_come;
pub mod overview;
pub mod proposals;
pub mod repeat;
mod replicates;
pub mod rfm;
mod sample;
pub mod scenarios;
pub mod season;
pub mod second_order;
pub mod sending_pressure;
pub mod statistics;
mod stored;
mod summary;
pub mod thresholds;
pub mod value;

pub use buyer::{AsOf, Buyer, Gap, MAX_VALUE, Occasion};
pub use day::{Day, Month};
pub use estimate::{Because, Estimate, MIN_AT_RISK, Needs, Shown};
pub use history::History;
pub use language::Language;
pub use replicates::{REPLICATES, poisson_weights};
pub use sample::{SAMPLE_SIZE, Sample};
pub use stored::{Kind, Stored, StoredError};
pub use summary::{Mismatch, Summary};
