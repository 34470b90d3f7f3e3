//! A customer's orders, as insight looks at them.

use crate::day::Day;
use crate::replicates::{REPLICATES, poisson_weights};
use sha2::{Digest, Sha256};

/// A calendar day with at least one counted order of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occasion {
    /// The day in the shop's zone.
    pub day: Day,
    /// What the day's orders were worth, net of refunds, in minor units. It may be zero or negative; such a day counts as one
    /// with an order all the same.
    pub value: i64,
    /// Lines (or units) of the day's orders.
    pub lines: u32,
}

/// A customer with the days on which they ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buyer {
    hash: u64,
    weights: [u8; REPLICATES],
    occasions: Vec<Occasion>,
}

/// What a customer's orders come to on a day. All durations are whole days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsOf<'a> {
    /// The first day with an order (`f`).
    pub first: Day,
    /// The last day with an order (`l`).
    pub last: Day,
    /// The days with an order, at least one, in order of time (`n` of them).
    pub occasions: &'a [Occasion],
    /// Days from the first until the last (`t_x`).
    pub recency: u32,
    /// Days from the first until the day asked for (`T`).
    pub age: u32,
    /// Days from the last until the day asked for.
    pub silence: u32,
}

/// The largest value of one day that is looked at, in minor units, either way: as much as one order may have.
pub const MAX_VALUE: i64 = 100_000_000_000_000;

impl Buyer {
    /// A customer with these orders, in any order. Orders of one day become one: values and lines are added. A day's value
    /// stops at [`MAX_VALUE`].
    ///
    /// `hash` is that of shop and customer ([`Buyer::hash_of`]): it decides who is in a sample and in a bootstrap replicate.
    #[must_use]
    pub fn new(hash: u64, orders: impl IntoIterator<Item = Occasion>) -> Self {
        let mut occasions: Vec<Occasion> = orders.into_iter().collect();
        occasions.sort_unstable_by_key(|occasion| occasion.day);
        occasions.dedup_by(|next, kept| {
            let same = next.day == kept.day;
            if same {
                kept.value = kept.value.saturating_add(next.value);
                kept.lines = kept.lines.saturating_add(next.lines);
            }
            same
        });
        for occasion in &mut occasions {
            occasion.value = occasion.value.clamp(-MAX_VALUE, MAX_VALUE);
        }
        Self { hash, weights: poisson_weights(hash), occasions }
    }

    /// The hash of a customer of a shop: the first 64 bits of SHA-256 over both ids.
    #[must_use]
    pub fn hash_of(shop: &str, customer: &str) -> u64 {
        let digest = Sha256::new().chain_update(shop).chain_update([0]).chain_update(customer).finalize();
        digest.iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte))
    }

    /// The hash of shop and customer.
    #[must_use]
    pub const fn hash(&self) -> u64 {
        self.hash
    }

    /// How often the customer is in each bootstrap replicate.
    #[must_use]
    pub const fn weights(&self) -> &[u8; REPLICATES] {
        &self.weights
    }

    /// All days with an order, in order of time.
    #[must_use]
    pub fn occasions(&self) -> &[Occasion] {
        &self.occasions
    }

    /// What was known of the customer on the evening of a day; `None` if they had not ordered yet.
    #[must_use]
    pub fn as_of(&self, through: Day) -> Option<AsOf<'_>> {
        let known = self.occasions.partition_point(|occasion| occasion.day <= through);
        let occasions = &self.occasions[..known];
        let (first, last) = (occasions.first()?.day, occasions.last()?.day);
        let (recency, age, silence) = (last.since(first), through.since(first), through.since(last));
        Some(AsOf { first, last, occasions, recency, age, silence })
    }
}

impl<'a> AsOf<'a> {
    /// Days with an order (`n`), at least one.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.occasions.len() as u64
    }

    /// Days with an order after the first (`x`).
    #[must_use]
    pub fn repeats(&self) -> u64 {
        self.n() - 1
    }

    /// What every day with an order was followed by: the days until the next one, or, for the last, the silence until now.
    pub fn gaps(&self) -> impl Iterator<Item = Gap> + use<'a> {
        let (occasions, silence) = (self.occasions, self.silence);
        let ended = occasions.windows(2).map(|pair| Gap { days: pair[1].day.since(pair[0].day), ended: true });
        ended.chain(std::iter::once(Gap { days: silence, ended: false }))
    }
}

/// Time between two days with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// How long it is, or has been so far, in days.
    pub days: u32,
    /// Whether the next order came.
    pub ended: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(day: i32, value: i64) -> Occasion {
        Occasion { day: Day::from_number(day), value, lines: 2 }
    }

    #[test]
    fn orders_of_one_day_are_one_occasion() {
        let buyer = Buyer::new(1, [order(9, 500), order(3, 100), order(9, -200)]);
        assert_eq!(buyer.occasions().len(), 2);
        assert_eq!(buyer.occasions()[1], Occasion { day: Day::from_number(9), value: 300, lines: 4 });
    }

    #[test]
    fn nothing_after_the_day_asked_for_is_looked_at() {
        let buyer = Buyer::new(1, [order(3, 100), order(9, 300), order(20, 0)]);
        assert_eq!(buyer.as_of(Day::from_number(2)), None);
        let known = buyer.as_of(Day::from_number(15)).expect("ordered");
        assert_eq!((known.n(), known.repeats()), (2, 1));
        assert_eq!((known.recency, known.age, known.silence), (6, 12, 6));
        let gaps: Vec<(u32, bool)> = known.gaps().map(|gap| (gap.days, gap.ended)).collect();
        assert_eq!(gaps, [(6, true), (6, false)]);
        assert_eq!(buyer.as_of(Day::from_number(20)).expect("ordered").silence, 0);
    }

    #[test]
    fn a_customer_without_orders_is_no_buyer_yet() {
        assert_eq!(Buyer::new(1, []).as_of(Day::from_number(0)), None);
    }

    #[test]
    fn values_stop_where_sums_of_squares_stay_exact() {
        let buyer = Buyer::new(1, [order(0, i64::MAX), order(0, i64::MAX), order(1, i64::MIN)]);
        assert_eq!(buyer.occasions()[0].value, MAX_VALUE);
        assert_eq!(buyer.occasions()[1].value, -MAX_VALUE);
    }

    #[test]
    fn a_hash_tells_shops_and_customers_apart() {
        assert_eq!(Buyer::hash_of("tea", "7"), Buyer::hash_of("tea", "7"));
        assert_ne!(Buyer::hash_of("tea", "7"), Buyer::hash_of("te", "a7"));
        assert_ne!(Buyer::hash_of("tea", "7"), Buyer::hash_of("tea", "8"));
        // SHA-256 of "a", a zero byte, "b".
        assert_eq!(Buyer::hash_of("a", "b"), 0x59b2_71ae_1bbc_b1d3);
    }
}
