//! What is known of a product, from all sides.

use crate::fetching::FeedName;
use crate::price_history::PriceHistory;
use crate::register::{Register, change, to_the_second};
use crate::{Availability, Sighting, Source, Statement, StockLevel, StockLevels, StockReport};
use jiff::Timestamp;
use rekindle_lifecycle::money::Money;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// What is known of a product or a variant. Its JSON is what is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Product {
    /// The newest statement of each source. That of a feed is from a file, or an earlier version did not say from which.
    #[serde(rename = "said", skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) statements: BTreeMap<Source, Statement>,
    /// The newest statement of each feed that the shop named.
    #[serde(rename = "fed", skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) feeds: BTreeMap<String, Statement>,
    /// What events showed.
    #[serde(skip_serializing_if = "Seen::is_empty")]
    pub(crate) seen: Seen,
    /// What its variants together say of their stock, if levels of it were reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stock: Option<Register<Availability>>,
    /// How many there are of it, where that was reported by itself.
    #[serde(rename = "lv", skip_serializing_if = "StockLevels::is_empty")]
    pub(crate) levels: StockLevels,
    /// What it cost lately.
    #[serde(skip_serializing_if = "PriceHistory::is_empty")]
    pub(crate) prices: PriceHistory,
}

/// What it means that a feed has a product no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// Another feed names it: only this one says nothing of it any more.
    StatedElsewhere,
    /// No other feed names it: it is not sold any more.
    Discontinued,
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

impl Product {
    /// Takes in what a source says, unless it has said something later. Returns whether anything changed.
    pub fn apply_statement(&mut self, source: Source, statement: Statement) -> bool {
        if !self.is_news(self.statements.get(&source), &statement) {
            return false;
        }
        self.note_price(&statement);
        self.statements.insert(source, statement);
        true
    }

    /// Takes in what a feed of this name says, unless it has said something later. Returns whether anything changed. What was said before
    /// by a feed without a name is taken to be this one's.
    pub fn apply_feed(&mut self, feed: &FeedName, statement: Statement) -> bool {
        if !self.is_news(self.feeds.get(feed.as_str()), &statement) {
            return false;
        }
        self.note_price(&statement);
        if self.statements.get(&Source::Feed).is_some_and(|unnamed| unnamed.at <= statement.at) {
            self.statements.remove(&Source::Feed);
        }
        self.feeds.insert(feed.as_str().to_owned(), statement);
        true
    }

    /// What it means that a whole feed does not name this product, with the other feeds that the shop has now. Nothing if it does not come
    /// from that feed, or is not sold any more already.
    #[must_use]
    pub fn leaving(&self, feed: &FeedName, others: &[FeedName]) -> Option<Leaving> {
        self.stated_by(feed, others)?;
        let is_elsewhere = others.iter().any(|other| self.feeds.get(other.as_str()).is_some_and(is_sold));
        Some(if is_elsewhere { Leaving::StatedElsewhere } else { Leaving::Discontinued })
    }

    /// Takes in that a whole feed does not name this product, see [`Product::leaving`]. Returns whether anything changed.
    pub fn leave_feed(&mut self, feed: &FeedName, others: &[FeedName], at: Timestamp) -> bool {
        match self.leaving(feed, others) {
            None => false,
            Some(Leaving::StatedElsewhere) => self.feeds.remove(feed.as_str()).is_some(),
            Some(Leaving::Discontinued) => {
                let Some(stated) = self.stated_by(feed, others).cloned() else { return false };
                let availability = Some(Availability::Discontinued);
                self.apply_feed(feed, Statement { at: to_the_second(at), availability, ..stated })
            }
        }
    }

    /// What a feed says of it, unless that it is not sold any more. What a feed without a name said is the only feed's.
    fn stated_by(&self, feed: &FeedName, others: &[FeedName]) -> Option<&Statement> {
        let unnamed = || self.statements.get(&Source::Feed).filter(|_| others.is_empty() && self.feeds.is_empty());
        self.feeds.get(feed.as_str()).or_else(unnamed).filter(|stated| is_sold(stated))
    }

    /// The names of the feeds that say something of it.
    pub fn feeds(&self) -> impl Iterator<Item = &str> {
        self.feeds.keys().map(String::as_str)
    }

    /// Whether a statement is another than the one that is known of its source.
    fn is_news(&self, known: Option<&Statement>, statement: &Statement) -> bool {
        known.is_none_or(|known| {
            // Of two statements of one second the greater text holds, so that their order does not matter.
            let is_newer = (known.at, as_text(known)) < (statement.at, as_text(statement));
            // The same again is not written, unless somebody else has spoken meanwhile: then this is the newest word again.
            is_newer && (!known.says_the_same(statement) || self.is_overtaken(known))
        })
    }

    fn note_price(&mut self, statement: &Statement) {
        if let Some(price) = statement.price_at(statement.at) {
            self.prices.note(price, statement.at);
        }
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
            if self.all_statements().all(|statement| statement.price.is_none()) {
                self.prices.note(*price, *at);
            }
        }
        is_changed
    }

    /// Takes in how many there are at one place. Returns whether anything changed.
    pub fn apply_level(&mut self, level: &StockLevel) -> bool {
        self.levels.note(level)
    }

    /// Takes in levels that were kept until it was known of what they are. Returns whether anything changed.
    pub fn apply_levels(&mut self, levels: &StockLevels) -> bool {
        self.levels.join(levels)
    }

    /// Takes in what its variants together say now, in the place of what they said before. Returns whether anything changed.
    pub fn follow_variants(&mut self, report: &StockReport) -> bool {
        let report = Register { value: report.availability, at: to_the_second(report.at) };
        let is_changed = self.stock.as_ref() != Some(&report);
        self.stock = Some(report);
        is_changed
    }

    /// Whether it can be bought, by the newest word on that, and since when that is known. What is hidden or not sold any more cannot be
    /// bought however many there are, and what is sold without stock can.
    #[must_use]
    pub fn stock(&self) -> Option<StockReport> {
        let stated = self.all_statements().filter_map(|said| Some((said.at, said.availability?)));
        let newest = stated.min_by_key(|(at, _)| Reverse(*at));
        let stated = newest.map(|(at, availability)| StockReport { availability, at });
        let is_for_sale =
            |stated: StockReport| !matches!(stated.availability, Availability::Hidden | Availability::Discontinued);
        let counts = self.statement(Source::ShopSystem).is_none_or(|said| !said.is_sold_without_stock);
        let reported = self.reported().filter(|_| counts && stated.is_none_or(is_for_sale));
        [stated, reported].into_iter().flatten().max_by_key(|report| report.at)
    }

    /// What variants together say of their stock: that of the best of them, as of the newest word on any. Nothing if no level of theirs
    /// was reported.
    #[must_use]
    pub fn stock_of<'v>(variants: impl IntoIterator<Item = &'v Self>) -> Option<StockReport> {
        let mut is_reported = false;
        let mut of_all: Option<StockReport> = None;
        for variant in variants {
            is_reported |= variant.has_levels();
            let Some(own) = variant.stock() else { continue };
            of_all = Some(of_all.map_or(own, |all| StockReport {
                availability: all.availability.min(own.availability),
                at: all.at.max(own.at),
            }));
        }
        of_all.filter(|_| is_reported)
    }

    /// Whether how many there are was reported by itself.
    #[must_use]
    pub fn has_levels(&self) -> bool {
        !self.levels.is_empty()
    }

    /// What was reported of the stock alone, of it or of its variants.
    fn reported(&self) -> Option<StockReport> {
        let of_variants = self.stock.as_ref().map(|known| StockReport { availability: known.value, at: known.at });
        [of_variants, self.levels.report()].into_iter().flatten().max_by_key(|report| report.at)
    }

    /// Whether somebody else, or a report of the stock, spoke after a statement that is known.
    fn is_overtaken(&self, known: &Statement) -> bool {
        let by_other = self.all_statements().any(|other| !std::ptr::eq(other, known) && other.at > known.at);
        by_other || self.reported().is_some_and(|report| report.at > known.at)
    }

    /// What anybody says of it, in no particular order.
    pub(crate) fn all_statements(&self) -> impl Iterator<Item = &Statement> {
        self.statements.values().chain(self.feeds.values())
    }

    /// What a source says of it; of several feeds the one that spoke last.
    #[must_use]
    pub fn statement(&self, source: Source) -> Option<&Statement> {
        let of_feeds = self.feeds.values().filter(|_| source == Source::Feed);
        self.statements.get(&source).into_iter().chain(of_feeds).max_by_key(|statement| statement.at)
    }
}

impl Seen {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn is_sold(statement: &Statement) -> bool {
    statement.availability != Some(Availability::Discontinued)
}

fn as_text(statement: &Statement) -> String {
    serde_json::to_string(statement).unwrap_or_default()
}
