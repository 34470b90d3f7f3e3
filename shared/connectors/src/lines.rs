//! Lines of orders and carts.

use crate::members::put;
use serde_json::{Map, Value};

/// Most lines that are read.
pub(crate) const MAX_LINES: usize = 500;

/// A line of an order or a cart. Amounts are decimals.
#[derive(Debug, Default)]
pub(crate) struct Line {
    pub(crate) product_id: Option<String>,
    pub(crate) variant_id: Option<String>,
    pub(crate) sku: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) variant: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) brand: Option<String>,
    pub(crate) quantity: Option<String>,
    pub(crate) price: Option<String>,
    pub(crate) discount: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) image_url: Option<String>,
}

impl Line {
    /// The line as JSON; nothing if it says nothing of a product.
    pub(crate) fn to_json(&self) -> Option<Value> {
        let mut line = Map::new();
        put(&mut line, "product_id", self.product_id.clone());
        put(&mut line, "variant_id", self.variant_id.clone());
        put(&mut line, "sku", self.sku.clone());
        put(&mut line, "name", self.name.clone());
        put(&mut line, "variant", self.variant.clone());
        put(&mut line, "category", self.category.clone());
        put(&mut line, "brand", self.brand.clone());
        if line.is_empty() {
            return None;
        }
        put(&mut line, "quantity", self.quantity.clone());
        put(&mut line, "price", self.price.clone());
        put(&mut line, "discount", self.discount.clone());
        put(&mut line, "url", self.url.clone());
        put(&mut line, "image_url", self.image_url.clone());
        Some(line.into())
    }
}

/// The lines as JSON; nothing if there are none.
pub(crate) fn to_json(lines: impl IntoIterator<Item = Line>) -> Option<Value> {
    let lines: Vec<Value> = lines.into_iter().take(MAX_LINES).filter_map(|line| line.to_json()).collect();
    (!lines.is_empty()).then(|| lines.into())
}
