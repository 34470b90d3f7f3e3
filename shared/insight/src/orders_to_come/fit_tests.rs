use crate::orders_to_come::{Fit, Group, Model, NoFit, Parameters, Standing, collapse};

const MODELS: [Model; 2] = [Model::BgNbd, Model::MbgNbd];

fn days(repeats: u32, recency: u32, age: u32) -> Standing {
    Standing::from_days(repeats, recency, age)
}

const TRUE: Parameters = Parameters { r: 0.5, alpha: 5.0, a: 0.9, b: 2.0 };

/// Customers drawn from a model, by whole days.
fn drawn(model: Model, customers: u32) -> Vec<Standing> {
    let mut random = fastrand::Rng::with_seed(18);
    (0..customers).map(|_| draw(model, &mut random)).collect()
}

fn draw(model: Model, random: &mut fastrand::Rng) -> Standing {
    let rate = gamma(TRUE.r, random) / TRUE.alpha;
    let (lost, kept) = (gamma(TRUE.a, random), gamma(TRUE.b, random));
    let chance = lost / (lost + kept);
    let age = 26.0 + 52.0 * random.f64();
    let (mut repeats, mut last) = (0, 0.0);
    loop {
        if (model == Model::MbgNbd || repeats > 0) && random.f64() < chance {
            break;
        }
        let next = last - random.f64().ln() / rate;
        if next > age {
            break;
        }
        (repeats, last) = (repeats + 1, next);
    }
    Standing { repeats, recency: last, age }
}

/// By Marsaglia and Tsang (2000); shapes below 1 through the next higher one.
fn gamma(shape: f64, random: &mut fastrand::Rng) -> f64 {
    if shape < 1.0 {
        return gamma(shape + 1.0, random) * random.f64().powf(1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    loop {
        let normal = (-2.0 * random.f64().ln()).sqrt() * (std::f64::consts::TAU * random.f64()).cos();
        let v = (1.0 + normal / (9.0 * d).sqrt()).powi(3);
        if v > 0.0 && random.f64().ln() < 0.5 * normal * normal + d - d * v + d * v.ln() {
            return d * v;
        }
    }
}

#[test]
fn the_parameters_that_customers_were_drawn_from_are_found_again() {
    for model in MODELS {
        let fit = Fit::new(model, &collapse(drawn(model, 20_000))).expect("a fit");
        let (found, expected) = (fit.parameters.to_logs(), TRUE.to_logs());
        for (place, error) in fit.standard_errors().into_iter().enumerate() {
            assert!((found[place] - expected[place]).abs() < 3.0 * error, "{model:?}: {:?}", fit.parameters);
        }
    }
}

#[test]
fn equal_customers_are_fitted_as_one_group() {
    for model in MODELS {
        let in_days = |standing: Standing| Standing {
            recency: (standing.recency * 7.0).floor() / 7.0,
            age: (standing.age * 7.0).ceil() / 7.0,
            ..standing
        };
        let customers: Vec<Standing> = drawn(model, 2_000).into_iter().map(in_days).collect();
        let apart: Vec<Group> = customers.iter().map(|standing| Group { standing: *standing, customers: 1 }).collect();
        let groups = collapse(customers);
        assert!(groups.len() < apart.len());
        let (together, apart) = (Fit::new(model, &groups).expect("a fit"), Fit::new(model, &apart).expect("a fit"));
        assert!((together.log_likelihood - apart.log_likelihood).abs() < 1e-8);
        assert!((together.parameters.r / apart.parameters.r - 1.0).abs() < 1e-6);
        assert!(together.standard_errors().iter().all(|error| error.is_finite() && *error > 0.0));
    }
}

#[test]
fn without_customers_or_days_there_is_no_fit() {
    for model in MODELS {
        assert_eq!(Fit::new(model, &[]).err(), Some(NoFit::NoHistory));
        let today = collapse(vec![days(0, 0, 0); 500]);
        assert_eq!(Fit::new(model, &today).err(), Some(NoFit::NoHistory));
    }
}

#[test]
fn a_few_customers_determine_nothing() {
    for model in MODELS {
        for customers in [vec![days(0, 0, 100)], vec![days(0, 0, 100), days(1, 50, 90), days(0, 0, 20)]] {
            assert!(Fit::new(model, &collapse(customers)).is_err(), "{model:?}");
        }
    }
}

#[test]
fn customers_who_are_all_alike_determine_nothing() {
    for model in MODELS {
        for alike in [days(0, 0, 200), days(5, 190, 200), days(1, 3, 200), days(10_000, 10_010, 10_020)] {
            assert!(Fit::new(model, &collapse(vec![alike; 1_000])).is_err(), "{model:?} {alike:?}");
        }
    }
}

#[test]
fn one_customer_with_ten_thousand_orders_does_not_break_the_fit() {
    for model in MODELS {
        let mut standings = drawn(model, 2_000);
        standings.push(days(10_000, 10_040, 10_050));
        let groups = collapse(standings);
        match Fit::new(model, &groups) {
            Ok(fit) => {
                let expected = model.expected_orders(fit.parameters, &days(10_000, 10_040, 10_050), 365.0);
                assert!(expected.is_finite() && expected > 0.0, "{model:?}: {expected}");
            }
            Err(problem) => assert_ne!(problem, NoFit::NoHistory),
        }
    }
}
