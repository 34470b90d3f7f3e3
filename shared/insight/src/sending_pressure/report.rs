//! What is said about sending pressure.

use super::summary::{MOST_BEFORE, PRESSURE_DAYS, SendingPressure};
use crate::estimate::Estimate;
use crate::language::Language;
use crate::statistics::wilson;
use serde::Serialize;

/// How many people leave after a message, by how many they had got before.
///
/// Seen, not proven: who gets more messages differs from who gets fewer. What more messages change is a lift, measured against a
/// holdout.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PressureReport {
    /// By messages in the seven days before.
    pub within_7_days: Vec<PressureRow>,
    /// By messages in the thirty days before.
    pub within_30_days: Vec<PressureRow>,
}

/// Messages before which a person had got this many others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PressureRow {
    /// Messages before, this one not counted; four means four or more.
    pub before: usize,
    /// Messages delivered.
    pub delivered: u64,
    /// Those after which the person unsubscribed or complained.
    pub unsubscribed: u64,
    /// Their share. `n` is messages.
    pub rate: Estimate,
}

impl PressureReport {
    /// Computes it.
    #[must_use]
    pub fn new(summary: &SendingPressure) -> Self {
        let [within_7_days, within_30_days] = summary.rows.map(|rows| {
            let row = |(before, (delivered, unsubscribed)): (usize, (u64, u64))| PressureRow {
                before,
                delivered,
                unsubscribed,
                rate: wilson(unsubscribed, delivered),
            };
            rows.into_iter().enumerate().map(row).collect()
        });
        Self { within_7_days, within_30_days }
    }

    /// What the third message in a week costs, against the first.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let rate = |before: usize| self.within_7_days.get(before).map_or(Estimate::too_few(0), |row| row.rate);
        let (first, third) = (rate(0), rate(2));
        let (Some(of_first), Some(of_third)) = (first.numbers(), third.numbers()) else {
            let missing = if first.is_shown() { third } else { first };
            return missing.shown.sentence(language).unwrap_or_default();
        };
        let per_1000 = |(rate, lo, hi): (f64, f64, f64)| {
            let text = |rate: f64| language.decimal(rate * 1_000.0, 1);
            format!("{} ({}–{})", text(rate), text(lo), text(hi))
        };
        let (of_first, of_third) = (per_1000(of_first), per_1000(of_third));
        match language {
            Language::English => format!(
                "The third message in a week loses {of_third} subscribers per 1,000, the first {of_first}. This is seen, not proven."
            ),
            Language::Russian => format!(
                "Третье сообщение за неделю теряет {of_third} подписчиков на 1000, первое — {of_first}. Это наблюдение, а не \
                 доказательство."
            ),
        }
    }
}

const _: () = assert!(MOST_BEFORE >= 2 && PRESSURE_DAYS[0] == 7 && PRESSURE_DAYS[1] == 30);

#[cfg(test)]
mod tests {
    use super::super::summary::Delivered;
    use super::*;
    use crate::day::Day;
    use crate::history::History;

    const DAY: i64 = 86_400;

    fn summary() -> SendingPressure {
        SendingPressure::new(History::from_the_beginning(Day::from_number(0)))
    }

    fn delivered(report: &[PressureRow]) -> Vec<(u64, u64)> {
        report.iter().map(|row| (row.delivered, row.unsubscribed)).collect()
    }

    #[test]
    fn messages_of_the_days_before_count() {
        let mut pressure = summary();
        let at = |at, left| Delivered { at, left };
        // The last comes seven days after the first to the second: that is not within seven days any more.
        pressure.add(&[at(0, false), at(7 * DAY, true), at(2 * DAY, false), at(3 * DAY, false)]);
        pressure.add(&[at(0, true)]);
        let report = PressureReport::new(&pressure);
        assert_eq!(delivered(&report.within_7_days), [(2, 1), (1, 0), (2, 1), (0, 0), (0, 0)]);
        assert_eq!(delivered(&report.within_30_days), [(2, 1), (1, 0), (1, 0), (1, 1), (0, 0)]);
    }

    #[test]
    fn many_messages_at_once_are_four_or_more() {
        let mut pressure = summary();
        pressure.add(&[Delivered { at: 5, left: false }; 9]);
        assert_eq!(delivered(&PressureReport::new(&pressure).within_7_days), [(1, 0), (1, 0), (1, 0), (1, 0), (5, 0)]);
    }

    #[test]
    fn rates_have_their_interval_and_a_sentence() {
        let mut pressure = summary();
        pressure.rows[0] = [(20_000, 40), (8_000, 24), (3_000, 15), (900, 9), (10, 0)];
        let report = PressureReport::new(&pressure);
        let expected = [
            (0.002, 0.001_469_18, 0.002_722_09),
            (0.003, 0.002_016_88, 0.004_460_19),
            (0.005, 0.003_032_45, 0.008_233_61),
            (0.01, 0.005_269_82, 0.018_895_32),
        ];
        for (row, expected) in report.within_7_days.iter().zip(expected) {
            let (rate, lo, hi) = row.rate.numbers().expect("enough");
            assert!(
                (rate - expected.0).abs() < 1e-12 && (lo - expected.1).abs() < 1e-8 && (hi - expected.2).abs() < 1e-8
            );
        }
        assert!(!report.within_7_days[4].rate.is_shown());
        assert_eq!(
            report.sentence(Language::English),
            "The third message in a week loses 5.0 (3.0–8.2) subscribers per 1,000, the first 2.0 (1.5–2.7). This is seen, not proven."
        );
        assert!(PressureReport::new(&summary()).sentence(Language::Russian).starts_with("Пока нет"));
    }
}
