//! Which products a feed names.

use super::groups::FeedGroup;
use crate::ProductId;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The products and variants that a feed names, as hashes: a feed may name millions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamedProducts(HashSet<u64>);

impl NamedProducts {
    /// Adds the products of a group, their variants, and the product as a whole.
    pub fn add(&mut self, group: &FeedGroup) {
        for product in &group.products {
            self.0.insert(hashed(&product.id));
            self.0.insert(hashed(&product.id.whole()));
        }
    }

    /// Adds what another part of the feed names.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether the feed names a product or a variant.
    #[must_use]
    pub fn has(&self, id: &ProductId) -> bool {
        self.0.contains(&hashed(id))
    }
}

fn hashed(id: &ProductId) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}
