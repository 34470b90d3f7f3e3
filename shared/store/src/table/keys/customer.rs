//! The key of a customer, and the shards of the index `due`.

use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::id::{CustomerId, ShopId, hash};

/// Number of shards of the index `due`.
pub const DUE_SHARDS: u8 = 8;

/// One customer of one shop: the partition key of `customers` and `activity`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerKey {
    /// The shop.
    pub shop: ShopId,
    /// The customer, as the shop names them.
    pub customer: CustomerId,
}

impl CustomerKey {
    /// `{shop}#{customer}`, at most 321 bytes.
    #[must_use]
    pub fn pk(&self) -> String {
        format!("{}{}", customers_of(&self.shop), self.customer)
    }

    /// Reads a partition key back. `None` if it is not a customer's.
    #[must_use]
    pub fn parse(pk: &str) -> Option<Self> {
        let (shop, customer) = pk.split_once('#')?;
        let key = Self { shop: ShopId::parse(shop).ok()?, customer: CustomerId::parse(customer).ok()? };
        // Parsing trims an id: only a text that comes out unchanged is a key.
        (key.customer.as_str() == customer).then_some(key)
    }
}

impl From<&Customer> for CustomerKey {
    fn from(customer: &Customer) -> Self {
        Self { shop: customer.shop.clone(), customer: customer.id.clone() }
    }
}

/// Beginning of the keys of all customers of a shop. A shop's id cannot contain `#`.
#[must_use]
pub fn customers_of(shop: &ShopId) -> String {
    format!("{shop}#")
}

/// The shard of the index `due` that a customer belongs to, `due#00` to `due#07`, by a hash of the partition key.
#[must_use]
pub fn due_shard(pk: &str) -> String {
    due_shard_name(hash(&["due", pk])[0] % DUE_SHARDS)
}

/// Every shard of the index `due`.
pub fn due_shards() -> impl Iterator<Item = String> {
    (0..DUE_SHARDS).map(due_shard_name)
}

fn due_shard_name(number: u8) -> String {
    format!("due#{number:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_key_is_read_back_as_it_was_written() {
        for (shop, customer) in [("vinyl", "42"), ("a-b", "x#y#z"), ("v", "анна 🎁"), ("v", "!quarantine#2026-01-01")]
        {
            let key = CustomerKey {
                shop: ShopId::parse(shop).expect("a shop"),
                customer: CustomerId::parse(customer).expect("a customer"),
            };
            assert_eq!(CustomerKey::parse(&key.pk()), Some(key));
        }
        for pk in ["vinyl", "vinyl#", "vinyl# x", "#x", "Vinyl#x", "shop!x#y"] {
            assert_eq!(CustomerKey::parse(pk), None, "{pk}");
        }
    }

    #[test]
    fn customers_spread_over_all_shards() {
        let mut count = [0_u32; DUE_SHARDS as usize];
        for (index, shard) in due_shards().enumerate() {
            count[index] = (0..8_000).map(|n| u32::from(due_shard(&format!("s#{n}")) == shard)).sum();
        }
        assert!(count.iter().all(|count| (850..1150).contains(count)), "{count:?}");
    }
}
