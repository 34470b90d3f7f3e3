//! What comes out on the CDNOW data set is what an independent implementation found.

mod cdnow;
mod expected;
mod honeymoon;
mod overview;
mod second_order;
mod summaries;
mod thresholds;
