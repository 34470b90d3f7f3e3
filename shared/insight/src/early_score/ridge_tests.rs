use super::{chance, fit, log_odds};
use crate::numeric::NoMinimum;

#[test]
fn without_features_the_chance_is_the_share() {
    let outcomes: Vec<bool> = (0..200).map(|place| place % 4 == 0).collect();
    let found = fit(&vec![vec![]; 200], &outcomes, 1.0).expect("a fit");
    assert!((found.point[0] - log_odds(0.25)).abs() < 1e-9);
    assert!((chance(&found.point, &[]) - 0.25).abs() < 1e-9);
}

#[test]
fn the_odds_ratio_of_a_table_is_found() {
    // 30 of 100 with the feature, 10 of 100 without it.
    let rows: Vec<Vec<f64>> = (0..200).map(|place| vec![if place < 100 { 1.0 } else { 0.0 }]).collect();
    let outcomes: Vec<bool> = (0..200).map(|place| place < 30 || (100..110).contains(&place)).collect();
    let found = fit(&rows, &outcomes, 0.0).expect("a fit");
    assert!((found.point[1] - (30.0 / 70.0 * 90.0 / 10.0_f64).ln()).abs() < 1e-7, "{:?}", found.point);
    let held = fit(&rows, &outcomes, 10.0).expect("a fit");
    assert!(held.point[1] > 0.0 && held.point[1] < found.point[1]);
}

#[test]
fn a_certain_outcome_needs_a_penalty() {
    let rows: Vec<Vec<f64>> = (0..100).map(|place| vec![f64::from(place) - 49.5]).collect();
    let outcomes: Vec<bool> = (0..100).map(|place| place >= 50).collect();
    assert!(fit(&rows, &outcomes, 1.0).is_ok());
    let flat: Vec<Vec<f64>> = vec![vec![1.0]; 100];
    assert_eq!(fit(&flat, &outcomes, 0.0).err(), Some(NoMinimum::Flat));
}
