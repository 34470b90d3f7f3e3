//! Amounts of money, counted so that their quantiles can be found.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Amounts by how many customers have them: exactly as long as there are few different ones, in bins of less than 1 % otherwise.
///
/// Which of both it is depends on all amounts together, not on the order in which they came, so it merges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    counts: BTreeMap<i128, u64>,
    max_exact: u32,
    binned: bool,
}

/// Different amounts that are kept exactly by default, at most.
const MAX_EXACT: u32 = 32_768;
/// Significant bits of the bounds of a bin: its width is at most 1/128 of its amounts.
const BITS: u32 = 8;

impl Default for Amounts {
    fn default() -> Self {
        Self::exact_up_to(MAX_EXACT)
    }
}

impl Amounts {
    /// No amounts yet. So many different ones are kept exactly; bins of usual amounts are some hundreds.
    #[must_use]
    pub const fn exact_up_to(max_exact: u32) -> Self {
        Self { counts: BTreeMap::new(), max_exact, binned: false }
    }

    /// Adds the amount of a customer.
    pub fn add(&mut self, amount: i128) {
        let amount = if self.binned { upper_bound(amount) } else { amount };
        *self.counts.entry(amount).or_default() += 1;
        self.shorten();
    }

    /// Adds those of another, which keeps as many exactly.
    pub fn merge(&mut self, other: &Self) {
        if other.binned {
            self.bin();
        }
        for (amount, count) in &other.counts {
            let amount = if self.binned { upper_bound(*amount) } else { *amount };
            *self.counts.entry(amount).or_default() += count;
        }
        self.shorten();
    }

    /// Amounts in ascending order with their counts; an amount of a bin is its largest.
    pub fn iter(&self) -> impl Iterator<Item = (i128, u64)> + Clone {
        self.counts.iter().map(|(amount, count)| (*amount, *count))
    }

    fn shorten(&mut self) {
        if self.counts.len() as u64 > u64::from(self.max_exact) {
            self.bin();
        }
    }

    fn bin(&mut self) {
        if std::mem::replace(&mut self.binned, true) {
            return;
        }
        for (amount, count) in std::mem::take(&mut self.counts) {
            *self.counts.entry(upper_bound(amount)).or_default() += count;
        }
    }
}

/// The largest amount with the same leading bits.
const fn upper_bound(amount: i128) -> i128 {
    let bits = 128 - amount.unsigned_abs().leading_zeros();
    let low = if bits > BITS { (1_i128 << (bits - BITS)) - 1 } else { 0 };
    // Of negative amounts the largest is the one nearest to zero.
    if amount < 0 { -((-amount) & !low) } else { amount | low }
}

/// The smallest value that at least `k` of `of` equal parts of the counts do not exceed. Values come in ascending order.
#[must_use]
pub fn quantile<V: Copy>(counts: impl Iterator<Item = (V, u64)> + Clone, k: u64, of: u64) -> Option<V> {
    let total: u128 = counts.clone().map(|(_, count)| u128::from(count)).sum();
    let mut sum = 0;
    let reached = counts.into_iter().find(|(_, count)| {
        sum += u128::from(*count);
        sum * u128::from(of) >= u128::from(k) * total
    });
    reached.map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_quantile_is_the_smallest_value_with_enough_at_or_below_it() {
        let counts = [(1, 2_u64), (2, 2), (5, 1)];
        assert_eq!([1, 2, 3, 4, 5].map(|k| quantile(counts.into_iter(), k, 5)), [1, 1, 2, 2, 5].map(Some));
        assert_eq!(quantile([(0_u8, 0_u64); 0].into_iter(), 1, 2), None);
    }

    #[test]
    fn bins_are_less_than_one_percent_wide() {
        for amount in [0_i128, 1, 255, 256, 257, 12_345, 99_999_999_999, -1, -257, -12_345] {
            let bound = upper_bound(amount);
            assert!(bound >= amount && upper_bound(bound) == bound, "{amount} {bound}");
            assert!((bound - amount) * 100 <= amount.abs(), "{amount} {bound}");
        }
    }

    #[test]
    fn many_different_amounts_are_binned() {
        let mut amounts = Amounts::default();
        (0..40_000).for_each(|amount| amounts.add(amount * 7));
        assert!(amounts.binned && amounts.counts.len() < 2_000, "{}", amounts.counts.len());
        let median = quantile(amounts.iter(), 1, 2).expect("one");
        assert!((139_993..141_400).contains(&median), "{median}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]
        #[test]
        fn any_split_gives_the_same_amounts(seed in 0_i128..1_000, cut in 0_usize..40_000) {
            let all: Vec<i128> = (0..40_000).map(|n| (n * 7_919 + seed) % 65_537 - 20_000).collect();
            let amounts = |part: &[i128]| {
                let mut amounts = Amounts::default();
                part.iter().for_each(|amount| amounts.add(*amount));
                amounts
            };
            let (left, right) = all.split_at(cut);
            let mut merged = amounts(right);
            merged.merge(&amounts(left));
            prop_assert_eq!(merged, amounts(&all));
        }
    }
}
