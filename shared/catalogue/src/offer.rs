//! What holds of a product at an instant.

use crate::product::Product;
use crate::register::Register;
use crate::{Availability, Statement};
use jiff::Timestamp;
use rekindle_lifecycle::money::Money;
use serde::Serialize;

/// What a customer can be told of a product at an instant. What no source says and no event showed is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Offer {
    /// Its name. Of a variant: what tells it from the others, if the shop says it so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Who makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// The shop's own category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The shop's article number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// The usual price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// The lower price at which it is sold now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sale_price: Option<Money>,
    /// The lowest price of the last 30 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lowest_price_of_30_days: Option<Money>,
    /// Whether it can be bought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability: Option<Availability>,
    /// How many days one piece usually lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reorder_days: Option<u16>,
}

impl Product {
    /// What holds at an instant.
    #[must_use]
    pub fn offer(&self, now: Timestamp) -> Offer {
        Offer::new(self, now)
    }
}

impl Offer {
    /// The newest statement that says a detail decides it; else what events showed.
    fn new(product: &Product, now: Timestamp) -> Self {
        let mut statements: Vec<&Statement> = product.all_statements().collect();
        statements.sort_by_key(|statement| std::cmp::Reverse(statement.at));
        let seen = &product.seen;
        let text = |said: fn(&Statement) -> &Option<String>, seen: &Option<Register<String>>| {
            let said = statements.iter().find_map(|statement| said(statement).clone());
            said.or_else(|| seen.as_ref().map(|register| register.value.clone()))
        };
        // A price and its sale belong together, so both are those of one statement.
        let priced = statements.iter().find(|statement| statement.price.is_some() || statement.sale.is_some());
        let seen_price = seen.price.as_ref().map(|register| register.value);
        let (price, sale_price) = match priced {
            Some(statement) => (statement.price, statement.sale_at(now)),
            None => (seen_price, None),
        };
        let lowest = [product.prices.lowest_of_30_days(now), sale_price.or(price)].into_iter().flatten();
        let currency = sale_price.or(price).map(|price| price.currency);
        Self {
            name: text(|statement| &statement.name, &seen.name),
            url: text(|statement| &statement.url, &seen.url),
            image: text(|statement| &statement.image, &seen.image),
            brand: text(|statement| &statement.brand, &seen.brand),
            category: text(|statement| &statement.category, &seen.category),
            sku: text(|statement| &statement.sku, &seen.sku),
            price,
            sale_price,
            lowest_price_of_30_days: lowest.filter(|price| Some(price.currency) == currency).min(),
            availability: product.stock().map(|report| report.availability),
            reorder_days: statements.iter().find_map(|statement| statement.reorder_days),
        }
    }

    /// The offer of a variant, with what it lacks taken from its product: a variant often has no page, picture or brand of its own.
    /// Its name follows the product's.
    #[must_use]
    pub fn within(self, product: &Self) -> Self {
        let name = match (&product.name, self.name) {
            (Some(whole), Some(variant)) if !variant.contains(whole.as_str()) => Some(format!("{whole}, {variant}")),
            (whole, variant) => variant.or_else(|| whole.clone()),
        };
        let has_price = self.price.is_some() || self.sale_price.is_some();
        Self {
            name,
            url: self.url.or_else(|| product.url.clone()),
            image: self.image.or_else(|| product.image.clone()),
            brand: self.brand.or_else(|| product.brand.clone()),
            category: self.category.or_else(|| product.category.clone()),
            sku: self.sku,
            price: if has_price { self.price } else { product.price },
            sale_price: if has_price { self.sale_price } else { product.sale_price },
            lowest_price_of_30_days: if has_price {
                self.lowest_price_of_30_days
            } else {
                product.lowest_price_of_30_days
            },
            // What is hidden as a whole cannot be bought in any form.
            availability: match (product.availability, self.availability) {
                (Some(whole @ (Availability::Hidden | Availability::Discontinued)), _) => Some(whole),
                (whole, variant) => variant.or(whole),
            },
            reorder_days: self.reorder_days.or(product.reorder_days),
        }
    }
}
