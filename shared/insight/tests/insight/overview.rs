//! The history as a whole, and the repeat rate.

use crate::cdnow::{Customer, history, master, sample};
use crate::expected::{self, assert_estimate, assert_near};
use crate::summaries::summary_of;
use rekindle_insight::overview::{Overview, OverviewReport};
use rekindle_insight::repeat::{Repeat, RepeatReport};
use rekindle_insight::{Buyer, Day, History, Language, Occasion, Summary};
use serde_json::Value;

fn assert_expected(customers: &[Customer], expected: &Value) {
    let data = &expected["data"];
    let overview = OverviewReport::new(&summary_of(Overview::new(history()), customers));
    assert_eq!(
        (overview.customers, overview.occasions),
        (data["customers"].as_u64().expect("n"), data["occasions"].as_u64().expect("n"))
    );
    assert_eq!(overview.zero_amount_occasions, data["zero_amount_occasions"]);
    assert_near(overview.revenue, &data["revenue"], 1e-6, "revenue");
    assert_eq!(overview.from_day.expect("a day").to_string(), data["from_day"]);
    assert_eq!(overview.through.to_string(), data["through"]);
    assert!(overview.may_begin_in_the_middle, "all customers of the data set came in its first quarter");

    let repeat = &expected["repeat"];
    let report = RepeatReport::new(&summary_of(Repeat::new(history()), customers));
    assert_eq!(
        (report.customers, report.repeaters),
        (repeat["customers"].as_u64().expect("n"), repeat["repeaters"].as_u64().expect("n"))
    );
    assert_estimate(&report.ever, &repeat["ever"]["share"], &repeat["ever"], 1e-7, "ever");
    let (year, last_365) = (&report.last_365, &repeat["last_365"]);
    for (key, found) in [
        ("occasions", year.occasions),
        ("by_returning", year.by_returning),
        ("customers", year.customers),
        ("customers_with_2plus_in_window", year.customers_with_2plus_in_window),
    ] {
        assert_eq!(found, last_365[key], "{key}");
    }
    assert_near(year.revenue, &last_365["revenue"], 1e-5, "last year's revenue");
    for (key, found) in [
        ("share_of_occasions_by_returning", year.share_of_occasions_by_returning),
        ("revenue_share_returning", year.revenue_share_returning),
    ] {
        assert_near(found.value.expect("shown"), &last_365[key], 1e-7, key);
    }
}

#[test]
fn the_sample_is_counted_as_expected() {
    assert_expected(&sample(), &expected::sample()["cdnow_sample"]);
}

#[test]
fn all_customers_are_counted_as_expected() {
    let (Some(customers), Some(expected)) = (master(), expected::master()) else { return };
    assert_expected(&customers, &expected["cdnow_master"]);
}

#[test]
fn they_are_said_in_sentences() {
    let report = RepeatReport::new(&summary_of(Repeat::new(history()), &sample()));
    assert_eq!(
        report.sentence(Language::English).replace('\u{a0}', " "),
        "48.3 % (46.3–50.3) of customers have ordered again; young ones may still. 100.0 % (100.0–100.0) of last year's sales came \
         from customers who had ordered before."
    );
    let overview = OverviewReport::new(&summary_of(Overview::new(history()), &sample()));
    assert!(
        overview
            .sentence(Language::Russian)
            .starts_with("2\u{a0}357 покупателей, дней с заказом: 6\u{a0}696, по 1998-06-30")
    );
}

/// Customers with orders on these days, each worth 100, the last one worth `last`.
fn repeat(customers: &[&[i32]], last: i64, through: i32) -> RepeatReport {
    let day = |day| Day::from_number(10_000 + day);
    let mut summary = Repeat::new(History::from_the_beginning(day(through)));
    for (place, days) in customers.iter().enumerate() {
        let value = |place: usize| if place + 1 == days.len() { last } else { 100 };
        let orders =
            days.iter().enumerate().map(|(place, at)| Occasion { day: day(*at), value: value(place), lines: 1 });
        summary.add(&Buyer::new(Buyer::hash_of("shop", &place.to_string()), orders));
    }
    RepeatReport::new(&summary)
}

#[test]
fn the_last_year_has_365_days() {
    let mut customers: Vec<&[i32]> = vec![&[400]; 40];
    customers.extend([&[35, 36, 400][..], &[35, 400], &[34], &[36, 200], &[401]]);
    let report = repeat(&customers, 300, 400);
    assert_eq!((report.customers, report.repeaters), (44, 3));
    let year = &report.last_365;
    // Day 35 is the last one before the year.
    assert_eq!(
        (year.customers, year.occasions, year.by_returning, year.customers_with_2plus_in_window),
        (43, 45, 4, 2)
    );
    assert_eq!(year.share_of_occasions_by_returning.value, Some(4.0 / 45.0));
    assert!((year.revenue - (40.0 * 3.0 + 1.0 + 3.0 + 3.0 + 1.0 + 3.0)).abs() < 1e-9);
    assert_eq!(year.revenue_share_returning.value, Some(10.0 / 131.0));
}

#[test]
fn a_share_that_is_known_has_a_sentence_in_both_languages() {
    let customers: Vec<&[i32]> = vec![&[0, 400]; 40];
    let report = repeat(&customers, 100, 400);
    assert!(report.sentence(Language::Russian).contains("продаж за последний год"));
    let refunded = repeat(&customers, 0, 400);
    assert_eq!(
        refunded.sentence(Language::English).replace('\u{a0}', " "),
        "100.0 % (91.2–100.0) of customers have ordered again; young ones may still."
    );
}

#[test]
fn a_history_is_suspect_if_most_first_orders_are_in_its_first_tenth() {
    let overview = |early: i32| {
        let day = |day| Day::from_number(10_000 + day);
        let mut summary = Overview::new(History::from_the_beginning(day(99)));
        for place in 0..40 {
            let order =
                Occasion { day: day(if place < early { place % 10 } else { 10 + place }), value: 100, lines: 1 };
            summary.add(&Buyer::new(Buyer::hash_of("shop", &place.to_string()), [order]));
        }
        OverviewReport::new(&summary)
    };
    assert_eq!((overview(20).first_orders_in_first_tenth, overview(20).may_begin_in_the_middle), (Some(0.5), false));
    assert!(overview(21).may_begin_in_the_middle);
    assert!(!overview(20).sentence(Language::English).contains("More than half"));
    assert!(overview(21).sentence(Language::Russian).contains("Больше половины"));
}
