//! What a shop says of a product.

use crate::Availability;
use jiff::Timestamp;
use rekindle_lifecycle::money::Money;
use serde::{Deserialize, Serialize};

rekindle_lifecycle::stored_codes! {
    /// Who says it. Each source says all that it knows of a product at once.
    pub enum Source {
        /// A call to the API.
        Api = "api",
        /// A product feed.
        Feed = "feed",
        /// The shop system, by a webhook.
        ShopSystem = "shop_system",
    }
}

/// All that a source says of a product at an instant. What it does not say, it says is not there. Stored with short keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// When it was so. Of two statements of one source the later one holds.
    #[serde(rename = "at", with = "seconds")]
    pub at: Timestamp,
    /// Its name. Of a variant: what tells it from the others.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its page.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its picture.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Who makes it.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// The shop's own category.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The shop's article number.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// The usual price.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// The lower price at which it is sold.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub sale: Option<Sale>,
    /// Whether it can be bought.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub availability: Option<Availability>,
    /// How many days one piece usually lasts.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub reorder_days: Option<u16>,
    /// Under which id the shop system reports how many there are.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub inventory_item: Option<String>,
    /// Whether it can be bought however many there are: they are not counted, or it is sold on without any.
    #[serde(rename = "w", default, skip_serializing_if = "std::ops::Not::not")]
    pub is_sold_without_stock: bool,
}

/// A lower price, for a time or until something else is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sale {
    /// The price.
    #[serde(rename = "p")]
    pub price: Money,
    /// From when on.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none", with = "optional_seconds")]
    pub from: Option<Timestamp>,
    /// Until when, exclusive.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none", with = "optional_seconds")]
    pub until: Option<Timestamp>,
}

impl Statement {
    /// A statement that says nothing yet.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self {
            at: crate::register::to_the_second(at),
            name: None,
            url: None,
            image: None,
            brand: None,
            category: None,
            sku: None,
            price: None,
            sale: None,
            availability: None,
            reorder_days: None,
            inventory_item: None,
            is_sold_without_stock: false,
        }
    }

    /// The price at an instant, with the sale if there is one then.
    #[must_use]
    pub fn price_at(&self, at: Timestamp) -> Option<Money> {
        self.sale_at(at).or(self.price)
    }

    /// The lower price at an instant. A sale that costs as much or more than usual is none, nor is one in another currency.
    #[must_use]
    pub fn sale_at(&self, at: Timestamp) -> Option<Money> {
        let sale = self.sale.as_ref().filter(|sale| sale.is_on(at))?;
        let is_lower =
            self.price.is_none_or(|usual| usual.currency == sale.price.currency && sale.price.minor < usual.minor);
        is_lower.then_some(sale.price)
    }

    /// Whether it says the same, at whatever time.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        Self { at: other.at, ..self.clone() } == *other
    }
}

impl Sale {
    fn is_on(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

/// An instant as whole seconds since 1970.
mod seconds {
    use jiff::Timestamp;
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(at.as_second())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        Timestamp::from_second(i64::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// An instant that may be absent, as whole seconds since 1970.
mod optional_seconds {
    use jiff::Timestamp;
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::{Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        at.map(|at| at.as_second()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        let second = Option::<i64>::deserialize(deserializer)?;
        second.map(|second| Timestamp::from_second(second).map_err(D::Error::custom)).transpose()
    }
}
