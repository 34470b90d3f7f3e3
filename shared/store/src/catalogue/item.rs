//! The item of a product: `product` (JSON), and `revision`, which grows with every change.

use crate::table::attributes::number;
use crate::table::calls::Item;
use crate::table::keys;
use aws_sdk_dynamodb::types::AttributeValue;
use rekindle_catalogue::{Product, ProductId};
use rekindle_lifecycle::id::ShopId;
use std::collections::HashMap;

const PRODUCT: &str = "product";
pub(super) const REVISION: &str = "revision";

/// A product as it was read, with the revision that it had: 0 if it is not there.
#[derive(Debug, Clone, Default)]
pub(super) struct Stored {
    pub(super) product: Product,
    pub(super) revision: u64,
}

pub(super) fn product_key(shop: &ShopId, id: &ProductId) -> (String, String) {
    (keys::products_pk(shop, id.product()), keys::product_sk(id.product(), id.variant()))
}

pub(super) fn product_item(shop: &ShopId, id: &ProductId, stored: &Stored) -> Item {
    let (pk, sk) = product_key(shop, id);
    let json = serde_json::to_string(&stored.product).expect("a product is JSON");
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(pk)),
        ("sk".to_owned(), AttributeValue::S(sk)),
        (PRODUCT.to_owned(), AttributeValue::S(json)),
        (REVISION.to_owned(), number(stored.revision)),
    ])
}

/// Which product an item is of, and what is known of it. A product that another version stored in a form that this one cannot read
/// is as good as unknown: it is learned again.
pub(super) fn parse_product(item: &Item) -> Option<(ProductId, Stored)> {
    let (product, variant) = keys::product_parts(item.get("sk")?.as_s().ok()?);
    let id = ProductId::new(&product, variant.as_deref())?;
    let json = item.get(PRODUCT).and_then(|value| value.as_s().ok());
    let product = json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let revision = item.get(REVISION).and_then(|value| value.as_n().ok()?.parse().ok()).unwrap_or(0);
    Some((id, Stored { product, revision }))
}
