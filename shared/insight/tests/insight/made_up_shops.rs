//! Orders to come of made-up shops: small ones, odd ones, and those of which nothing can be foretold.

use crate::cdnow::{history, sample};
use crate::orders_to_come::{RETURN, report};
use crate::summaries::{assert_merges, summary_of};
use proptest::prelude::*;
use rekindle_insight::orders_to_come::{
    Assumptions, DEFAULT_HORIZON, OrderValues, OrdersToCome, OrdersToComeReport, UseFor,
};
use rekindle_insight::{Because, Buyer, Day, Estimate, History, Language, Needs, Occasion, Shown, Summary};
use serde_json::Value;

fn order(day: i32, value: i64) -> Occasion {
    Occasion { day: Day::from_number(day), value, lines: 1 }
}

fn report_of(buyers: &[Buyer], through: i32) -> OrdersToComeReport {
    let history = History::from_the_beginning(Day::from_number(through));
    let (mut orders, mut values) = (OrdersToCome::new(history, DEFAULT_HORIZON), OrderValues::new(history));
    for buyer in buyers {
        orders.add(buyer);
        values.add(buyer);
    }
    OrdersToComeReport::new(&orders, &values, &RETURN)
}

/// Every number in a report is finite, and everything that can be said is said.
fn assert_no_nonsense(report: &OrdersToComeReport) {
    fn walk(value: &Value) {
        match value {
            Value::Number(number) => assert!(number.as_f64().is_some_and(f64::is_finite), "{number}"),
            Value::Array(values) => values.iter().for_each(walk),
            Value::Object(values) => values.values().for_each(walk),
            Value::Null | Value::Bool(_) | Value::String(_) => {}
        }
    }
    walk(&serde_json::to_value(report).expect("JSON"));
    for language in [Language::English, Language::Russian] {
        let (orders, value) = (report.sentence(language), report.value_sentence(language));
        assert!(!orders.is_empty() && !value.is_empty(), "{orders} {value}");
        assert!(!orders.contains("NaN") && !orders.contains("inf"), "{orders}");
    }
}

#[test]
fn a_handful_of_customers_gives_no_forecast_and_says_how_many_are_missing() {
    for customers in [0, 1, 3] {
        let buyers: Vec<Buyer> =
            (0..customers).map(|hash| Buyer::new(hash, [order(10, 500), order(40, 700)])).collect();
        let report = report_of(&buyers, 900);
        let forecast = &report.forecast.mbgnbd;
        let needs = Needs::Customers(300 - customers);
        assert_eq!(
            forecast.expected_occasions.shown,
            Shown::NotYet { because: Because::TooFewAtRisk, needs },
            "{customers}"
        );
        assert_eq!(forecast.use_for, UseFor::Nothing);
        assert_no_nonsense(&report);
    }
    assert_eq!(report_of(&[], 900).sentence(Language::English), "Not yet: too few customers; 300 more are needed.");
}

#[test]
fn orders_of_a_single_day_give_no_forecast() {
    let buyers: Vec<Buyer> = (0..1_000).map(|hash| Buyer::new(hash, [order(10, 500), order(10, 700)])).collect();
    for through in [10, 900] {
        let report = report_of(&buyers, through);
        assert_eq!(
            report.forecast.mbgnbd.expected_occasions.shown,
            Shown::NotYet { because: Because::TooFewReturned, needs: Needs::Returned(100) }
        );
        assert_no_nonsense(&report);
    }
}

#[test]
fn customers_who_are_all_alike_give_no_forecast() {
    let buyers: Vec<Buyer> =
        (0..1_000).map(|hash| Buyer::new(hash, (0..20).map(|visit| order(10 + visit * 30, 500)))).collect();
    let report = report_of(&buyers, 620);
    let not_yet = Shown::NotYet { because: Because::ModelDoesNotFit, needs: Needs::OtherData };
    assert_eq!(report.forecast.mbgnbd.expected_occasions.shown, not_yet);
    assert_eq!(report.forecast.bgnbd.model.r.shown, not_yet);
    assert_eq!(report.forecast.gamma_gamma.p.shown, not_yet, "values are all equal, too");
    assert_no_nonsense(&report);
}

/// Customers of whom some come back often, some once and most never.
fn shop(value: impl Fn(u64, i32) -> i64) -> Vec<Buyer> {
    (0..600_u64)
        .map(|hash| {
            let first = i32::try_from(hash * 7 % 500).expect("small");
            let visits = [0, 0, 0, 1, 0, 2, 1, 0, 9, 3][usize::try_from(hash % 10).expect("small")];
            let gap = 11 + i32::try_from(hash * 13 % 47).expect("small");
            Buyer::new(hash << 40 | hash, (0..=visits).map(|visit| order(first + visit * gap, value(hash, visit))))
        })
        .collect()
}

/// The customers of the sample, each of whose days is worth this.
fn worth(value: i64) -> Vec<Buyer> {
    let days = |buyer: &Buyer| buyer.occasions().iter().map(|day| Occasion { value, ..*day }).collect::<Vec<_>>();
    sample().iter().map(|customer| Buyer::new(customer.buyer.hash(), days(&customer.buyer))).collect()
}

#[test]
fn orders_without_value_are_orders_and_no_values() {
    for value in [0, -500] {
        let report = report_of(&worth(value), history().through.number());
        assert!(report.forecast.mbgnbd.model.r.is_shown(), "{:?}", report.forecast.mbgnbd.model.r);
        assert_eq!(report.forecast.gamma_gamma.customers, 0);
        assert!(!report.forecast.mbgnbd.clv_365_sum.is_shown());
        assert_no_nonsense(&report);
    }
    let mixed = report_of(
        &shop(|hash, visit| if visit == 1 { -100 } else { i64::try_from(hash * 37 % 900).expect("small") * 10 }),
        700,
    );
    assert_no_nonsense(&mixed);
}

#[test]
fn one_customer_with_ten_thousand_orders_is_one_customer() {
    let mut buyers = shop(|hash, visit| i64::try_from(1_000 + hash * 37 % 900).expect("small") + i64::from(visit) * 50);
    let without = report_of(&buyers, 10_200);
    buyers.push(Buyer::new(1, (0..10_000).map(|day| order(day + 100, 900))));
    let report = report_of(&buyers, 10_200);
    assert_eq!(report.forecast.customers, without.forecast.customers + 1);
    assert_no_nonsense(&report);
}

#[test]
fn a_history_that_is_too_short_says_how_many_days_are_missing() {
    let report = report_of(&shop(|_, _| 500), 300);
    assert_eq!(
        report.forecast.mbgnbd.expected_occasions.shown,
        Shown::NotYet { because: Because::HistoryTooShort, needs: Needs::Days(32) }
    );
}

prop_compose! {
    fn buyers()(customers in proptest::collection::vec(
        (any::<u64>(), proptest::collection::vec((0..800_i32, -300..9_000_i64), 0..12)), 0..40)) -> Vec<Buyer> {
        let orders = |days: Vec<(i32, i64)>| days.into_iter().map(|(day, value)| order(day, value)).collect::<Vec<_>>();
        customers.into_iter().map(|(hash, days)| Buyer::new(hash, orders(days))).collect()
    }
}

proptest! {
    #[test]
    fn any_order_and_split_gives_the_same_bytes(buyers in buyers(), cuts in proptest::collection::vec(0_usize..40, 0..3)) {
        let history = History::from_the_beginning(Day::from_number(700));
        assert_merges(&OrdersToCome::new(history, DEFAULT_HORIZON), &buyers, &cuts);
        assert_merges(&OrderValues::new(history), &buyers, &cuts);
    }

    #[test]
    fn whatever_customers_do_there_is_a_number_or_a_reason(buyers in buyers(), repeated in 1_u64..40) {
        let many: Vec<Buyer> = (0..repeated)
            .flat_map(|copy| buyers.iter().map(move |buyer| {
                Buyer::new(buyer.hash().wrapping_add(copy), buyer.occasions().iter().copied())
            }))
            .collect();
        assert_no_nonsense(&report_of(&many, 800));
    }
}

/// The sample's customers, whose occasions are changed.
fn changed(change: impl Fn(u64, Occasion) -> Option<Occasion>) -> Vec<Buyer> {
    let changed =
        |buyer: &Buyer| buyer.occasions().iter().filter_map(|day| change(buyer.hash(), *day)).collect::<Vec<_>>();
    sample().iter().map(|customer| Buyer::new(customer.buyer.hash(), changed(&customer.buyer))).collect()
}

fn numbers(estimate: Estimate) -> (f64, f64, f64) {
    estimate.numbers().expect("shown")
}

#[test]
fn a_forecast_whose_back_test_was_bad_only_puts_customers_in_order() {
    let last_days = history().through.plus(-90);
    // Most orders of the last 90 days fall away.
    let buyers = changed(|hash, day| (day.day <= last_days || hash % 3 == 0).then_some(day));
    let report = report_of(&buyers, history().through.number());
    let forecast = &report.forecast.mbgnbd;
    let off = report.back_test.mbgnbd.expected_to_actual.value.expect("shown");
    assert!(off > 2.0, "{off}");
    assert_eq!(forecast.use_for, UseFor::Ranking);
    let failed = Shown::NotYet { because: Because::BackTestFailed, needs: Needs::OtherData };
    for total in [forecast.sum_p_alive, forecast.expected_occasions, forecast.sum_p_order, forecast.clv_365_sum] {
        assert_eq!(total.shown, failed);
    }
    assert!(forecast.model.parameters().is_some(), "customers can still be scored");
    let english = report.sentence(Language::English);
    assert!(english.starts_with("No total is shown. The same forecast, made 90 days before, expected 2"), "{english}");
    assert!(english.contains("% more orders than came. But of two customers of whom one ordered"), "{english}");
    let russian = report.sentence(Language::Russian);
    assert!(
        russian.starts_with("Сумма не показана. Такой же прогноз, сделанный за 90 дней до этого, обещал на 2"),
        "{russian}"
    );
}

#[test]
fn a_shop_that_nobody_came_back_to_has_no_back_test() {
    let last_days = history().through.plus(-90);
    let report = report_of(&changed(|_, day| (day.day <= last_days).then_some(day)), history().through.number());
    assert_eq!(report.back_test.actual_holdout_occasions, 0);
    let nothing = Shown::NotYet { because: Because::NothingToCompare, needs: Needs::OtherData };
    assert_eq!(report.back_test.mbgnbd.expected_to_actual.shown, nothing);
    assert_eq!(report.forecast.mbgnbd.expected_occasions.shown, nothing);
    assert_no_nonsense(&report);
}

#[test]
fn worth_follows_margin_and_interest() {
    let with = |margin, yearly_rate| {
        let orders = summary_of(OrdersToCome::new(history(), DEFAULT_HORIZON), &sample());
        let values = summary_of(OrderValues::new(history()), &sample());
        let assumptions = Assumptions { margin, yearly_rate, ..RETURN };
        let report = OrdersToComeReport::new(&orders, &values, &assumptions);
        [report.forecast.mbgnbd.clv_365_sum, report.back_test.mbgnbd.clv_365_sum].map(|worth| numbers(worth).0)
    };
    let [full, half, free] = [with(1.0, 0.1), with(0.5, 0.1), with(1.0, 0.0)];
    for place in [0, 1] {
        assert!((half[place] * 2.0 / full[place] - 1.0).abs() < 1e-12);
        assert!(free[place] > full[place] && free[place] < 1.1 * full[place]);
    }
}

#[test]
fn two_years_of_history_show_three_years_ahead() {
    let start = history().through.plus(-544);
    // Everything takes half as long again.
    let slower = |day: Occasion| {
        let since = i32::try_from(day.day.since(start)).expect("small");
        Occasion { day: start.plus(since * 3 / 2), ..day }
    };
    let report = report_of(&changed(|_, day| Some(slower(day))), start.number() + 816);
    assert_eq!(report.forecast.history_days, 816);
    let (year, three) = (report.forecast.mbgnbd.clv_365_sum, report.forecast.mbgnbd.clv_1095_sum);
    let (year, three) = (numbers(year).0, numbers(three).0);
    assert!(three > 1.5 * year && three < 3.0 * year, "{year} {three}");
}

#[test]
fn the_intervals_are_those_of_the_standard_errors() {
    let report = report(&sample(), 273);
    let model = &report.back_test.mbgnbd.model;
    let errors = model.se_of_log_params.expect("a fit");
    for (parameter, error) in
        [(model.r, errors.r), (model.alpha, errors.alpha), (model.a, errors.a), (model.b, errors.b)]
    {
        let (value, lo, hi) = numbers(parameter);
        assert!(((value / lo).ln() / error - 1.96).abs() < 1e-3 && ((hi / value).ln() / error - 1.96).abs() < 1e-3);
    }
    // The total of 273 days is known within some percent: the parameters' errors are not independent.
    let (expected, lo, hi) = numbers(report.back_test.mbgnbd.expected_holdout_occasions);
    assert!((0.03..0.15).contains(&(expected / lo).ln()) && (0.03..0.15).contains(&(hi / expected).ln()), "{lo} {hi}");
    let (ratio, lo, hi) = numbers(report.back_test.mbgnbd.expected_to_actual);
    assert!((ratio - 1_576.728 / 1_882.0).abs() < 1e-3);
    assert!((0.05..0.2).contains(&(ratio / lo).ln()) && (0.05..0.2).contains(&(hi / ratio).ln()), "{lo} {hi}");
    let (_, lo, hi) = numbers(report.back_test.gamma_gamma.population_mean);
    assert!(lo > 32.0 && hi < 39.0, "{lo} {hi}");
}

#[test]
fn values_that_grow_with_frequency_are_warned_of() {
    let customers = sample();
    let often: Vec<Buyer> = customers
        .iter()
        .map(|customer| {
            let value = 1_000 * i64::try_from(customer.buyer.occasions().len()).expect("small");
            let days = customer.buyer.occasions().iter().map(|day| Occasion { value: value + day.value / 10, ..*day });
            Buyer::new(customer.buyer.hash(), days)
        })
        .collect();
    let report = report_of(&often, history().through.number());
    assert!(report.forecast.gamma_gamma.values_depend_on_frequency);
    assert!(numbers(report.forecast.gamma_gamma.spearman_x_vs_m).0 > 0.8);
}
