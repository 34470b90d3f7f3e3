//! Reads a feed file entry by entry, whatever its size.

use super::calls::{MAX_CALL_PRODUCTS, entry, whole};
use crate::file::source;
use jiff::Timestamp;
use rekindle_catalogue::ProductId;
use rekindle_catalogue::feed::{FeedError, FeedProduct, read_feed};
use serde_json::Value;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::BufReader;
use std::path::Path;

/// Most variants of a product that are read together.
const MAX_GROUP: usize = 500;
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
    /// Why, the first of each.
    pub reasons: Vec<String>,
    /// Why the feed is not whole, if it is not. What came before that was posted.
    pub cut: Option<FeedError>,
    /// The products and variants that it names, by their hashes.
    named: HashSet<u64>,
}

impl FeedSummary {
    /// Whether the feed names a product or a variant.
    #[must_use]
    pub fn names(&self, id: &ProductId) -> bool {
        self.named.contains(&hashed(id))
    }

    fn note(&mut self, reason: String) {
        if self.reasons.len() < MAX_REASONS {
            self.reasons.push(reason);
        }
    }
}

/// Reads a feed file (XML or a table, gzipped or not, in any encoding that can be told) and hands its products to `post`, at most
/// [`MAX_CALL_PRODUCTS`] at a time. It is read in level memory, but for 8 bytes an entry.
///
/// # Errors
/// The file cannot be opened or is no feed, or `post` failed.
pub fn read_feed_file<E>(
    path: &Path,
    at: Timestamp,
    mut post: impl FnMut(Vec<Value>) -> Result<(), E>,
) -> Result<FeedSummary, FeedFileError<E>> {
    let source = source::open(path, None)?;
    let feed = read_feed(BufReader::new(source.text)).map_err(FeedFileError::NoFeed)?;
    let mut summary = FeedSummary::default();
    let (mut call, mut group): (Vec<Value>, Vec<FeedProduct>) = (Vec::new(), Vec::new());
    for found in feed {
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                summary.cut = Some(error);
                break;
            }
        };
        let product = match found.parse(at) {
            Ok(product) => product,
            Err(unusable) => {
                summary.refused += 1;
                summary.note(unusable.to_string());
                continue;
            }
        };
        summary.products += 1;
        summary.warnings += product.warnings.len() as u64;
        for warning in &product.warnings {
            summary.note(format!("entry {}: {warning}", found.number));
        }
        summary.named.insert(hashed(&product.id));
        summary.named.insert(hashed(&product.id.whole()));
        let belongs = group.first().is_some_and(|first| first.id.product() == product.id.product());
        if !belongs || group.len() == MAX_GROUP {
            add_group(&mut call, &mut group, &mut post)?;
        }
        group.push(product);
    }
    add_group(&mut call, &mut group, &mut post)?;
    if !call.is_empty() {
        post(call).map_err(FeedFileError::Post)?;
    }
    Ok(summary)
}

/// Adds a product with its variants to the call, which is posted whenever it is full.
fn add_group<E>(
    call: &mut Vec<Value>,
    group: &mut Vec<FeedProduct>,
    post: &mut impl FnMut(Vec<Value>) -> Result<(), E>,
) -> Result<(), FeedFileError<E>> {
    let is_whole = group.iter().any(|product| product.id.variant().is_none());
    let product = if is_whole { None } else { whole(group) };
    for entry in product.into_iter().chain(group.iter().map(entry)) {
        call.push(entry);
        if call.len() == MAX_CALL_PRODUCTS {
            post(std::mem::take(call)).map_err(FeedFileError::Post)?;
        }
    }
    group.clear();
    Ok(())
}

fn hashed(id: &ProductId) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}
