//! Opens a file as text in UTF-8, whatever its compression and encoding.

use super::encodings::FileEncoding;
use encoding_rs::{Decoder, UTF_8};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The first bytes of a gzip file.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// Decoded text in memory.
const BUFFER_BYTES: usize = 64 * 1024;

/// An opened file.
pub(crate) struct Source {
    /// Its text. With UTF-8 the bytes as they are, which may be no text; otherwise U+FFFD stands for what is no text.
    pub(crate) text: Box<dyn Read + Send>,
    /// Its encoding.
    pub(crate) encoding: FileEncoding,
    /// How many bytes of the file itself were read.
    pub(crate) read: Arc<AtomicU64>,
}

/// Opens a file; its name does not matter. `encoding` is used unless a byte order mark names another.
///
/// # Errors
/// The file cannot be read, or is no text: the message names what it is and what to do.
pub(crate) fn open(path: &Path, encoding: Option<FileEncoding>) -> io::Result<Source> {
    let encoding = match encoding {
        Some(encoding) => encoding,
        None => FileEncoding::detect(&mut content(path)?.0),
    };
    let (content, read) = content(path)?;
    let text: Box<dyn Read + Send> = if encoding.0 == UTF_8 {
        content
    } else {
        Box::new(Decoded {
            bytes: BufReader::new(content),
            decoder: encoding.0.new_decoder(),
            text: Vec::new(),
            at: 0,
            is_over: false,
        })
    };
    Ok(Source { text, encoding, read })
}

/// The content of a file, decompressed if it is gzipped. The counter holds how many bytes of the file itself were read.
pub(crate) fn content(path: &Path) -> io::Result<(Box<dyn Read + Send>, Arc<AtomicU64>)> {
    let read = Arc::new(AtomicU64::new(0));
    let file = Counted { file: File::open(path)?, read: Arc::clone(&read) };
    let mut file = BufReader::new(file);
    let is_packed = file.fill_buf()?.starts_with(&GZIP_MAGIC);
    let content: Box<dyn Read + Send> = if is_packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut content = BufReader::with_capacity(BUFFER_BYTES, content);
    let has_extension = |extension: &str| path.extension().is_some_and(|own| own.eq_ignore_ascii_case(extension));
    if let Some(form) = not_text(content.fill_buf()?, has_extension("xlsx") || has_extension("xlsm")) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, form));
    }
    Ok((Box::new(content), read))
}

/// What a file is that is no text, by its first bytes, with what to do.
fn not_text(beginning: &[u8], is_named_workbook: bool) -> Option<&'static str> {
    const WORKBOOK: &str = "it is an Excel workbook; save the sheet as \"CSV UTF-8\" and import that";
    let has = |part: &[u8]| beginning.windows(part.len()).any(|window| window == part);
    let forms: [(&[u8], &str); 9] = [
        (b"\xd0\xcf\x11\xe0", WORKBOOK),
        (b"%PDF", "it is a PDF document; export the orders as CSV"),
        (b"PAR1", "it is a Parquet file; write it as CSV or NDJSON"),
        (b"BZh", "it is compressed with bzip2; unpack it first (gzip is read as it is)"),
        (b"\x28\xb5\x2f\xfd", "it is compressed with zstd; unpack it first (gzip is read as it is)"),
        (b"\xfd7zXZ\0", "it is compressed with xz; unpack it first (gzip is read as it is)"),
        (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive; unpack it first and import each file"),
        (b"Rar!", "it is a RAR archive; unpack it first and import each file"),
        (b"SQLite format 3", "it is a database; write its orders as CSV"),
    ];
    if beginning.starts_with(b"PK\x03\x04") || beginning.starts_with(b"PK\x05\x06") {
        return Some(if is_named_workbook || has(b"[Content_Types].xml") || has(b"xl/workbook") {
            WORKBOOK
        } else if has(b"mimetypeapplication/vnd.oasis") {
            "it is an OpenDocument spreadsheet; save the sheet as CSV in UTF-8 and import that"
        } else {
            "it is a zip archive; unpack it first and import each file"
        });
    }
    forms.into_iter().find(|(magic, _)| beginning.starts_with(magic)).map(|(_, form)| form)
}

/// Counts the bytes that are read.
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

/// Decodes text to UTF-8, a part at a time.
struct Decoded<R> {
    bytes: BufReader<R>,
    decoder: Decoder,
    text: Vec<u8>,
    at: usize,
    is_over: bool,
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.text.len() {
            if self.is_over {
                return Ok(0);
            }
            let bytes = self.bytes.fill_buf()?;
            self.is_over = bytes.is_empty();
            self.text.resize(BUFFER_BYTES, 0);
            let (_, used, written, _) = self.decoder.decode_to_utf8(bytes, &mut self.text, self.is_over);
            self.bytes.consume(used);
            self.text.truncate(written);
            self.at = 0;
        }
        let count = buffer.len().min(self.text.len() - self.at);
        buffer[..count].copy_from_slice(&self.text[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;

    fn text(bytes: &[u8]) -> io::Result<String> {
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(file.path(), bytes)?;
        let mut source = open(file.path(), None)?;
        let mut text = String::new();
        source.text.read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn compressed_files_are_read_and_others_are_refused_by_name() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all("a;é\n".as_bytes()).expect("packed");
        let packed = packer.finish().expect("packed");
        assert_eq!(text(&packed).expect("read"), "a;é\n");
        assert_eq!(text(&[packed.clone(), packed].concat()).expect("two parts"), "a;é\na;é\n");
        for (bytes, name) in [
            (&b"PK\x03\x04\x14\0\x06\0\x08\0[Content_Types].xml"[..], "Excel workbook"),
            (b"PK\x03\x04....orders.csv", "zip archive"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1", "Excel workbook"),
            (b"PAR1\x15", "Parquet"),
        ] {
            let error = text(bytes).expect_err(name).to_string();
            assert!(error.contains(name), "{error}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

        #[test]
        fn text_in_any_encoding_comes_back_as_it_was(words in "[a-zA-Zа-яА-Я0-9 ;,\\n]{1,300}") {
            let header = "customer_id;order_id;ordered_at;amount\n";
            let whole = format!("{header}{words}");
            for mark in ["", "\u{feff}"] {
                let marked = format!("{mark}{whole}");
                let utf_16: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
                for bytes in [marked.clone().into_bytes(), utf_16] {
                    let read = text(&bytes).expect("read");
                    prop_assert_eq!(read.trim_start_matches('\u{feff}'), &whole);
                }
            }
            let file = tempfile::NamedTempFile::new().expect("a file");
            let encoding = FileEncoding::parse("windows-1251").expect("an encoding");
            std::fs::write(file.path(), encoding.0.encode(&whole).0).expect("written");
            let mut read = String::new();
            open(file.path(), Some(encoding)).expect("opened").text.read_to_string(&mut read).expect("text");
            prop_assert_eq!(read, whole);
        }
    }
}
