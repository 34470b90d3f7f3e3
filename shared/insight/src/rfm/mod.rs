//! Recency, frequency and money: scores, segments and moves between them.

mod cuts;
mod facts;
mod moves;
mod report;
mod rfm_report;
mod scale;
mod segment;

pub use cuts::{QuintileCuts, RfmCuts};
pub use facts::{RfmFacts, WINDOW_DAYS};
pub use moves::SegmentMoves;
pub use report::{Counts, CutsReport, ScoreCounts, SegmentsReport};
pub use rfm_report::{AnchoredReport, RfmReport};
pub use scale::{AnchoredCuts, Scale, Scores};
pub use segment::{SEGMENTS, Segment};
