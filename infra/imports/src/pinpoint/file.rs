//! A file as Pinpoint leaves it: gzipped, or not.

use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How gzip begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Opens a file, unpacking it if it is gzipped, whatever its name; and tells how much of the file itself has been read.
pub(super) fn open(path: &Path) -> io::Result<(Box<dyn Read + Send>, Arc<AtomicU64>)> {
    let read = Arc::new(AtomicU64::new(0));
    let file = Counted { file: File::open(path)?, read: Arc::clone(&read) };
    let mut file = BufReader::new(file);
    let is_packed = file.fill_buf()?.starts_with(&GZIP);
    let content: Box<dyn Read + Send> = if is_packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    Ok((content, read))
}

struct Counted {
    file: File,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
