//! Reads a feed file entry by entry, whatever its size.

use super::calls::{MAX_CALL_PRODUCTS, entry};
use crate::file::{FileEncoding, source};
use jiff::Timestamp;
use rekindle_catalogue::ProductId;
use rekindle_catalogue::feed::{FeedError, FeedGroup, FeedGroups, NamedProducts, read_feed};
use serde_json::Value;
use std::path::Path;

/// Most reasons that are kept of entries and fields that cannot be used.
const MAX_REASONS: usize = 50;

/// A feed file cannot be read, or not be posted.
#[derive(Debug, thiserror::Error)]
pub enum FeedFileError<E> {
    /// The file cannot be opened.
    #[error(transparent)]
    File(#[from] std::io::Error),
    /// It is no feed.
    #[error(transparent)]
    NoFeed(FeedError),
    /// The products cannot be posted.
    #[error(transparent)]
    Post(E),
}

/// What a feed file had.
#[derive(Debug, Default)]
pub struct FeedSummary {
    /// Entries that state something of a product.
    pub products: u64,
    /// Entries that cannot be used.
    pub refused: u64,
    /// Fields that were left out.
    pub warnings: u64,
    /// Why, the first of them.
    pub reasons: Vec<String>,
    /// Why the feed is not whole, if it is not. What came before that was posted.
    pub cut: Option<FeedError>,
    named: NamedProducts,
}

impl FeedSummary {
    /// Whether the feed names a product or a variant.
    #[must_use]
    pub fn names(&self, id: &ProductId) -> bool {
        self.named.has(id)
    }

    fn add(&mut self, group: &FeedGroup) {
        self.products += group.products.len() as u64;
        self.refused += group.unusable.len() as u64;
        self.warnings += group.warnings();
        self.reasons.extend(group.reasons().take(MAX_REASONS - self.reasons.len()));
        self.named.add(group);
    }
}

/// Reads a feed file (XML or a table, gzipped or not, in the encoding that it says or can be recognised by) and hands its products to `post`, at most
/// [`MAX_CALL_PRODUCTS`] at a time. It is read in level memory, but for 8 bytes an entry.
///
/// # Errors
/// The file cannot be opened or is no feed, or `post` failed.
pub fn read_feed_file<E>(
    path: &Path,
    at: Timestamp,
    mut post: impl FnMut(Vec<Value>) -> Result<(), E>,
) -> Result<FeedSummary, FeedFileError<E>> {
    let recognised = FileEncoding::detect(&mut source::content(path)?.0);
    let feed = read_feed(source::content(path)?.0, Some(recognised.name())).map_err(FeedFileError::NoFeed)?;
    let mut summary = FeedSummary::default();
    let mut call: Vec<Value> = Vec::new();
    for group in FeedGroups::new(feed, at) {
        let group = match group {
            Ok(group) => group,
            Err(error) => {
                summary.cut = Some(error);
                break;
            }
        };
        summary.add(&group);
        for product in group.whole().iter().chain(&group.products) {
            call.push(entry(product));
            if call.len() == MAX_CALL_PRODUCTS {
                post(std::mem::take(&mut call)).map_err(FeedFileError::Post)?;
            }
        }
    }
    if !call.is_empty() {
        post(call).map_err(FeedFileError::Post)?;
    }
    Ok(summary)
}
