//! What holds of every summary: any order and split gives the same bytes, bytes are read back, bad input does no harm.

use crate::cdnow::Customer;
use rekindle_insight::{Buyer, Summary};

/// The summary of these customers.
pub(crate) fn summary_of<S: Summary>(mut empty: S, customers: &[Customer]) -> S {
    customers.iter().for_each(|customer| empty.add(&customer.buyer));
    empty
}

/// Asserts that any split of the customers, merged in either direction, gives the same bytes, and that they are read back.
#[track_caller]
pub(crate) fn assert_merges<S: Summary + Clone + PartialEq + std::fmt::Debug>(
    empty: &S,
    buyers: &[Buyer],
    cuts: &[usize],
) {
    let mut whole = empty.clone();
    buyers.iter().for_each(|buyer| whole.add(buyer));
    let bytes = whole.to_bytes().expect("bytes");
    assert_eq!(S::from_bytes(&bytes).expect("a summary"), whole);
    let mut parts: Vec<S> = vec![empty.clone(); cuts.len() + 1];
    for (place, buyer) in buyers.iter().rev().enumerate() {
        let part = cuts.iter().filter(|cut| **cut <= place).count();
        parts[part].add(buyer);
    }
    let merged = |parts: &mut dyn Iterator<Item = &S>| {
        let mut merged = empty.clone();
        parts.for_each(|part| merged.merge(part).expect("the same history"));
        merged.to_bytes().expect("bytes")
    };
    assert_eq!(merged(&mut parts.iter()), bytes);
    assert_eq!(merged(&mut parts.iter().rev()), bytes);
}
