//! The entries of a feed by product.

use super::entries::Feed;
use super::entry::{FeedProduct, UnusableEntry};
use super::error::FeedError;
use crate::Statement;
use jiff::Timestamp;
use std::io::BufRead;

/// Most variants of a product that are read together.
const MAX_GROUP_LEN: usize = 500;

/// Entries of a feed that follow each other and are of one product.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeedGroup {
    /// What the entries state.
    pub products: Vec<FeedProduct>,
    /// Entries among them of which nothing can be used.
    pub unusable: Vec<UnusableEntry>,
    /// How many entries of the feed are read with this group, from the first on.
    pub through: u64,
}

impl FeedGroup {
    /// What the entries state of the product as a whole, if none of them does it itself: what its first variant says, at the lowest price,
    /// to be had as the best of them is.
    #[must_use]
    pub fn whole(&self) -> Option<FeedProduct> {
        let first = self.products.first()?;
        if self.products.iter().any(|product| product.id.variant().is_none()) {
            return None;
        }
        let cheapest = self.products.iter().filter(|variant| variant.statement.price.is_some());
        let cheapest = cheapest.min_by_key(|variant| variant.statement.price_at(variant.statement.at));
        let (price, sale) =
            cheapest.map_or((None, None), |variant| (variant.statement.price, variant.statement.sale.clone()));
        let best = self.products.iter().filter_map(|variant| variant.statement.availability).min();
        let statement = Statement { price, sale, availability: best, sku: None, ..first.statement.clone() };
        Some(FeedProduct { number: first.number, id: first.id.whole(), statement, warnings: Vec::new() })
    }

    /// How many fields of the entries were left out.
    #[must_use]
    pub fn warnings(&self) -> u64 {
        self.products.iter().map(|product| product.warnings.len() as u64).sum()
    }

    /// Why entries cannot be used and fields were left out, each with the number of its entry.
    pub fn reasons(&self) -> impl Iterator<Item = String> {
        let of_fields = self
            .products
            .iter()
            .flat_map(|product| product.warnings.iter().map(|warning| format!("entry {}: {warning}", product.number)));
        self.unusable.iter().map(ToString::to_string).chain(of_fields)
    }
}

/// The groups of a feed in their order. As of a [`Feed`], nothing follows an error.
pub struct FeedGroups<R: BufRead> {
    feed: Feed<R>,
    at: Timestamp,
    open: FeedGroup,
    error: Option<FeedError>,
    is_done: bool,
}

impl<R: BufRead> FeedGroups<R> {
    /// Groups what a feed states at an instant.
    #[must_use]
    pub fn new(feed: Feed<R>, at: Timestamp) -> Self {
        Self { feed, at, open: FeedGroup::default(), error: None, is_done: false }
    }

    /// Closes the open group.
    fn take(&mut self) -> FeedGroup {
        let through = self.open.through;
        std::mem::replace(&mut self.open, FeedGroup { through, ..FeedGroup::default() })
    }

    fn has_open(&self) -> bool {
        !self.open.products.is_empty() || !self.open.unusable.is_empty()
    }
}

impl<R: BufRead> Iterator for FeedGroups<R> {
    type Item = Result<FeedGroup, FeedError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(error) = self.error.take() {
                return Some(Err(error));
            }
            if self.is_done {
                return None;
            }
            let entry = match self.feed.next() {
                Some(Ok(entry)) => entry,
                ended => {
                    self.is_done = true;
                    self.error = ended.and_then(Result::err);
                    if self.has_open() {
                        return Some(Ok(self.take()));
                    }
                    continue;
                }
            };
            let product = match entry.parse(self.at) {
                Ok(product) => product,
                Err(unusable) => {
                    self.open.unusable.push(unusable);
                    self.open.through = entry.number;
                    if self.open.unusable.len() == MAX_GROUP_LEN {
                        return Some(Ok(self.take()));
                    }
                    continue;
                }
            };
            let first = self.open.products.first();
            let belongs = first.is_none_or(|first| first.id.product() == product.id.product());
            let closed = (!belongs || self.open.products.len() == MAX_GROUP_LEN).then(|| self.take());
            self.open.products.push(product);
            self.open.through = entry.number;
            if let Some(closed) = closed {
                return Some(Ok(closed));
            }
        }
    }
}
