//! Reads the bytes of a feed on a thread of their own, as they come, and hands over what it states by the batch.

use flate2::bufread::MultiGzDecoder;
use jiff::Timestamp;
use rekindle_catalogue::feed::{FeedError, FeedGroup, FeedGroups, FeedProduct, NamedProducts, read_feed};
use rekindle_catalogue::fetching::{FetchCounts, FetchReport};
use std::io::{BufRead, BufReader, Error, Read};
use tokio::sync::mpsc::{Receiver, Sender};

/// Products and variants of a batch.
pub(super) const BATCH_LEN: usize = 400;
/// The beginning of what is compressed with gzip.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A part of a feed.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// What is stated, and the products as a whole.
    pub(super) products: Vec<FeedProduct>,
    /// How many entries of the feed are read with this batch.
    pub(super) through: u64,
    /// What its entries had, without what was changed by them.
    pub(super) counts: FetchCounts,
    /// Why entries and fields cannot be used, the first of them.
    pub(super) reasons: Vec<String>,
    /// The products that it names.
    pub(super) named: NamedProducts,
}

/// Why a feed was not read to its end.
#[derive(Debug)]
pub(super) enum ReadError {
    /// It is larger than a feed may be.
    TooLarge,
    /// It is none, or ends too early.
    Feed(FeedError),
}

/// Reads a feed from chunks of bytes, gzipped or not, in the encoding that it says or else in `charset`, and hands over its batches in their order. It ends early if the receiver is gone.
///
/// # Errors
/// Why the rest cannot be read. What came before was handed over.
pub(super) fn read(
    chunks: Receiver<Result<Vec<u8>, Error>>,
    batches: &Sender<Batch>,
    charset: Option<&str>,
    at: Timestamp,
    max_bytes: u64,
) -> Result<(), ReadError> {
    let mut input = BufReader::new(Chunks { chunks, rest: Vec::new(), place: 0 });
    let failed = |error: Error| ReadError::Feed(FeedError::Io(error));
    let is_compressed = input.fill_buf().map_err(failed)?.starts_with(&GZIP);
    let content: Box<dyn Read> = if is_compressed { Box::new(MultiGzDecoder::new(input)) } else { Box::new(input) };
    // A feed that was compressed as a file, and once more on its way.
    let mut content = BufReader::new(content);
    let is_twice = is_compressed && content.fill_buf().map_err(failed)?.starts_with(&GZIP);
    let content: Box<dyn Read> = if is_twice { Box::new(MultiGzDecoder::new(content)) } else { Box::new(content) };
    let bounded = Bounded { input: content, left: max_bytes };
    let too_large = |error: FeedError| match &error {
        FeedError::Io(io) if io.kind() == std::io::ErrorKind::FileTooLarge => ReadError::TooLarge,
        _ => ReadError::Feed(error),
    };
    let mut batch = Batch::default();
    for group in FeedGroups::new(read_feed(bounded, charset).map_err(too_large)?, at) {
        match group {
            Ok(group) => batch.add(group),
            Err(error) => {
                // What came before the place counts, wherever it is cut.
                let _ = batches.blocking_send(batch);
                return Err(too_large(error));
            }
        }
        if batch.products.len() >= BATCH_LEN || batch.counts.refused >= BATCH_LEN as u64 {
            let through = batch.through;
            let full = std::mem::replace(&mut batch, Batch { through, ..Batch::default() });
            if batches.blocking_send(full).is_err() {
                return Ok(());
            }
        }
    }
    let _ = batches.blocking_send(batch);
    Ok(())
}

impl Batch {
    fn add(&mut self, group: FeedGroup) {
        self.through = group.through;
        self.counts.entries += group.products.len() as u64;
        self.counts.refused += group.unusable.len() as u64;
        self.counts.warnings += group.warnings();
        group.reasons().for_each(|reason| FetchReport::note(&mut self.reasons, &reason));
        self.named.add(&group);
        self.products.extend(group.whole().into_iter().chain(group.products));
    }
}

/// The chunks of a download, one after the other.
struct Chunks {
    chunks: Receiver<Result<Vec<u8>, Error>>,
    rest: Vec<u8>,
    place: usize,
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.place == self.rest.len() {
            match self.chunks.blocking_recv() {
                Some(chunk) => (self.rest, self.place) = (chunk?, 0),
                None => return Ok(0),
            }
        }
        let len = buffer.len().min(self.rest.len() - self.place);
        buffer[..len].copy_from_slice(&self.rest[self.place..self.place + len]);
        self.place += len;
        Ok(len)
    }
}

/// Bytes up to a bound. What is compressed to little can be without end.
struct Bounded {
    input: Box<dyn Read>,
    left: u64,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or(std::io::ErrorKind::FileTooLarge)?;
        Ok(read)
    }
}
