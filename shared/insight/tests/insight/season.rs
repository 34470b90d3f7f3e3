//! The season of shops that have known two years.

use jiff::civil::date;
use rekindle_insight::season::{Season, SeasonReport};
use rekindle_insight::{Because, Buyer, Day, History, Language, Needs, Occasion, Shown, Summary};

/// 300 customers who each order once a month, in December three times as much, for this many months.
fn season(first: (i16, i8, i8), months: i32, through: Option<Day>) -> SeasonReport {
    let start = Day::from_date(date(first.0, first.1, first.2));
    let month = |place: i32| start.month().plus(place);
    let through = through.unwrap_or_else(|| month(months - 1).last_day());
    let mut summary = Season::new(History::from_the_beginning(through));
    for customer in 0..300 {
        let order = |place: i32| Occasion {
            day: if place == 0 { start } else { month(place).first_day().plus(customer % 28) },
            value: if month(place).of_year() == 11 { 3_000 } else { 1_000 },
            lines: 1,
        };
        summary.add(&Buyer::new(Buyer::hash_of("shop", &customer.to_string()), (0..months).map(order)));
    }
    summary.add_hour(23);
    summary.add_hour(24);
    SeasonReport::new(&summary)
}

#[test]
fn december_stands_out() {
    let report = season((2023, 1, 1), 24, None);
    assert_eq!((report.months, report.index_shown), (24, true));
    let index = |month: usize| report.index[month].numbers().expect("shown");
    // A year is worth fourteen usual months.
    let (value, lo, hi) = index(11);
    assert!((value - 3.0 * 12.0 / 14.0).abs() < 1e-9 && lo <= value && value <= hi, "{value} {lo} {hi}");
    assert!((index(3).0 - 12.0 / 14.0).abs() < 1e-9);
    assert_eq!(
        report.sentence(Language::English),
        "The strongest month is month 12 of the year with 2.57 times the usual value, the weakest month 1 with 0.86."
    );
    assert_eq!((report.orders_by_hour[23], report.orders_by_hour.iter().sum::<u64>()), (1, 1), "there is no hour 24");
}

#[test]
fn a_season_takes_two_complete_years() {
    let needs = |report: &SeasonReport| report.index[0].shown;
    let report = season((2023, 2, 1), 23, None);
    assert_eq!((report.months, report.index_shown), (23, false));
    let missing = Shown::NotYet { because: Because::HistoryTooShort, needs: Needs::Days(30) };
    assert_eq!(needs(&report), missing);
    let report = season((2023, 1, 2), 24, None);
    assert_eq!((report.months, needs(&report)), (23, missing), "the first month is not complete");
    let report = season((2023, 1, 1), 24, Some(Day::from_date(date(2024, 12, 30))));
    assert_eq!((report.months, needs(&report)), (23, missing), "nor is the last");
}

#[test]
fn a_shop_without_a_season_is_told_so() {
    let start = Day::from_date(date(2023, 1, 1));
    let mut summary = Season::new(History::from_the_beginning(start.month().plus(23).last_day()));
    for customer in 0..400_i32 {
        // One order each, spread over all days; values between 10 and 30.
        let order = Occasion {
            day: start.plus(customer * 731 / 400),
            value: 1_000 + i64::from(customer * 7 % 21) * 100,
            lines: 1,
        };
        summary.add(&Buyer::new(Buyer::hash_of("shop", &customer.to_string()), [order]));
    }
    let report = SeasonReport::new(&summary);
    assert!(report.index_shown || report.index.iter().all(|index| index.n < 30));
    let weekdays = report.occasions_by_weekday_mon_first;
    assert_eq!(weekdays.iter().sum::<u64>(), 400);
    assert!(
        report.sentence(Language::English).starts_with("No month stands out"),
        "{}",
        report.sentence(Language::English)
    );
}
