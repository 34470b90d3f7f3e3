//! Orders to come, and what they are worth.

use crate::cdnow::{Customer, history, master, sample};
use crate::expected::{self, assert_near};
use crate::summaries::{assert_merges, summary_of};
use proptest::prelude::*;
use rekindle_insight::orders_to_come::{
    Assumptions, BackTest, DEFAULT_HORIZON, FittedValueModel, Model, OrderModelBackTest, OrderValues, OrdersToCome,
    OrdersToComeReport, Parameters, Standing, UseFor, ValueParameters,
};
use rekindle_insight::{Because, Buyer, Day, Estimate, History, Language, Needs, Occasion, Shown, Summary};
use serde_json::Value;

/// 80 % of the customers of CDNOW who come back within a year do so within 166 days.
const RETURN: Assumptions = Assumptions { usual_return_days: Some(166), margin: 1.0, yearly_rate: 0.1 };

fn report(customers: &[Customer], days: u32) -> OrdersToComeReport {
    let orders = summary_of(OrdersToCome::new(history(), days), customers);
    let values = summary_of(OrderValues::new(history()), customers);
    OrdersToComeReport::new(&orders, &values, &RETURN)
}

#[track_caller]
fn assert_relative(found: Estimate, expected: &Value, tolerance: f64, what: &str) {
    let value = found.value.unwrap_or_else(|| panic!("{what}: {:?}", found.shown));
    assert_near(value, expected, tolerance * expected.as_f64().expect("a number").abs(), what);
    let (_, lo, hi) = found.numbers().expect("shown");
    assert!(lo <= value && value <= hi, "{what}: {value} is outside {lo} to {hi}");
}

fn assert_order_model(found: &OrderModelBackTest, expected: &Value) {
    let model = &found.model;
    for (key, parameter) in [("r", model.r), ("alpha", model.alpha), ("a", model.a), ("b", model.b)] {
        assert_relative(parameter, &expected[key], 1e-3, key);
    }
    let likelihood = model.log_likelihood.expect("a fit");
    assert!(likelihood > expected["log_likelihood"].as_f64().expect("a number") - 1e-3, "{likelihood}");
    let (errors, expected_errors) = (model.se_of_log_params.expect("a fit"), &expected["se_of_log_params"]);
    for (key, error) in [("r", errors.r), ("alpha", errors.alpha), ("a", errors.a), ("b", errors.b)] {
        assert_near(error, &expected_errors[key], 0.02 * error, key);
    }
    for (key, sum) in [
        ("sum_p_alive", found.sum_p_alive),
        ("mean_p_alive_one_timers", found.mean_p_alive_one_timers),
        ("expected_holdout_occasions", found.expected_holdout_occasions),
        ("sum_p_order_in_holdout", found.sum_p_order_in_holdout),
        ("clv_365_sum", found.clv_365_sum),
    ] {
        assert_relative(sum, &expected[key], 2e-3, key);
    }
    for (key, measure) in [
        ("auc_p_order_vs_actual", found.auc_p_order_vs_actual),
        ("auc_expected_vs_actual", found.auc_expected_vs_actual),
        ("auc_p_alive_vs_actual", found.auc_p_alive_vs_actual),
        ("mean_abs_error", found.mean_abs_error),
        ("rmse", found.rmse),
        ("brier_p_order", found.brier_p_order),
    ] {
        assert_near(measure.value.expect("shown"), &expected[key], 1e-3, key);
    }
}

fn assert_value_model(found: &FittedValueModel, expected: &Value) {
    for (key, parameter) in [("p", found.p), ("q", found.q), ("gamma", found.gamma)] {
        assert_relative(parameter, &expected[key], 1e-3, key);
    }
    let likelihood = found.log_likelihood.expect("a fit");
    assert!(likelihood > expected["log_likelihood"].as_f64().expect("a number") - 1e-3, "{likelihood}");
    assert_eq!(found.customers, expected["customers"]);
    assert_relative(found.population_mean, &expected["population_mean"], 1e-3, "population_mean");
    // Means that are equal to the cent share a rank here. In sums of binary dollars some of them differ by rounding.
    assert_relative(found.spearman_x_vs_m, &expected["spearman_x_vs_m"], 2e-4, "spearman");
    assert_relative(found.pearson, &expected["pearson"], 1e-6, "pearson");
    assert!(!found.values_depend_on_frequency);
}

fn assert_back_test(found: &BackTest, expected: &Value) {
    assert_eq!(found.calibration_end.to_string(), expected["calibration_end"]);
    assert_eq!(found.holdout_days, expected["holdout_days"]);
    assert_eq!(found.customers, expected["customers"]);
    assert_eq!(found.repeaters, expected["repeaters"]);
    assert_eq!(found.unit, expected["unit"]);
    assert_eq!(found.actual_holdout_occasions, expected["actual_holdout_occasions"]);
    assert_eq!(found.actual_customers_ordering_in_holdout, expected["actual_customers_ordering_in_holdout"]);
    assert_order_model(&found.bgnbd, &expected["bgnbd"]);
    assert_order_model(&found.mbgnbd, &expected["mbgnbd"]);
    assert_value_model(&found.gamma_gamma, &expected["gamma_gamma"]);
}

#[test]
fn the_samples_last_39_weeks_are_predicted_as_expected() {
    assert_back_test(&report(&sample(), 273).back_test, &expected::sample()["cdnow_sample"]["btyd"]);
}

#[test]
fn the_last_39_weeks_of_all_customers_are_predicted_as_expected() {
    let (Some(customers), Some(expected)) = (master(), expected::master()) else { return };
    assert_back_test(&report(&customers, 273).back_test, &expected["cdnow_master"]["btyd"]);
}

#[test]
fn weekly_cells_are_as_good_as_exact_days() {
    let Some(customers) = master() else { return };
    let end = history().through.plus(-273);
    let then = History::from_the_beginning(end);
    let cells = summary_of(OrdersToCome::new(then, 0), &customers);
    let values = summary_of(OrderValues::new(then), &customers);
    let assumptions = Assumptions { usual_return_days: Some(100), ..RETURN };
    let forecast = OrdersToComeReport::new(&cells, &values, &assumptions).forecast;
    let exact = report(&customers, 273).back_test;
    for model in [Model::BgNbd, Model::MbgNbd] {
        let (cells, exact) = (&forecast.of(model).model, &exact.of(model).model);
        for (cells, exact) in [(cells.r, exact.r), (cells.alpha, exact.alpha), (cells.a, exact.a), (cells.b, exact.b)] {
            let ratio = cells.value.expect("a fit") / exact.value.expect("a fit");
            assert!((ratio - 1.0).abs() < 5e-3, "{model:?}: {ratio}");
        }
    }
    let (cells, exact) = (&forecast.gamma_gamma, &exact.gamma_gamma);
    for (cells, exact) in [(cells.p, exact.p), (cells.q, exact.q), (cells.gamma, exact.gamma)] {
        let ratio = cells.value.expect("a fit") / exact.value.expect("a fit");
        assert!((ratio - 1.0).abs() < 1e-3, "{ratio}");
    }
}

#[test]
fn each_of_fifty_customers_is_predicted_as_expected() {
    let Some(cases) = expected::cases() else { return };
    let expected = expected::sample();
    let parameters = &expected["cdnow_sample"]["btyd"]["parameters_for_50_customers"];
    let of = |key: &str, place: usize| parameters[key][place].as_f64().expect("a number");
    let order = |key| Parameters { r: of(key, 0), alpha: of(key, 1), a: of(key, 2), b: of(key, 3) };
    let values = ValueParameters { p: of("gg", 0), q: of("gg", 1), gamma: of("gg", 2) };
    let models = [("bg", Model::BgNbd, order("bgnbd")), ("mbg", Model::MbgNbd, order("mbgnbd"))];
    let mut rows = csv::Reader::from_path(cases.join("insight/cdnow_50_customers.csv")).expect("the file");
    let headers = rows.headers().expect("headers").clone();
    let mut customers = 0;
    for row in rows.records() {
        let row = row.expect("a row");
        let cell = |name: &str| &row[headers.iter().position(|header| header == name).expect("a column")];
        let number = |name: &str| cell(name).parse::<f64>().expect("a number");
        let days = |name: &str| cell(name).parse::<u32>().expect("days");
        let standing = Standing::from_days(days("x"), days("t_x_days"), days("T_days"));
        let value = values.expected_value(days("x"), number("mean_repeat_value"));
        let compare = |name: String, found: f64| {
            let expected = number(&name);
            assert!((found - expected).abs() <= 1e-6 * expected.abs(), "{name} of {row:?}: {found}");
        };
        compare("gg_value".to_owned(), value);
        for (name, model, at) in models {
            compare(format!("{name}_p_alive"), model.chance_alive(at, &standing));
            compare(format!("{name}_p_order_90d"), model.chance_of_order(at, &standing, 90.0));
            compare(format!("{name}_expected_39w"), model.expected_orders(at, &standing, 273.0));
            compare(format!("{name}_expected_90d"), model.expected_orders(at, &standing, 90.0));
            compare(format!("{name}_expected_365d"), model.expected_orders(at, &standing, 365.0));
            compare(format!("{name}_clv_365d"), model.discounted_orders(at, &standing, 1, 0.1) * value);
        }
        customers += 1;
    }
    assert_eq!(customers, 50);
}

#[test]
fn the_vectors_come_out() {
    let vectors = &expected::sample()["vectors"]["btyd_given_parameters"];
    let of = |model: &str, key: &str| vectors[model][key].as_f64().expect("a number");
    let parameters =
        |model| Parameters { r: of(model, "r"), alpha: of(model, "alpha"), a: of(model, "a"), b: of(model, "b") };
    for row in vectors["rows"].as_array().expect("rows") {
        let number = |key: &str| row[key].as_f64().expect("a number");
        let repeats = u32::try_from(row["x"].as_u64().expect("a number")).expect("a small number");
        let standing = Standing { repeats, recency: number("t_x"), age: number("T") };
        let days = number("t") * 7.0;
        for (name, model) in [("bg", Model::BgNbd), ("mbg", Model::MbgNbd)] {
            let at = parameters(name);
            for (what, found) in [
                ("p_alive", model.chance_alive(at, &standing)),
                ("expected", model.expected_orders(at, &standing, days)),
                ("p_order", model.chance_of_order(at, &standing, days)),
            ] {
                let key = format!("{name}_{what}");
                // Some are written with eight decimals.
                assert_near(found, &row[&key], 1e-8 * found.max(0.6), &format!("{key} of {repeats}"));
            }
        }
    }
}

#[test]
fn the_forecast_stands_beside_its_back_test() {
    let report = report(&sample(), DEFAULT_HORIZON);
    let forecast = report.forecast.of(Model::MbgNbd);
    assert_eq!((report.forecast.customers, report.forecast.history_days), (2_357, 545));
    // What the same model expected of these 90 days was 1.22 times what came.
    assert!((report.back_test.mbgnbd.expected_to_actual.value.expect("shown") - 1.22).abs() < 0.005);
    assert_eq!(forecast.use_for, UseFor::RankingAndTotals);
    let (expected, lo, hi) = forecast.expected_occasions.numbers().expect("shown");
    assert!(lo * 1.21 < expected && expected * 1.21 < hi, "the interval holds an error as large as the last one");
    // Two years of history are needed to look three years ahead.
    assert_eq!(
        forecast.clv_1095_sum.shown,
        Shown::NotYet { because: Because::HistoryTooShort, needs: Needs::Days(185) }
    );
    assert_eq!(
        report.sentence(Language::English),
        "About 525 orders (431–641) are expected in the next 90 days, from 305 customers. The same forecast, made 90 days \
         before, expected 22\u{a0}% more orders than came."
    );
    assert_eq!(
        report.sentence(Language::Russian),
        "В ближайшие 90 дней ожидается около 525 заказов (431–641) от 305 покупателей. Такой же прогноз, сделанный за 90 дней \
         до этого, обещал на 22\u{a0}% больше заказов, чем пришло."
    );
    assert_eq!(
        report.value_sentence(Language::English),
        "Today's customers are expected to bring 67,806 (55,582–82,720) within a year."
    );
    assert_eq!(
        report.value_sentence(Language::Russian),
        "Нынешние покупатели принесут в течение года, по ожиданию, 67\u{a0}806 (55\u{a0}582–82\u{a0}720)."
    );
}

#[test]
fn the_bands_tell_what_a_chance_was_worth() {
    let report = report(&sample(), DEFAULT_HORIZON);
    let bands = &report.back_test.mbgnbd.bands;
    assert_eq!(bands.iter().map(|band| band.ordered.n).sum::<u64>(), report.back_test.customers);
    let shown: Vec<f64> = bands.iter().filter_map(|band| band.ordered.value).collect();
    assert!(shown.len() >= 4 && shown.is_sorted(), "{shown:?}");
    for band in bands {
        assert!(band.predicted.is_none_or(|chance| (band.from..=band.to).contains(&chance)));
    }
}

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
