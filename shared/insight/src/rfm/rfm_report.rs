//! Both scales on two days in one report.

use super::cuts::RfmCuts;
use super::facts::WINDOW_DAYS;
use super::moves::SegmentMoves;
use super::report::{Counts, CutsReport, SegmentsReport};
use super::scale::Scale;
use crate::thresholds::Class;
use serde::Serialize;
use std::collections::BTreeMap;

/// Scores and segments on an earlier (0) and a later day (1).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RfmReport {
    /// Days that frequency and value are of.
    pub window_days: u32,
    /// The cut points of the earlier day; absent if nobody had ordered within the window.
    pub cuts_0: Option<CutsReport>,
    /// The cut points of the later day.
    pub cuts_1: Option<CutsReport>,
    /// Segments by fifths and the moves between them, with the cut points of the earlier day.
    #[serde(flatten)]
    pub quintile: SegmentsReport,
    /// Segments of the later day by its own cut points.
    pub counts_1_own_cuts: Counts,
    /// Segments of the earlier day on the anchored scale.
    pub anchored_0: AnchoredReport,
}

/// Segments on the anchored scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnchoredReport {
    /// By class of customers, the days by which 50, 80 and 95 % of those who return have returned; empty if the summary given was
    /// made with another scale.
    pub recency_cuts_by_class: BTreeMap<Class, [u32; 3]>,
    /// Customers by segment.
    pub counts: Counts,
    /// Customers by recency score.
    #[serde(rename = "R_counts")]
    pub recency_counts: BTreeMap<u8, u64>,
    /// Customers by segment on both days.
    pub moves: [[u64; 10]; 10],
}

impl RfmReport {
    /// Puts it together of the cut points of both days, the moves by fifths with the cut points of the earlier day, the segments of
    /// the later day with its own, and the moves on the anchored scale.
    #[must_use]
    pub fn new(cuts: [&RfmCuts; 2], quintile: &SegmentMoves, own_cuts: &SegmentMoves, anchored: &SegmentMoves) -> Self {
        let [cuts_0, cuts_1] = cuts.map(CutsReport::new);
        let on_anchored = SegmentsReport::new(anchored);
        let recency_cuts_by_class = match anchored.scale() {
            Scale::Anchored(limits) => {
                [Class::First, Class::Second, Class::Regular].into_iter().zip(limits.silence).collect()
            }
            Scale::Quintile(_) => BTreeMap::new(),
        };
        Self {
            window_days: WINDOW_DAYS,
            cuts_0,
            cuts_1,
            quintile: SegmentsReport::new(quintile),
            counts_1_own_cuts: SegmentsReport::new(own_cuts).counts_1_cuts_of_0,
            anchored_0: AnchoredReport {
                recency_cuts_by_class,
                counts: on_anchored.counts_0,
                recency_counts: on_anchored.score_counts_0.r,
                moves: on_anchored.moves,
            },
        }
    }
}
