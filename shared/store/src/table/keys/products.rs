//! The keys of products, of the inventory items that are theirs and of the feeds that say what they are, in the table `shops`.
//!
//! A shop's products are spread over [`PRODUCT_BUCKETS`] partitions by a hash of the product, so that a million of them neither share
//! one partition nor need an index to be listed. A product and its variants stand beside each other.

use super::parts::bounded;
use super::shops::{INVENTORY, PRODUCTS};
use rekindle_lifecycle::id::{ShopId, hash};

/// Over how many partitions the products of a shop are spread. It never changes: a key depends on it.
pub const PRODUCT_BUCKETS: u8 = 16;

/// The partition of a product and its variants.
#[must_use]
pub fn products_pk(shop: &ShopId, product: &str) -> String {
    products_bucket_pk(shop, hash(&["product", product])[0] % PRODUCT_BUCKETS)
}

/// The partition of this number, from 0 on, of a shop's products.
#[must_use]
pub fn products_bucket_pk(shop: &ShopId, bucket: u8) -> String {
    format!("{PRODUCTS}{shop}#{bucket:02}")
}

/// The sort key of a product, or of one of its variants.
#[must_use]
pub fn product_sk(product: &str, variant: Option<&str>) -> String {
    match variant {
        Some(variant) => format!("{}{}", variants_of(product), escaped(variant)),
        None => escaped(product),
    }
}

/// Beginning of the sort keys of a product's variants.
#[must_use]
pub fn variants_of(product: &str) -> String {
    format!("{}#", escaped(product))
}

/// The sort key of which product an inventory item is.
pub const INVENTORY_ITEM_SK: &str = "item";

/// The partition of an inventory item, by the shop system's id.
#[must_use]
pub fn inventory_item_pk(shop: &ShopId, inventory_item: &str) -> String {
    format!("{INVENTORY}{shop}#{}", bounded(inventory_item))
}

/// The sort key of a feed.
#[must_use]
pub fn feed_sk(shop: &ShopId, feed: &str) -> String {
    format!("{}{feed}", feeds_of(shop))
}

/// Beginning of the sort keys of a shop's feeds.
#[must_use]
pub fn feeds_of(shop: &ShopId) -> String {
    format!("{shop}#")
}

/// The product and the variant of a sort key.
#[must_use]
pub fn product_parts(sk: &str) -> (String, Option<String>) {
    match sk.split_once('#') {
        Some((product, variant)) => (plain(product), Some(plain(variant))),
        None => (plain(sk), None),
    }
}

fn escaped(id: &str) -> String {
    id.replace('%', "%25").replace('#', "%23")
}

fn plain(escaped: &str) -> String {
    escaped.replace("%23", "#").replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_comes_back_from_its_key_and_no_product_looks_like_a_variant() {
        for (product, variant) in
            [("T-100", None), ("a#b", None), ("100%", Some("#23")), ("%23", Some("%25#")), ("a", Some("b"))]
        {
            let sk = product_sk(product, variant);
            assert_eq!(product_parts(&sk), (product.to_owned(), variant.map(str::to_owned)), "{sk}");
        }
        assert_ne!(product_sk("a#b", None), product_sk("a", Some("b")));
        assert!(product_sk("a", Some("b")).starts_with(&variants_of("a")));
    }
}
