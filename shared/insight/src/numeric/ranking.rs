//! How well one number orders what another one says.

use crate::estimate::{Because, Estimate, Needs};
use crate::statistics::Z;

/// The chance that a case with the outcome has a higher score than one without (Mann and Whitney); equal scores count half.
/// The weights are how many cases of each kind have the score. The interval is that of Hanley and McNeil (1982). No number if one
/// of the kinds is missing.
pub(crate) fn area_under_curve(cases: impl IntoIterator<Item = (f64, u64, u64)>) -> Estimate {
    let mut cases: Vec<_> = cases.into_iter().collect();
    cases.sort_by(|left, right| left.0.total_cmp(&right.0));
    // Twice the number of pairs in the right order, so that halves stay whole.
    let (mut right, mut without_all, mut with_all) = (0_u128, 0_u64, 0_u64);
    for tied in cases.chunk_by(|left, right| left.0 == right.0) {
        let with: u64 = tied.iter().map(|(_, with, _)| with).sum();
        let without: u64 = tied.iter().map(|(_, _, without)| without).sum();
        right += u128::from(with) * (2 * u128::from(without_all) + u128::from(without));
        without_all += without;
        with_all += with;
    }
    let n = with_all + without_all;
    let pairs = 2 * u128::from(with_all) * u128::from(without_all);
    if pairs == 0 {
        return Estimate::not_yet(n, Because::NothingToCompare, Needs::OtherData);
    }
    let area = right as f64 / pairs as f64;
    let (with, without) = (with_all as f64, without_all as f64);
    let (one, other) = (area / (2.0 - area), 2.0 * area * area / (1.0 + area));
    let square = area * area;
    let variance =
        (area - square + (with - 1.0) * (one - square) + (without - 1.0) * (other - square)) / (with * without);
    let half = Z * variance.max(0.0).sqrt();
    Estimate::from_enough(area, (area - half).max(0.0), (area + half).min(1.0), n)
}

/// The correlation of the ranks of two numbers (Spearman), each pair as often as its count says; equal values share the mean of
/// their ranks. Nothing if one of the numbers is always the same.
pub(crate) fn spearman(pairs: &[(f64, f64, u64)]) -> Option<f64> {
    let left = ranks(&pairs.iter().map(|pair| (pair.0, pair.2)).collect::<Vec<_>>());
    let right = ranks(&pairs.iter().map(|pair| (pair.1, pair.2)).collect::<Vec<_>>());
    let ranked = pairs.iter().zip(left).zip(right).map(|((pair, left), right)| (left, right, pair.2));
    pearson(&ranked.collect::<Vec<_>>())
}

/// The correlation of two numbers (Pearson), each pair as often as its count says. Nothing if one of them is always the same.
pub(crate) fn pearson(pairs: &[(f64, f64, u64)]) -> Option<f64> {
    let n = pairs.iter().map(|pair| pair.2).sum::<u64>() as f64;
    let mean_left = pairs.iter().map(|pair| pair.0 * pair.2 as f64).sum::<f64>() / n;
    let mean_right = pairs.iter().map(|pair| pair.1 * pair.2 as f64).sum::<f64>() / n;
    let (mut both, mut left, mut right) = (0.0, 0.0, 0.0);
    for pair in pairs {
        let (a, b, count) = (pair.0 - mean_left, pair.1 - mean_right, pair.2 as f64);
        both += count * a * b;
        left += count * a * a;
        right += count * b * b;
    }
    let scale = (left * right).sqrt();
    (scale > 0.0).then(|| both / scale)
}

fn ranks(values: &[(f64, u64)]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|left, right| values[*left].0.total_cmp(&values[*right].0));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for tied in order.chunk_by(|left, right| values[*left].0 == values[*right].0) {
        let count: u64 = tied.iter().map(|place| values[*place].1).sum();
        let shared = before as f64 + (count as f64 + 1.0) / 2.0;
        for place in tied {
            ranks[*place] = shared;
        }
        before += count;
    }
    ranks
}

#[cfg(test)]
#[path = "ranking_tests.rs"]
mod tests;
