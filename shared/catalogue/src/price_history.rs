//! What something cost lately.

use crate::register::to_the_second;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::money::{Currency, Money};
use serde::{Deserialize, Serialize};

/// The changes of a price: enough of them to say what the lowest was within 30 days before the last change and before now.
///
/// A reduced price may be announced only beside the lowest of the 30 days before the reduction (directive 98/6/EC, article 6a),
/// which is [`PriceHistory::lowest_before_present`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceHistory {
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
    /// From when on which price held, in seconds since 1970 and minor units; the oldest first.
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    changes: Vec<(i64, i64)>,
}

/// How far back prices matter.
const WINDOW: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Most changes that are kept. Of older ones only the lowest is.
const MAX_CHANGES: usize = 24;

impl PriceHistory {
    /// Whether no price is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Notes the price that holds from an instant on. What was noted for later instants stays. A price in another currency
    /// begins a new history.
    pub(crate) fn note(&mut self, price: Money, from: Timestamp) {
        let from = to_the_second(from).as_second();
        if self.currency != Some(price.currency) {
            *self = Self { currency: Some(price.currency), changes: Vec::new() };
        }
        let place = self.changes.partition_point(|(at, _)| *at <= from);
        if place.checked_sub(1).is_some_and(|before| self.changes[before].1 == price.minor) {
            return;
        }
        self.changes.insert(place, (from, price.minor));
        self.shorten();
    }

    /// The lowest price of the 30 days before `now`, the one that held at their beginning included.
    #[must_use]
    pub fn lowest_of_30_days(&self, now: Timestamp) -> Option<Money> {
        let now = now.as_second();
        let end = self.changes.partition_point(|(at, _)| *at <= now);
        self.lowest(&self.changes[..end], now)
    }

    /// The lowest price of the 30 days before the price that holds at `now` began to hold. Nothing if no other is known from
    /// that time.
    #[must_use]
    pub fn lowest_before_present(&self, now: Timestamp) -> Option<Money> {
        let end = self.changes.partition_point(|(at, _)| *at <= now.as_second());
        let (before, (since, _)) = (self.changes.get(..end.checked_sub(1)?)?, self.changes.get(end - 1)?);
        self.lowest(before, *since)
    }

    /// The lowest of `changes` that held at some time within the 30 days before `until`.
    fn lowest(&self, changes: &[(i64, i64)], until: i64) -> Option<Money> {
        let start = until - WINDOW.as_secs();
        let first = changes.partition_point(|(at, _)| *at <= start).saturating_sub(1);
        let minor = changes[first..].iter().map(|(_, minor)| *minor).min()?;
        Some(Money { minor, currency: self.currency? })
    }

    /// Forgets what cannot matter any more, and, of more changes than are kept, all of the oldest ones but the lowest.
    fn shorten(&mut self) {
        let Some((last, _)) = self.changes.last() else { return };
        let start = last - WINDOW.as_secs();
        // The change before the last one whose window begins at it may be asked for too, so one more stays.
        let held_at_start = self.changes.partition_point(|(at, _)| *at <= start).saturating_sub(1);
        self.changes.drain(..held_at_start);
        while self.changes.len() > MAX_CHANGES {
            let (_, oldest) = self.changes.remove(0);
            self.changes[0].1 = self.changes[0].1.min(oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + day * 86_400).expect("an instant")
    }

    fn euros(minor: i64) -> Money {
        Money { minor, currency: Currency::parse("EUR").expect("a currency") }
    }

    fn history(changes: &[(i64, i64)]) -> PriceHistory {
        let mut history = PriceHistory::default();
        for (at, minor) in changes {
            history.note(euros(*minor), day(*at));
        }
        history
    }

    #[test]
    fn the_lowest_price_counts_what_held_when_the_window_began() {
        let history = history(&[(0, 1_000), (40, 1_500)]);
        assert_eq!(history.lowest_of_30_days(day(41)), Some(euros(1_000)), "ten euros held until yesterday");
        assert_eq!(history.lowest_of_30_days(day(69)), Some(euros(1_000)));
        assert_eq!(history.lowest_of_30_days(day(71)), Some(euros(1_500)), "and are over 30 days ago now");
    }

    #[test]
    fn a_reduction_is_compared_with_the_lowest_of_the_thirty_days_before_it() {
        let history = history(&[(0, 2_000), (50, 1_800), (52, 2_200), (60, 1_500)]);
        assert_eq!(history.lowest_before_present(day(61)), Some(euros(1_800)));
        assert_eq!(history.lowest_before_present(day(53)), Some(euros(1_800)));
        assert_eq!(history.lowest_before_present(day(51)), Some(euros(2_000)));
        assert_eq!(history.lowest_before_present(day(1)), None, "nothing is known from before");
    }

    #[test]
    fn an_unchanged_price_and_another_currency() {
        let mut history = history(&[(0, 1_000), (1, 1_000), (2, 1_000)]);
        assert_eq!(history.changes.len(), 1);
        let pounds = Money { minor: 900, currency: Currency::parse("GBP").expect("a currency") };
        history.note(pounds, day(3));
        assert_eq!(history.lowest_of_30_days(day(3)), Some(pounds));
    }

    #[test]
    fn a_price_that_changes_all_the_time_keeps_its_lowest_and_stays_small() {
        let mut history = PriceHistory::default();
        for hour in 0..600 {
            let minor = if hour == 500 { 77 } else { 1_000 + hour % 7 };
            history.note(euros(minor), day(0) + SignedDuration::from_hours(hour));
        }
        assert!(history.changes.len() <= MAX_CHANGES, "{}", history.changes.len());
        assert_eq!(history.lowest_of_30_days(day(25)), Some(euros(77)));
    }
}
