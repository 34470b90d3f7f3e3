//! The history as a whole, and the repeat rate.

use crate::cdnow::{Customer, history, master, sample};
use crate::expected::{self, assert_estimate, assert_near};
use crate::summaries::summary_of;
use rekindle_insight::Language;
use rekindle_insight::overview::{Overview, OverviewReport};
use rekindle_insight::repeat::{Repeat, RepeatReport};
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
