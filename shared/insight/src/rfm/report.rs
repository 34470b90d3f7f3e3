//! What is said about segments.

use super::cuts::RfmCuts;
use super::moves::SegmentMoves;
use super::scale::Scale;
use super::segment::{SEGMENTS, Segment};
use crate::day::Day;
use crate::language::Language;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Customers by segment.
pub type Counts = BTreeMap<&'static str, u64>;

/// Customers by score, for each of the three.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "recency, frequency, money")]
pub struct ScoreCounts {
    pub r: BTreeMap<u8, u64>,
    pub f: BTreeMap<u8, u64>,
    pub m: BTreeMap<u8, u64>,
}

/// Cut points between fifths.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub struct CutsReport {
    /// Days of silence.
    pub r: [u32; 4],
    /// Days with an order.
    pub f: [u64; 4],
    /// Value in major units.
    pub m: [f64; 4],
}

/// Segments on two days.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SegmentsReport {
    /// `quintile` or `anchored`.
    pub scale: &'static str,
    /// The earlier day.
    pub as_of_0: Day,
    /// The later day.
    pub as_of_1: Day,
    /// Customers who had ordered by the earlier day.
    pub customers_0: u64,
    /// By the later day.
    pub customers_1: u64,
    /// Those who came between.
    pub new_between: u64,
    /// Segments on the earlier day.
    pub counts_0: Counts,
    /// Segments on the later day, by the limits of the earlier one.
    pub counts_1_cuts_of_0: Counts,
    /// Scores on the earlier day.
    pub score_counts_0: ScoreCounts,
    /// The segments that rows and columns of `moves` stand for.
    pub moves_rows_from_cols_to: [&'static str; 10],
    /// Customers by their segments on the earlier (row) and later day (column).
    pub moves: [[u64; 10]; 10],
    /// Where those who came between are.
    pub appeared: Counts,
}

impl CutsReport {
    /// Computes it; `None` if no customer had ordered within the year.
    #[must_use]
    pub fn new(summary: &RfmCuts) -> Option<Self> {
        let cuts = summary.quintiles()?;
        Some(Self { r: cuts.silence, f: cuts.frequency, m: cuts.value.map(|minor| summary.history().major(minor)) })
    }
}

/// The segments without prospects.
fn of_customers() -> impl Iterator<Item = Segment> {
    SEGMENTS.into_iter().filter(|segment| *segment != Segment::Prospects)
}

impl SegmentsReport {
    /// Computes it.
    #[must_use]
    pub fn new(summary: &SegmentMoves) -> Self {
        let moves = &summary.moves;
        let prospects = Segment::Prospects.index();
        let counts = |count: &dyn Fn(usize) -> u64| of_customers().map(|of| (of.code(), count(of.index()))).collect();
        let from = |row: usize| moves[row].iter().sum();
        let to = |column: usize| moves.iter().map(|row| row[column]).sum();
        let counts_0: Counts = counts(&from);
        let counts_1: Counts = counts(&to);
        let appeared: Counts = counts(&|column| moves[prospects][column]);
        let (as_of_0, as_of_1) = summary.days();
        let [r, f, m] = summary.scores.map(|counts| (1..).zip(counts).collect());
        Self {
            scale: match summary.scale() {
                Scale::Quintile(_) => "quintile",
                Scale::Anchored(_) => "anchored",
            },
            as_of_0,
            as_of_1,
            customers_0: counts_0.values().sum(),
            customers_1: counts_1.values().sum(),
            new_between: appeared.values().sum(),
            counts_0,
            counts_1_cuts_of_0: counts_1,
            score_counts_0: ScoreCounts { r, f, m },
            moves_rows_from_cols_to: std::array::from_fn(|place| SEGMENTS[place].code()),
            moves: std::array::from_fn(|row| std::array::from_fn(|column| moves[row][column])),
            appeared,
        }
    }

    /// Where the customers of a segment are now: the three most frequent segments. Nothing for an empty one.
    #[must_use]
    pub fn sentence(&self, segment: Segment, language: Language) -> Option<String> {
        let row = self.moves.get(segment.index())?;
        let customers: u64 = row.iter().sum();
        let mut now: Vec<(Segment, u64)> = of_customers().zip(*row).filter(|(_, count)| *count > 0).collect();
        now.sort_by_key(|(_, count)| Reverse(*count));
        now.truncate(3);
        let days = language.days(u64::from(self.as_of_1.since(self.as_of_0)));
        let name = |of: Segment| of.name(language);
        let parts = now.iter().enumerate().map(|(place, (of, count))| match language {
            Language::English if *of == segment => format!("{} still are", language.whole(*count)),
            Language::English if place == 0 => format!("{} are {} now", language.whole(*count), name(*of)),
            Language::English => format!("{} {}", language.whole(*count), name(*of)),
            Language::Russian if *of == segment => format!("там же — {}", language.whole(*count)),
            Language::Russian => format!("{} — {}", name(*of), language.whole(*count)),
        });
        let parts = parts.collect::<Vec<_>>().join(", ");
        (customers > 0).then(|| match language {
            Language::English => {
                format!("{} were {} {days} ago: {parts}.", language.customers(customers), name(segment))
            }
            Language::Russian => {
                format!(
                    "{} были в сегменте «{}» {days} назад; теперь {parts}.",
                    language.customers(customers),
                    name(segment)
                )
            }
        })
    }
}
