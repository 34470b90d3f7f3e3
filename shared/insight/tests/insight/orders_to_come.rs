//! Orders to come, and what they are worth: of CDNOW, as expected.

use crate::cdnow::{Customer, history, master, sample};
use crate::expected::{self, assert_near};
use crate::summaries::summary_of;
use rekindle_insight::orders_to_come::{
    Assumptions, BackTest, DEFAULT_HORIZON, FittedValueModel, Model, OrderModelBackTest, OrderValues, OrdersToCome,
    OrdersToComeReport, Parameters, Standing, UseFor, ValueParameters,
};
use rekindle_insight::{Because, Estimate, History, Language, Needs, Shown};
use serde_json::Value;

/// 80 % of the customers of CDNOW who come back within a year do so within 166 days.
pub(crate) const RETURN: Assumptions = Assumptions { usual_return_days: Some(166), margin: 1.0, yearly_rate: 0.1 };

pub(crate) fn report(customers: &[Customer], days: u32) -> OrdersToComeReport {
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
