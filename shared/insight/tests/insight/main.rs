//! What comes out on the CDNOW data set is what an independent implementation found.

mod bad_input;
mod cdnow;
mod cohorts;
mod early_score;
mod expected;
mod honeymoon;
mod learned;
mod lift;
mod made_up_shops;
mod next_visit;
mod orders_to_come;
mod overview;
mod rfm;
mod scenarios;
mod season;
mod second_order;
mod summaries;
mod thresholds;
mod value;
