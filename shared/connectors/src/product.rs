//! Products as all shop systems tell them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A product of a shop system's catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// The shop system's id, as order lines have it.
    pub id: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Who makes or sells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// The shop's own category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Whether it can be bought.
    pub availability: Availability,
    /// What can be bought of it; at least one, unless the product was deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
    /// Whether `variants` are all there are. If not, those that are not named stay as they are.
    pub has_all_variants: bool,
    /// When it was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// What is bought: a product in one size and colour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// The shop system's id, as order lines have it. A product without variants has one with the product's own id.
    pub id: String,
    /// What tells it from the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The shop's article number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// The usual price, a decimal in the shop's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<String>,
    /// The price now, if it is lower than the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sale_price: Option<String>,
    /// How many there are; nothing if the shop does not count them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock: Option<i64>,
    /// Under which id the shop system reports its stock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inventory_item_id: Option<String>,
    /// Whether it can be bought however many there are: they are not counted, or it is sold on without any.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_sold_without_stock: bool,
    /// Its own picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Whether it can be bought.
    pub availability: Availability,
}

/// Whether something can be bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// It can be bought.
    InStock,
    /// It can be ordered and comes later.
    Backorder,
    /// There is none.
    OutOfStock,
    /// It exists, but is not for sale at present.
    Hidden,
    /// It was deleted.
    Deleted,
}

/// How much of something is in stock at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockLevel {
    /// Which variant, by [`Variant::inventory_item_id`].
    pub inventory_item_id: String,
    /// The place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
    /// How many there are; nothing if they are not counted there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<i64>,
    /// When that was so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

impl Product {
    pub(crate) fn deleted(id: String, updated_at: Option<Timestamp>) -> Self {
        Self {
            id,
            title: None,
            url: None,
            image: None,
            brand: None,
            category: None,
            availability: Availability::Deleted,
            variants: Vec::new(),
            has_all_variants: true,
            updated_at,
        }
    }

    /// What its variants together say: the best that any of them offers.
    pub(crate) fn best_availability(variants: &[Variant]) -> Availability {
        let any = |wanted| variants.iter().any(|variant| variant.availability == wanted);
        let order = [Availability::InStock, Availability::Backorder, Availability::OutOfStock];
        order.into_iter().find(|wanted| any(*wanted)).unwrap_or(Availability::Hidden)
    }
}
