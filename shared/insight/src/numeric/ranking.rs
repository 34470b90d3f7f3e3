//! How well one number orders what another one says.

/// The chance that a case with the outcome has a higher score than one without (Mann and Whitney); equal scores count half.
/// The weights are how many cases of each kind have the score. Nothing if one of the kinds is missing.
pub(crate) fn area_under_curve(cases: impl IntoIterator<Item = (f64, u64, u64)>) -> Option<f64> {
    let mut cases: Vec<_> = cases.into_iter().collect();
    cases.sort_by(|left, right| left.0.total_cmp(&right.0));
    // Twice the number of pairs in the right order, so that halves stay whole.
    let (mut right, mut without_before, mut with_all) = (0_u128, 0_u128, 0_u128);
    for tied in cases.chunk_by(|left, right| left.0 == right.0) {
        let with: u128 = tied.iter().map(|(_, with, _)| u128::from(*with)).sum();
        let without: u128 = tied.iter().map(|(_, _, without)| u128::from(*without)).sum();
        right += with * (2 * without_before + without);
        without_before += without;
        with_all += with;
    }
    let pairs = 2 * with_all * without_before;
    (pairs > 0).then(|| right as f64 / pairs as f64)
}

/// The correlation of the ranks of two numbers (Spearman); equal values share the mean of their ranks. Nothing if one of the
/// numbers is always the same.
pub(crate) fn spearman(pairs: &[(f64, f64)]) -> Option<f64> {
    let left = ranks(pairs.iter().map(|pair| pair.0));
    let right = ranks(pairs.iter().map(|pair| pair.1));
    pearson(&left.into_iter().zip(right).collect::<Vec<_>>())
}

/// The correlation of two numbers (Pearson). Nothing if one of them is always the same.
pub(crate) fn pearson(pairs: &[(f64, f64)]) -> Option<f64> {
    let n = pairs.len() as f64;
    let mean_left = pairs.iter().map(|pair| pair.0).sum::<f64>() / n;
    let mean_right = pairs.iter().map(|pair| pair.1).sum::<f64>() / n;
    let (mut both, mut left, mut right) = (0.0, 0.0, 0.0);
    for pair in pairs {
        let (a, b) = (pair.0 - mean_left, pair.1 - mean_right);
        both += a * b;
        left += a * a;
        right += b * b;
    }
    let scale = (left * right).sqrt();
    (scale > 0.0).then(|| both / scale)
}

fn ranks(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let values: Vec<f64> = values.collect();
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|left, right| values[*left].total_cmp(&values[*right]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for tied in order.chunk_by(|left, right| values[*left] == values[*right]) {
        let shared = before as f64 + (tied.len() as f64 + 1.0) / 2.0;
        for place in tied {
            ranks[*place] = shared;
        }
        before += tied.len();
    }
    ranks
}

#[cfg(test)]
#[path = "ranking_tests.rs"]
mod tests;
