//! What is known of a product, from all sides.

use crate::price_history::PriceHistory;
use crate::register::{Register, change};
use crate::{Availability, Sighting, Source, Statement};
use jiff::Timestamp;
use rekindle_lifecycle::money::Money;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is known of a product or a variant. Its JSON is what is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Product {
    /// The newest statement of each source.
    #[serde(rename = "said", skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) statements: BTreeMap<Source, Statement>,
    /// What events showed.
    #[serde(skip_serializing_if = "Seen::is_empty")]
    pub(crate) seen: Seen,
    /// What was last reported of its stock alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stock: Option<Register<Availability>>,
    /// What it cost lately.
    #[serde(skip_serializing_if = "PriceHistory::is_empty")]
    pub(crate) prices: PriceHistory,
}

/// What events showed of a product: of each detail the latest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Seen {
    #[serde(rename = "n", skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Register<String>>,
    #[serde(rename = "u", skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<Register<String>>,
    #[serde(rename = "i", skip_serializing_if = "Option::is_none")]
    pub(crate) image: Option<Register<String>>,
    #[serde(rename = "b", skip_serializing_if = "Option::is_none")]
    pub(crate) brand: Option<Register<String>>,
    #[serde(rename = "c", skip_serializing_if = "Option::is_none")]
    pub(crate) category: Option<Register<String>>,
    #[serde(rename = "k", skip_serializing_if = "Option::is_none")]
    pub(crate) sku: Option<Register<String>>,
    #[serde(rename = "p", skip_serializing_if = "Option::is_none")]
    pub(crate) price: Option<Register<Money>>,
}

/// A shop system reports only whether something can be bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockReport {
    /// Whether it can.
    pub availability: Availability,
    /// When that was so.
    pub at: Timestamp,
}

impl Product {
    /// Takes in what a source says, unless it has said something later. Returns whether anything changed.
    pub fn apply_statement(&mut self, source: Source, statement: Statement) -> bool {
        if let Some(known) = self.statements.get(&source) {
            // Of two statements of one second the greater text holds, so that their order does not matter.
            let is_newer = (known.at, as_text(known)) < (statement.at, as_text(&statement));
            // The same again is not written, unless somebody else has spoken meanwhile: then this is the newest word again.
            if !is_newer || (known.says_the_same(&statement) && !self.is_overtaken(source, known.at)) {
                return false;
            }
        }
        let (at, price) = (statement.at, statement.price_at(statement.at));
        self.statements.insert(source, statement);
        if let Some(price) = price {
            self.prices.note(price, at);
        }
        true
    }

    /// Takes in what an event shows. Returns whether anything changed: the same again does not, however much later.
    pub fn apply_sighting(&mut self, sighting: &Sighting) -> bool {
        let Sighting { id: _, at, name, url, image, brand, category, sku, price } = sighting;
        let seen = &mut self.seen;
        let mut is_changed = false;
        let texts = [
            (&mut seen.name, name),
            (&mut seen.url, url),
            (&mut seen.image, image),
            (&mut seen.brand, brand),
            (&mut seen.category, category),
            (&mut seen.sku, sku),
        ];
        for (register, text) in texts {
            if let Some(text) = text {
                is_changed |= change(register, text.clone(), *at);
            }
        }
        if let Some(price) = price
            && change(&mut seen.price, *price, *at)
        {
            is_changed = true;
            // What customers paid may have been less for reasons of their own. It is the history only where no source says the price.
            if self.statements.values().all(|statement| statement.price.is_none()) {
                self.prices.note(*price, *at);
            }
        }
        is_changed
    }

    /// Takes in a report of its stock alone. Returns whether anything changed.
    pub fn apply_stock(&mut self, report: &StockReport) -> bool {
        if let Some(known) = &self.stock {
            let later = self.statements.values().any(|said| said.availability.is_some() && said.at > known.at);
            if known.value == report.availability && later && report.at > known.at {
                self.stock = Some(Register { value: report.availability, at: report.at });
                return true;
            }
        }
        change(&mut self.stock, report.availability, report.at)
    }

    /// Whether another source, or a report of the stock, is later than an instant.
    fn is_overtaken(&self, source: Source, at: Timestamp) -> bool {
        let by_source = self.statements.iter().any(|(other, said)| *other != source && said.at > at);
        by_source || self.stock.as_ref().is_some_and(|report| report.at > at)
    }

    /// Whether a source has said something of it.
    #[must_use]
    pub fn statement(&self, source: Source) -> Option<&Statement> {
        self.statements.get(&source)
    }
}

impl Seen {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn as_text(statement: &Statement) -> String {
    serde_json::to_string(statement).unwrap_or_default()
}
