//! A sample of the customers, the same however they are split.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The customers with the smallest hashes, at most [`SAMPLE_SIZE`]: all of them in most shops, and a random sample in a large
/// one, since a hash has nothing to do with what a customer does. It merges, and its size is bounded.
///
/// `T` is what is kept of each customer. Equal hashes with equal values count as one customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Ord + Deserialize<'de>"))]
pub struct Sample<T: Ord> {
    size: u32,
    kept: BTreeSet<(u64, T)>,
    /// Customers who were offered, in the sample or not.
    offered: u64,
}

/// Customers in a sample at most.
pub const SAMPLE_SIZE: u32 = 200_000;

impl<T: Ord> Default for Sample<T> {
    fn default() -> Self {
        Self::with_size(SAMPLE_SIZE)
    }
}

impl<T: Ord> Sample<T> {
    /// An empty sample of at most this many customers.
    #[must_use]
    pub const fn with_size(size: u32) -> Self {
        Self { size, kept: BTreeSet::new(), offered: 0 }
    }

    /// Offers a customer. `value` is only made if they may be in the sample.
    pub fn offer(&mut self, hash: u64, value: impl FnOnce() -> T) {
        self.offered += 1;
        if !self.is_full() || self.kept.last().is_some_and(|(largest, _)| hash <= *largest) {
            self.kept.insert((hash, value()));
            self.shorten();
        }
    }

    /// Customers in the sample, in order of their hashes.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &T> {
        self.kept.iter().map(|(_, value)| value)
    }

    /// Customers in the sample, each with the hash of shop and customer.
    pub fn iter_with_hash(&self) -> impl ExactSizeIterator<Item = (u64, &T)> {
        self.kept.iter().map(|(hash, value)| (*hash, value))
    }

    /// How many customers it stands for.
    #[must_use]
    pub const fn offered(&self) -> u64 {
        self.offered
    }

    /// Whether it holds every customer offered.
    #[must_use]
    pub fn is_everybody(&self) -> bool {
        self.offered == self.kept.len() as u64
    }

    fn is_full(&self) -> bool {
        self.kept.len() as u64 >= u64::from(self.size)
    }

    fn shorten(&mut self) {
        while self.kept.len() as u64 > u64::from(self.size) {
            self.kept.pop_last();
        }
    }
}

impl<T: Ord + Clone> Sample<T> {
    /// Adds the customers of another sample, as far as they belong into this one.
    pub fn merge(&mut self, other: &Self) {
        self.offered += other.offered;
        self.size = self.size.min(other.size);
        self.kept.extend(other.kept.iter().cloned());
        self.shorten();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_smallest_hashes_are_kept() {
        let mut sample = Sample::with_size(2);
        for hash in [5_u64, 9, 1, 7] {
            sample.offer(hash, || hash * 10);
        }
        assert_eq!(sample.iter().copied().collect::<Vec<_>>(), [10, 50]);
        assert_eq!((sample.offered(), sample.is_everybody()), (4, false));
    }

    #[test]
    fn a_value_is_not_made_for_who_is_not_in_the_sample() {
        let mut sample = Sample::with_size(1);
        sample.offer(1, || 1);
        sample.offer(2, || unreachable!("too large a hash"));
        assert_eq!(sample.offered(), 2);
    }

    proptest! {
        #[test]
        fn any_order_and_split_gives_the_same_sample(hashes in proptest::collection::vec(0_u64..50, 0..60), cut in 0_usize..60) {
            let sample = |hashes: &[u64]| {
                let mut sample = Sample::with_size(7);
                hashes.iter().for_each(|hash| sample.offer(*hash, || *hash));
                sample
            };
            let whole = sample(&hashes);
            let (left, right) = hashes.split_at(cut.min(hashes.len()));
            let mut merged = sample(right);
            merged.merge(&sample(left));
            prop_assert_eq!(whole, merged);
        }
    }
}
