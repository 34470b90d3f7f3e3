//! Fetching one feed.

use super::missing::Missing;
use super::reader::{Batch, ReadError, read};
use crate::Catalogue;
use jiff::Timestamp;
use rekindle_catalogue::ProductId;
use rekindle_catalogue::feed::{FeedError, NamedProducts, charset_of};
use rekindle_catalogue::fetching::{
    FeedVersion, FetchCounts, FetchOutcome, FetchProgress, FetchReport, FetchState, Fetched,
};
use rekindle_platform::public_web::{Answer, Download, Version, WebAddress, WebError};
use rekindle_store::StoreError;
use rekindle_store::catalogue::changes::ProductChange;
use rekindle_store::catalogue::feeds::StoredFeed;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::channel;

/// How much is read of a feed, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// After how long an invocation begins no further feed.
    pub invocation: Duration,
    /// After how long a feed is continued with the next invocation.
    pub feed: Duration,
    /// After how many entries a feed is continued with the next invocation.
    pub entries: u64,
    /// Most bytes of a feed, after it is unpacked. What is larger is none.
    pub bytes: u64,
}

impl Default for Limits {
    /// What fits into the function's 15 minutes: feeds are begun for 7 minutes, and each has 5.
    fn default() -> Self {
        Self {
            invocation: Duration::from_secs(7 * 60),
            feed: Duration::from_secs(5 * 60),
            entries: u64::MAX,
            bytes: 4 * 1024 * 1024 * 1024,
        }
    }
}

/// Chunks that were received and are not read yet, and batches that are read and not stored yet.
const AHEAD: usize = 4;

/// A fetch under way.
struct Fetch<'f> {
    catalogue: &'f Catalogue,
    feed: &'f StoredFeed,
    /// How many entries an earlier fetch took in.
    skipped: u64,
    through: u64,
    counts: FetchCounts,
    reasons: Vec<String>,
    named: NamedProducts,
}

/// How far the batches of a feed were taken in.
enum Taken {
    All,
    /// The time is over.
    Some,
}

impl Catalogue {
    /// Fetches a feed that is due and takes it in. Returns its report; nothing if another fetcher has it, or the shop changed it
    /// meanwhile.
    pub(super) async fn fetch(&self, mut feed: StoredFeed) -> Result<Option<FetchReport>, StoreError> {
        feed.state.claim(self.clock.now());
        if !self.store.put_feed(&feed).await? {
            return Ok(None);
        }
        feed.revision += 1;
        let (fetched, report) = self.take_in(&feed).await?;
        feed.state.finish(&feed.source, fetched, report.clone());
        Ok(self.store.put_feed(&feed).await?.then_some(report))
    }

    async fn take_in(&self, feed: &StoredFeed) -> Result<(Fetched, FetchReport), StoreError> {
        let failed = |detail: String| {
            let report = FetchReport::new(self.clock.now(), FetchOutcome::Failed, Some(detail));
            Ok((Fetched::Failed, report))
        };
        let address = match WebAddress::parse(&feed.source.url) {
            Ok(address) => address,
            Err(error) => return failed(format!("The address {error}.")),
        };
        // Within a fetch that did not fit, the whole file is needed again.
        let known = if feed.state.progress.is_some() { Version::default() } else { known_version(&feed.state) };
        let download = match self.web.get(&address, &known).await {
            Ok(Answer::Content(download)) => download,
            Ok(Answer::Unchanged) => {
                return Ok((Fetched::Unchanged, FetchReport::new(self.clock.now(), FetchOutcome::Unchanged, None)));
            }
            Err(error) => return failed(format!("The feed cannot be fetched: {error}.")),
        };
        let version = feed_version(&download.version);
        let progress = feed.state.progress.as_ref().filter(|progress| progress.version == version);
        let fetch = Fetch {
            catalogue: self,
            feed,
            skipped: progress.map_or(0, |progress| progress.through),
            through: 0,
            counts: progress.map_or_else(FetchCounts::default, |progress| progress.counts),
            reasons: Vec::new(),
            named: NamedProducts::default(),
        };
        fetch.run(download, version).await
    }
}

impl Fetch<'_> {
    async fn run(mut self, download: Download, version: FeedVersion) -> Result<(Fetched, FetchReport), StoreError> {
        let at = self.catalogue.clock.now();
        let (chunk_sender, chunks) = channel(AHEAD);
        let (batch_sender, mut batches) = channel(AHEAD);
        let max_bytes = self.catalogue.limits.bytes;
        let charset = download.content_type.as_deref().and_then(charset_of).map(str::to_owned);
        let reading =
            tokio::task::spawn_blocking(move || read(chunks, &batch_sender, charset.as_deref(), at, max_bytes));
        let receiving = receive(download, chunk_sender);
        let storing = async {
            let started = Instant::now();
            let taken = self.store(&mut batches, started).await;
            // The thread that reads and the download end now.
            drop(batches);
            taken
        };
        let (broken, taken) = tokio::join!(receiving, storing);
        let read = reading.await.unwrap_or(Err(ReadError::Feed(FeedError::NoFeed)));
        match (taken?, read) {
            (Taken::Some, _) => Ok(self.unfinished(version)),
            (Taken::All, Ok(())) if self.counts.entries == 0 => {
                Ok(self.failed(FetchOutcome::Failed, "The feed has no entry that can be used.".to_owned()))
            }
            (Taken::All, Ok(())) => self.finished(version, at).await,
            (Taken::All, Err(ReadError::TooLarge)) => {
                let megabytes = max_bytes / (1024 * 1024);
                Ok(self.failed(FetchOutcome::Failed, format!("The feed has more than {megabytes} MB.")))
            }
            (Taken::All, Err(ReadError::Feed(error))) => Ok(self.cut(broken, &error)),
        }
    }

    /// Stores the batches as they come, without those of which an earlier fetch took everything in.
    async fn store(
        &mut self,
        batches: &mut tokio::sync::mpsc::Receiver<Batch>,
        started: Instant,
    ) -> Result<Taken, StoreError> {
        let limits = self.catalogue.limits;
        while let Some(batch) = batches.recv().await {
            self.named.extend(batch.named);
            self.through = batch.through;
            if batch.through <= self.skipped {
                continue;
            }
            for reason in &batch.reasons {
                FetchReport::note(&mut self.reasons, reason);
            }
            let mut changes: BTreeMap<ProductId, Vec<ProductChange>> = BTreeMap::new();
            for product in batch.products {
                let change = ProductChange::Fed(self.feed.name.clone(), product.statement);
                changes.entry(product.id).or_default().push(change);
            }
            let changed = self.catalogue.store.change_products(&self.feed.shop, changes).await?;
            self.counts.entries += batch.counts.entries;
            self.counts.refused += batch.counts.refused;
            self.counts.warnings += batch.counts.warnings;
            self.counts.changed += changed as u64;
            if self.through - self.skipped >= limits.entries || started.elapsed() >= limits.feed {
                return Ok(Taken::Some);
            }
        }
        Ok(Taken::All)
    }

    async fn finished(mut self, version: FeedVersion, at: Timestamp) -> Result<(Fetched, FetchReport), StoreError> {
        let detail = match self.catalogue.mark_missing(self.feed, &self.named, at).await? {
            Missing::Marked(marked) => {
                self.counts.discontinued = marked;
                None
            }
            Missing::TooMany { missing, known } => Some(format!(
                "Nothing was marked as discontinued, because {missing} of {known} products are missing in the feed."
            )),
        };
        let report = self.report(FetchOutcome::Taken, detail);
        Ok((Fetched::Whole(version), report))
    }

    /// The rest follows with the next fetch, if this one got any further.
    fn unfinished(self, version: FeedVersion) -> (Fetched, FetchReport) {
        let progress = FetchProgress { version, through: self.through, counts: self.counts };
        let detail = format!("The first {} entries are taken in; the rest follows.", self.through);
        (Fetched::Unfinished(progress), self.report(FetchOutcome::Unfinished, Some(detail)))
    }

    fn cut(self, broken: Option<WebError>, error: &FeedError) -> (Fetched, FetchReport) {
        let detail = match (broken, error) {
            (Some(broken), _) => format!("The feed ends after entry {}: {broken}.", self.through),
            (None, FeedError::Io(_)) => format!("The feed cannot be unpacked after entry {}.", self.through),
            (None, error) => sentence(&error.to_string()),
        };
        let outcome = if self.through == 0 { FetchOutcome::Failed } else { FetchOutcome::Cut };
        self.failed(outcome, detail)
    }

    fn failed(self, outcome: FetchOutcome, detail: String) -> (Fetched, FetchReport) {
        (Fetched::Failed, self.report(outcome, Some(detail)))
    }

    fn report(self, outcome: FetchOutcome, detail: Option<String>) -> FetchReport {
        let at = self.catalogue.clock.now();
        FetchReport { counts: self.counts, reasons: self.reasons, ..FetchReport::new(at, outcome, detail) }
    }
}

/// Hands the bytes of a download to who reads them; returns why it broke, if it did.
async fn receive(
    mut download: Download,
    chunks: tokio::sync::mpsc::Sender<Result<Vec<u8>, std::io::Error>>,
) -> Option<WebError> {
    loop {
        match download.chunk().await {
            Ok(Some(chunk)) => {
                if chunks.send(Ok(chunk.to_vec())).await.is_err() {
                    return None;
                }
            }
            Ok(None) => return None,
            Err(error) => {
                // The reader must not take it for the end.
                let _ = chunks.send(Err(std::io::ErrorKind::UnexpectedEof.into())).await;
                return Some(error);
            }
        }
    }
}

/// A message as a sentence.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

fn known_version(state: &FetchState) -> Version {
    let FeedVersion { etag, last_modified } = state.version.clone();
    Version { etag, last_modified }
}

fn feed_version(version: &Version) -> FeedVersion {
    let Version { etag, last_modified } = version.clone();
    FeedVersion { etag, last_modified }
}
