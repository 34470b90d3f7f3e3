//! Which feeds are due.

use crate::Catalogue;
use futures::{StreamExt, stream};
use rekindle_catalogue::fetching::{FetchOutcome, FetchReport};
use rekindle_platform::batch::guarded;
use rekindle_platform::spans;
use rekindle_store::StoreError;
use rekindle_store::catalogue::feeds::StoredFeed;
use std::time::Instant;
use tracing::Instrument;

/// Feeds that are fetched at the same time: one whose server is slow holds up no other.
const CONCURRENCY: usize = 4;

/// What became of the feeds that were due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FetchedFeeds {
    /// Feeds that were fetched, with whatever outcome.
    pub fetched: usize,
    /// Those of them that ended too early or did not begin.
    pub failed: usize,
    /// Feeds that are due and for which there was no time.
    pub left: usize,
}

/// The feeds that are due, the longest waiting first.
///
/// # Errors
/// The list of feeds cannot be read.
pub async fn due_feeds(catalogue: &Catalogue) -> Result<Vec<StoredFeed>, StoreError> {
    let now = catalogue.clock.now();
    let mut due = catalogue.store.all_feeds().await?;
    due.retain(|feed| feed.state.is_due(now));
    due.sort_by_key(|feed| feed.state.due_at);
    Ok(due)
}

/// Fetches the feeds that are due, the longest waiting first, as long as there is time. A failure of one costs the others nothing.
///
/// # Errors
/// The list of feeds cannot be read.
pub async fn fetch_due(catalogue: &Catalogue) -> Result<FetchedFeeds, StoreError> {
    let started = Instant::now();
    let fetches = stream::iter(due_feeds(catalogue).await?).map(|feed| async move {
        if started.elapsed() >= catalogue.limits.invocation {
            return FetchedFeeds { left: 1, ..FetchedFeeds::default() };
        }
        let span = spans::stream_shop(&feed.shop);
        let name = feed.name.to_string();
        let fetched = guarded(catalogue.fetch(feed)).instrument(span.clone()).await;
        let _entered = span.enter();
        match fetched {
            Some(Ok(None)) => FetchedFeeds::default(),
            Some(Ok(Some(report))) => count(&name, &report),
            Some(Err(error)) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, feed = name, "a feed was not taken in; it is fetched again later");
                FetchedFeeds { fetched: 1, failed: 1, left: 0 }
            }
            None => {
                tracing::error!(feed = name, "fetching a feed panicked; it is fetched again later");
                FetchedFeeds { fetched: 1, failed: 1, left: 0 }
            }
        }
    });
    let all = fetches.buffer_unordered(CONCURRENCY).fold(FetchedFeeds::default(), |all, one| async move {
        FetchedFeeds { fetched: all.fetched + one.fetched, failed: all.failed + one.failed, left: all.left + one.left }
    });
    let all = all.await;
    let FetchedFeeds { fetched, failed, left } = all;
    if fetched + left > 0 {
        tracing::info!(fetched, failed, left, "feeds that are due were fetched");
    }
    Ok(all)
}

/// Notes in the log how a fetch ended: no address and nothing of the feed, whose details the shop's people see at the feed.
fn count(name: &str, report: &FetchReport) -> FetchedFeeds {
    let is_failed = matches!(report.outcome, FetchOutcome::Cut | FetchOutcome::Failed);
    let (outcome, counts) = (report.outcome.code(), report.counts);
    let (entries, changed, discontinued) = (counts.entries, counts.changed, counts.discontinued);
    tracing::info!(feed = name, outcome, entries, changed, discontinued, "a feed was fetched");
    FetchedFeeds { fetched: 1, failed: usize::from(is_failed), left: 0 }
}
