use super::{area_under_curve, pearson, spearman};

#[test]
fn the_area_counts_pairs_and_halves_ties() {
    assert_eq!(area_under_curve([(0.1, 0, 1), (0.4, 0, 1), (0.35, 1, 0), (0.8, 1, 0)]), Some(0.75));
    assert_eq!(area_under_curve([(0.5, 3, 4), (0.5, 1, 2)]), Some(0.5));
    assert_eq!(area_under_curve([(0.2, 0, 5), (0.9, 5, 0)]), Some(1.0));
}

#[test]
fn without_both_kinds_of_cases_there_is_no_area() {
    assert_eq!(area_under_curve([(0.2, 0, 5)]), None);
    assert_eq!(area_under_curve([(0.2, 5, 0)]), None);
    assert_eq!(area_under_curve([]), None);
}

#[test]
fn ranks_of_equal_values_are_shared() {
    let growing = [(1.0, 1.0), (2.0, 10.0), (3.0, 100.0)];
    assert_eq!(spearman(&growing), Some(1.0));
    assert!(pearson(&growing).is_some_and(|r| (r - 0.9042).abs() < 1e-4));
    let tied = [(1.0, 1.0), (1.0, 2.0), (2.0, 2.0), (3.0, 3.0)];
    assert!(spearman(&tied).is_some_and(|r| (r - 0.833_333).abs() < 1e-5), "{:?}", spearman(&tied));
}

#[test]
fn a_number_that_never_changes_correlates_with_nothing() {
    assert_eq!(spearman(&[(1.0, 1.0), (1.0, 2.0)]), None);
    assert_eq!(pearson(&[]), None);
}
