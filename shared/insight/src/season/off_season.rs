//! Parts of the year in which nobody is expected to order.

use crate::buyer::{Buyer, Occasion};
use crate::day::Day;
use jiff::civil::Date;

/// A part of every year in which the shop has no season. Its days are no silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OffSeason {
    from: (i8, i8),
    to: (i8, i8),
}

impl OffSeason {
    /// From this month and day until that one, both included; over the end of the year if the second comes before the first.
    /// `None` if either is in no year. 29 February is its 28th where there is none.
    #[must_use]
    pub fn new(from: (i8, i8), to: (i8, i8)) -> Option<Self> {
        let exists = |(month, day)| Date::new(2024, month, day).is_ok();
        (exists(from) && exists(to)).then_some(Self { from, to })
    }

    /// The customer as if there were no such days: the days between orders are those of the season only. An order on such a day
    /// counts as on the next one of the season. `through` is the last day looked at; the second result is it on the same scale.
    #[must_use]
    pub fn without(&self, buyer: &Buyer, through: Day) -> (Buyer, Day) {
        let mut last: Option<Day> = None;
        let occasions = buyer.occasions().iter().map(|occasion| {
            // Days with an order stay apart.
            let day = self.season_day(occasion.day).max(last.map_or(Day::from_number(i32::MIN), |day| day.plus(1)));
            last = Some(day);
            Occasion { day, ..*occasion }
        });
        (Buyer::new(buyer.hash(), occasions), self.season_day(through))
    }

    /// The day less the days out of season before it, counted from 1970.
    fn season_day(&self, day: Day) -> Day {
        let year = day.date().year();
        let parts = (1969..=year.max(1969)).filter_map(|year| self.of_year(year));
        let before: u32 = parts.map(|(first, last)| day.since(first).min(last.since(first) + 1)).sum();
        // What is out of season before 1970 is the same for all days after it.
        day.plus(-i32::try_from(before).unwrap_or(0))
    }

    /// The first and last day of the part that begins in a year.
    fn of_year(&self, year: i16) -> Option<(Day, Day)> {
        let date = |year, (month, day): (i8, i8)| {
            Date::new(year, month, day).or_else(|_| Date::new(year, month, day - 1)).ok().map(Day::from_date)
        };
        let ends_in = if self.to < self.from { year.checked_add(1)? } else { year };
        Some((date(year, self.from)?, date(ends_in, self.to)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn buyer(dates: &[Date]) -> Buyer {
        Buyer::new(7, dates.iter().map(|date| Occasion { day: Day::from_date(*date), value: 100, lines: 1 }))
    }

    fn gaps(off_season: OffSeason, dates: &[Date], through: Date) -> Vec<u32> {
        let (buyer, through) = off_season.without(&buyer(dates), Day::from_date(through));
        buyer.as_of(through).expect("ordered").gaps().map(|gap| gap.days).collect()
    }

    #[test]
    fn a_winter_is_no_silence() {
        let winter = OffSeason::new((11, 1), (2, 28)).expect("a part of the year");
        let dates = [date(2024, 10, 31), date(2025, 3, 1), date(2025, 3, 11)];
        assert_eq!(gaps(winter, &dates, date(2025, 3, 31)), [1, 10, 20]);
        assert_eq!(gaps(winter, &dates[..1], date(2026, 3, 1)), [246], "the days of March to October, and one");
    }

    #[test]
    fn a_summer_is_no_silence_and_orders_within_it_stay_apart() {
        let summer = OffSeason::new((7, 1), (7, 31)).expect("a part of the year");
        assert_eq!(gaps(summer, &[date(2025, 6, 30), date(2025, 8, 1)], date(2025, 8, 2)), [1, 1]);
        assert_eq!(gaps(summer, &[date(2025, 7, 10), date(2025, 7, 20)], date(2025, 8, 11)).len(), 2);
    }

    #[test]
    fn a_day_that_no_year_has_is_refused() {
        assert_eq!(OffSeason::new((2, 30), (3, 1)), None);
        let leap = OffSeason::new((2, 29), (2, 29)).expect("in some years");
        assert_eq!(gaps(leap, &[date(2025, 2, 27)], date(2025, 3, 1)), [1], "the 28th is out of season");
    }
}
