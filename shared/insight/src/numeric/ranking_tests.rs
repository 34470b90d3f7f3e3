use super::{area_under_curve, pearson, spearman};

#[test]
fn the_area_counts_pairs_and_halves_ties() {
    let area = |cases: &[(f64, u64, u64)]| area_under_curve(cases.iter().copied()).value.expect("enough");
    assert_eq!(area(&[(0.1, 0, 10), (0.4, 0, 10), (0.35, 10, 0), (0.8, 10, 0)]), 0.75);
    assert_eq!(area(&[(0.5, 30, 40), (0.5, 10, 20)]), 0.5);
    assert_eq!(area(&[(0.2, 0, 50), (0.9, 50, 0)]), 1.0);
}

#[test]
fn the_area_has_the_interval_of_hanley_and_mcneil() {
    // Their example: 58 normal and 51 abnormal images, area 0.893, standard error 0.032.
    let ratings = [(1.0, 3, 33), (2.0, 2, 6), (3.0, 2, 6), (4.0, 11, 11), (5.0, 33, 2)];
    let (area, lo, hi) = area_under_curve(ratings).numbers().expect("enough");
    assert!((area - 0.893).abs() < 5e-4, "{area}");
    assert!(((hi - lo) / (2.0 * 1.96) - 0.032).abs() < 5e-4, "{lo} to {hi}");
}

#[test]
fn without_both_kinds_of_cases_there_is_no_area() {
    for cases in [vec![(0.2, 0, 50)], vec![(0.2, 50, 0)], vec![], vec![(0.1, 3, 3)]] {
        assert!(!area_under_curve(cases).is_shown());
    }
}

#[test]
fn ranks_of_equal_values_are_shared() {
    let growing = [(1.0, 1.0, 1), (2.0, 10.0, 1), (3.0, 100.0, 1)];
    assert_eq!(spearman(&growing), Some(1.0));
    assert!(pearson(&growing).is_some_and(|r| (r - 0.9042).abs() < 1e-4));
    let tied = [(1.0, 1.0, 1), (1.0, 2.0, 1), (2.0, 2.0, 1), (3.0, 3.0, 1)];
    assert!(spearman(&tied).is_some_and(|r| (r - 0.833_333).abs() < 1e-5), "{:?}", spearman(&tied));
}

#[test]
fn a_count_is_as_good_as_repetition() {
    let counted = [(1.0, 5.0, 3), (2.0, 4.0, 1), (3.0, 8.0, 2)];
    let repeated = [(1.0, 5.0, 1), (3.0, 8.0, 1), (1.0, 5.0, 1), (2.0, 4.0, 1), (1.0, 5.0, 1), (3.0, 8.0, 1)];
    for correlation in [spearman, pearson] {
        let (counted, repeated) = (correlation(&counted), correlation(&repeated));
        assert!(counted.zip(repeated).is_some_and(|(one, other)| (one - other).abs() < 1e-14));
    }
}

#[test]
fn a_number_that_never_changes_correlates_with_nothing() {
    assert_eq!(spearman(&[(1.0, 1.0, 1), (1.0, 2.0, 1)]), None);
    assert_eq!(pearson(&[]), None);
}
