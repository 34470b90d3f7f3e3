//! What orders and visits show of a product.

use crate::ProductId;
use jiff::Timestamp;
use rekindle_lifecycle::facts::{Event, Fact, Line, ShoppingEvent};
use rekindle_lifecycle::money::{Currency, Money};
use serde_json::{Map, Value};

/// What an event shows of a product. What it does not say is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// What was seen.
    pub id: ProductId,
    /// When.
    pub at: Timestamp,
    /// Its name.
    pub name: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// Its picture.
    pub image: Option<String>,
    /// Who makes it.
    pub brand: Option<String>,
    /// The shop's own category.
    pub category: Option<String>,
    /// The shop's article number.
    pub sku: Option<String>,
    /// The price of one.
    pub price: Option<Money>,
}

/// Longest text that is learned from an event, in characters; a longer one is not learned.
const MAX_TEXT_LEN: usize = 300;
/// Longest address that is learned from an event, in characters.
const MAX_URL_LEN: usize = 600;

impl Sighting {
    /// What a fact shows: the products of orders, and those of what customers look at and put into carts. Refunds, and what a
    /// program did by its own account or what came with a public key, show nothing.
    #[must_use]
    pub fn all_of(fact: &Fact) -> Vec<Self> {
        match &fact.event {
            // What an order says was true when it was placed, however late it is reported.
            Event::Order(order) => {
                let (currency, at) = (order.currency(), order.ordered_at(fact.at));
                order.details.lines.kept.iter().filter_map(|line| Self::from_line(line, currency, at)).collect()
            }
            Event::Shopping(shopping) if !shopping.by_program && !shopping.is_public => {
                Self::from_shopping(shopping, fact.at)
            }
            _ => Vec::new(),
        }
    }

    fn from_shopping(shopping: &ShoppingEvent, at: Timestamp) -> Vec<Self> {
        let lines = &shopping.lines.kept;
        let sightings = lines.iter().filter_map(|line| Self::from_line(line, shopping.currency(), at));
        let mut sightings: Vec<Self> = sightings.collect();
        // What an event says beside its products is about the product only if there is one.
        if let ([_], [sighting]) = (lines.as_slice(), sightings.as_mut_slice()) {
            let said = &shopping.properties;
            sighting.image = property(said, &["image_url", "imageurl", "image", "image_link"]).and_then(address);
            sighting.brand = property(said, &["brand", "vendor", "manufacturer"]).and_then(text);
            sighting.category = property(said, &["category", "product_type", "producttype"]).and_then(text);
            // A link of a cart or a checkout leads to no product.
            sighting.url = shopping.link.as_deref().filter(|_| shopping.cart.is_none()).and_then(address);
        }
        sightings
    }

    fn from_line(line: &Line, currency: Option<Currency>, at: Timestamp) -> Option<Self> {
        let id = ProductId::new(line.product.as_deref()?, line.variant.as_deref())?;
        let price = line.unit_price.filter(|minor| *minor > 0).zip(currency);
        Some(Self {
            at,
            name: line.name.as_deref().and_then(text),
            url: None,
            image: None,
            brand: None,
            category: None,
            sku: line.sku.as_deref().and_then(text),
            price: price.map(|(minor, currency)| Money { minor, currency }),
            id,
        })
    }
}

/// A property by one of its names, in any case.
fn property<'p>(properties: &'p Map<String, Value>, names: &[&str]) -> Option<&'p str> {
    let found = properties.iter().find(|(name, _)| names.contains(&name.to_ascii_lowercase().as_str()));
    found.and_then(|(_, value)| value.as_str())
}

fn text(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.chars().count() <= MAX_TEXT_LEN).then(|| text.to_owned())
}

/// An address that a mail can lead to or show.
fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let is_address = text.starts_with("https://") && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    (is_address && text.chars().count() <= MAX_URL_LEN).then(|| text.to_owned())
}
