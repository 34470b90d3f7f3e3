use crate::orders_to_come::{Model, Parameters, Standing};

const BG: Parameters = Parameters { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
const MBG: Parameters = Parameters { r: 0.525, alpha: 6.183, a: 0.891, b: 1.614 };

#[track_caller]
fn assert_close(found: f64, expected: f64) {
    assert!((found / expected - 1.0).abs() < 1e-8, "{found} instead of {expected}");
}

#[test]
fn a_customer_with_200_orders_is_predicted_for_a_year() {
    let loyal = Standing { repeats: 200, recency: 38.0, age: 38.86 };
    assert_close(Model::BgNbd.chance_alive(BG, &loyal), 0.820_210_898_7);
    assert_close(Model::BgNbd.expected_orders(BG, &loyal, 365.0), 141.444_460_89);
    assert_close(Model::BgNbd.chance_of_order(BG, &loyal, 365.0), 0.820_210_898_7);
    assert_close(Model::MbgNbd.chance_alive(MBG, &loyal), 0.825_799_816_9);
    assert_close(Model::MbgNbd.expected_orders(MBG, &loyal, 365.0), 133.186_275_99);
}

#[test]
fn only_bg_nbd_takes_every_one_time_buyer_for_alive() {
    let once = Standing { repeats: 0, recency: 0.0, age: 38.86 };
    assert_eq!(Model::BgNbd.chance_alive(BG, &once), 1.0);
    assert_close(Model::MbgNbd.chance_alive(MBG, &once), 0.389_735_080_9);
}

#[test]
fn chances_grow_with_time_and_stay_chances() {
    let long_gone = Standing { repeats: 10_000, recency: 1.0, age: 520.0 };
    let back_yesterday = Standing { repeats: 3, recency: 51.9, age: 52.0 };
    for (model, parameters) in [(Model::BgNbd, BG), (Model::MbgNbd, MBG)] {
        assert_eq!(model.chance_alive(parameters, &long_gone), 0.0);
        assert_eq!(model.expected_orders(parameters, &long_gone, 365.0), 0.0);
        let chances = [1.0, 30.0, 90.0, 365.0].map(|days| model.chance_of_order(parameters, &back_yesterday, days));
        assert!(chances.is_sorted() && chances[0] > 0.0, "{chances:?}");
        assert!(chances[3] < model.chance_alive(parameters, &back_yesterday));
        assert_eq!(model.chance_of_order(parameters, &back_yesterday, 0.0), 0.0);
    }
}

#[test]
fn discounting_takes_a_little_off_and_without_a_rate_nothing() {
    let standing = Standing { repeats: 3, recency: 30.0, age: 35.0 };
    let plain = Model::MbgNbd.expected_orders(MBG, &standing, 365.0);
    assert_close(Model::MbgNbd.discounted_orders(MBG, &standing, 1, 0.0), plain);
    let discounted = Model::MbgNbd.discounted_orders(MBG, &standing, 1, 0.1);
    assert!(discounted < plain && discounted > plain / 1.1);
}

#[test]
fn the_day_is_known_on_which_a_chance_falls_below_a_limit() {
    let standing = Standing { repeats: 3, recency: 30.0, age: 35.0 };
    for (model, parameters) in [(Model::BgNbd, BG), (Model::MbgNbd, MBG)] {
        let chance = |silent: u32| {
            let later = Standing { age: standing.age + f64::from(silent) / 7.0, ..standing };
            model.chance_of_order(parameters, &later, 90.0)
        };
        for limit in [0.5, 0.3, 0.1, 0.01] {
            let day = model.days_until_chance_below(parameters, &standing, 90.0, limit).expect("some day");
            assert!(chance(day) < limit, "{limit} on day {day}");
            assert!(day == 0 || chance(day - 1) >= limit, "{limit} before day {day}");
        }
        assert_eq!(model.days_until_chance_below(parameters, &standing, 90.0, 1.0), Some(0));
        assert_eq!(model.days_until_chance_below(parameters, &standing, 90.0, 0.0), None);
    }
}
