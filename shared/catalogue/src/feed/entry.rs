//! What an entry of a feed states.

use super::fields::FeedEntry;
use crate::{Availability, ProductId, Sale, Statement};
use jiff::Timestamp;
use rekindle_lifecycle::money::{Currency, Money};

/// What an entry states about which product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedProduct {
    /// Which entry of the feed says it, from 1 on.
    pub number: u64,
    /// The product, or the variant of it that the entry is about.
    pub id: ProductId,
    /// What is said of it.
    pub statement: Statement,
    /// Fields that were left out, each with the reason.
    pub warnings: Vec<String>,
}

/// Why nothing of an entry can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {number}: {field} {reason}")]
pub struct UnusableEntry {
    /// Which entry, from 1 on.
    pub number: u64,
    /// The field.
    pub field: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

/// Longest text that is kept, in characters; a longer one is cut.
const MAX_TEXT_LEN: usize = 300;
/// Longest address, in bytes.
const MAX_URL_LEN: usize = 1_000;

impl FeedEntry {
    /// What the entry states, at the instant of the feed. An entry with `item_group_id` is a variant of that product. A field that cannot
    /// be used costs itself, with a warning; only without an id, or with a price in no known currency and no other use, is there nothing.
    ///
    /// # Errors
    /// There is no id that can be one.
    pub fn parse(&self, at: Timestamp) -> Result<FeedProduct, UnusableEntry> {
        let unusable = |field, reason: String| UnusableEntry { number: self.number, field, reason };
        let id = self.field("id").ok_or_else(|| unusable("id", "is missing".to_owned()))?;
        let id = match self.field("item_group_id") {
            Some(group) => ProductId::new(group, Some(id)),
            None => ProductId::new(id, None),
        };
        let max = ProductId::MAX_LEN;
        let id = id.ok_or_else(|| unusable("id", format!("is longer than {max} bytes or has control characters")))?;
        let mut warnings = Vec::new();
        let mut warn = |field: &str, reason: String| warnings.push(format!("{field} {reason}"));
        let price = self.field("price").and_then(|text| price_of(text).map_err(|reason| warn("price", reason)).ok());
        let sale =
            self.field("sale_price").and_then(|text| price_of(text).map_err(|reason| warn("sale_price", reason)).ok());
        let sale = sale.and_then(|price| {
            let Some(period) = self.field("sale_price_effective_date") else {
                return Some(Sale { price, from: None, until: None });
            };
            // Without its time a sale would be shown for ever.
            match effective(period) {
                Some((from, until)) => Some(Sale { price, from: Some(from), until: Some(until) }),
                None => {
                    warn("sale_price_effective_date", format!("is {period:?}, which is not two instants with a zone"));
                    None
                }
            }
        });
        let availability = self.field("availability").and_then(|text| {
            let known = Availability::parse(text);
            if known.is_none() {
                warn("availability", format!("is {text:?}, which is no word for it"));
            }
            known
        });
        let mut address = |field: &str| {
            let text = self.field(field)?;
            let is_usable = usable_address(text);
            if !is_usable {
                warn(field, "is no address that begins with https:// or http://".to_owned());
            }
            is_usable.then(|| text.to_owned())
        };
        let (url, image) = (address("link"), address("image_link"));
        let category = self.field("product_type").or_else(|| {
            // Google's own tree is also given by numbers, which say nothing to people.
            self.field("google_product_category").filter(|text| text.parse::<u32>().is_err())
        });
        let statement = Statement {
            name: self.field("title").map(shown),
            url,
            image,
            brand: self.field("brand").map(shown),
            category: category.map(shown),
            sku: self.field("mpn").map(shown),
            price,
            sale,
            availability,
            ..Statement::new(at)
        };
        Ok(FeedProduct { number: self.number, id, statement, warnings })
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }
}

/// A price with its currency behind or before it: `15.00 USD`, `EUR 15`. A comma before two digits at the end is a decimal mark.
fn price_of(text: &str) -> Result<Money, String> {
    let unknown = || format!("is {text:?}, which is not an amount with its currency, such as \"15.00 USD\"");
    let is_amount = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
    let amount: String = text.chars().filter(|c| is_amount(*c)).collect();
    let code: String = text.chars().filter(|c| !is_amount(*c) && !c.is_whitespace()).collect();
    let currency = Currency::parse(&code).map_err(|_| unknown())?;
    let amount = match amount.rsplit_once([',', '.']) {
        Some((whole, decimals)) if decimals.len() != 3 || currency.decimal_places() == 3 => {
            format!("{}.{decimals}", whole.replace([',', '.'], ""))
        }
        // Three digits behind one mark may be thousands or not.
        Some(_) => return Err(unknown()),
        None => amount,
    };
    Money::parse(&amount, currency).map_err(|error| error.to_string())
}

/// The two instants of a sale: `2026-03-01T00:00+0100/2026-03-08T23:59+0100`.
fn effective(text: &str) -> Option<(Timestamp, Timestamp)> {
    let (from, until) = text.split_once('/')?;
    let instant = |text: &str| {
        let text = text.trim();
        let formats = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%d %H:%M%z"];
        let in_form = |format| Timestamp::strptime(format, text).ok();
        text.parse().ok().or_else(|| formats.into_iter().find_map(in_form))
    };
    let (from, until) = (instant(from)?, instant(until)?);
    (from < until).then_some((from, until))
}

fn usable_address(text: &str) -> bool {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    is_web && text.len() <= MAX_URL_LEN && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// A text as people see it: in one line, within its bound.
fn shown(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(MAX_TEXT_LEN).collect()
}
