//! The text of a feed as UTF-8, whatever its encoding, a part at a time.
//!
//! Which encoding it is, says in this order: a byte order mark, or the zeros of UTF-16; the XML declaration, which was written by what wrote
//! the feed; the charset of the answer (or what a file was recognised as), which is often only a server's default; else UTF-8. What is
//! UTF-8 by no mark is looked at where its first letters beyond ASCII stand: if most of them are none in UTF-8, it is Windows-1252, or
//! what the charset says.

use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::io::{BufRead, ErrorKind, Read, Result};

/// Bytes that are decoded together.
const PART_LEN: usize = 64 * 1024;
/// Within how many bytes an XML declaration ends.
const MAX_DECLARATION_LEN: usize = 1024;

/// The text of a feed. What is no letter in its encoding is U+FFFD.
pub struct FeedText<R> {
    bytes: R,
    decoding: Decoding,
    /// Why the bytes end before their end; it is returned after what came before, and at every read after that.
    broken: Option<ErrorKind>,
    is_over: bool,
    text: Vec<u8>,
    at: usize,
}

enum Decoding {
    /// Only ASCII so far.
    Undecided(Guess),
    /// It was decided.
    Decided(Decoder),
}

/// Text that should be UTF-8.
#[derive(Clone, Copy)]
struct Guess {
    /// Whether the feed itself or its server says so.
    is_said: bool,
    /// What it is if it is not.
    otherwise: &'static Encoding,
}

impl<R: Read> FeedText<R> {
    /// The text of these bytes. `charset` is what is said of them elsewhere, by any name that the web knows.
    ///
    /// # Errors
    /// Nothing can be read.
    pub fn new(bytes: R, charset: Option<&str>) -> Result<Self> {
        let mut text = Self {
            bytes,
            decoding: Decoding::Undecided(Guess { is_said: false, otherwise: WINDOWS_1252 }),
            broken: None,
            is_over: false,
            text: Vec::new(),
            at: 0,
        };
        let mut first = text.next_part();
        if let (true, Some(broken)) = (first.is_empty(), text.broken) {
            return Err(broken.into());
        }
        let mark = Encoding::for_bom(&first).map_or(0, |(_, length)| length);
        text.decoding = Decoding::new(&first, charset.and_then(encoding));
        first.drain(..mark);
        text.decode(&first);
        Ok(text)
    }

    /// The next bytes: a whole part, unless they end.
    fn next_part(&mut self) -> Vec<u8> {
        let mut part = Vec::with_capacity(PART_LEN);
        while part.len() < PART_LEN && !self.is_over {
            let start = part.len();
            part.resize(PART_LEN, 0);
            let read = self.bytes.read(&mut part[start..]);
            part.truncate(start + *read.as_ref().unwrap_or(&0));
            match read {
                Ok(0) => self.is_over = true,
                Err(error) if error.kind() != ErrorKind::Interrupted => {
                    (self.broken, self.is_over) = (Some(error.kind()), true);
                }
                _ => {}
            }
        }
        part
    }

    fn decode(&mut self, part: &[u8]) {
        self.at = 0;
        if let Decoding::Undecided(guess) = &self.decoding {
            if part.is_ascii() {
                self.text = part.to_vec();
                return;
            }
            self.decoding = Decoding::Decided(guess.decide(part, self.is_over).new_decoder_without_bom_handling());
        }
        let Decoding::Decided(decoder) = &mut self.decoding else { return };
        let room = decoder.max_utf8_buffer_length(part.len()).unwrap_or(PART_LEN * 3);
        self.text.resize(room, 0);
        // What is cut ends in the middle of a letter, which is none.
        let is_last = self.is_over && self.broken.is_none();
        let (_, _, written, _) = decoder.decode_to_utf8(part, &mut self.text, is_last);
        self.text.truncate(written);
    }
}

impl<R: Read> BufRead for FeedText<R> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        while self.at == self.text.len() {
            if self.is_over {
                return self.broken.map_or(Ok(&[]), |broken| Err(broken.into()));
            }
            let part = self.next_part();
            self.decode(&part);
        }
        Ok(&self.text[self.at..])
    }

    fn consume(&mut self, amount: usize) {
        self.at = (self.at + amount).min(self.text.len());
    }
}

impl<R: Read> Read for FeedText<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let text = self.fill_buf()?;
        let count = buffer.len().min(text.len());
        buffer[..count].copy_from_slice(&text[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl Decoding {
    fn new(first: &[u8], charset: Option<&'static Encoding>) -> Self {
        let decided = |encoding: &'static Encoding| Self::Decided(encoding.new_decoder_without_bom_handling());
        let marked = Encoding::for_bom(first).map(|(encoding, _)| encoding);
        if let Some(encoding) = marked.or_else(|| utf_16_without_mark(first)) {
            return decided(encoding);
        }
        // Who says UTF-16 of bytes that can be read without is wrong.
        let is_possible = |encoding: &&'static Encoding| *encoding != UTF_16LE && *encoding != UTF_16BE;
        let charset = charset.filter(is_possible);
        let said = declared(first).filter(is_possible).or(charset);
        match said {
            Some(encoding) if encoding != UTF_8 => decided(encoding),
            said => {
                let otherwise = charset.filter(|charset| *charset != UTF_8).unwrap_or(WINDOWS_1252);
                Self::Undecided(Guess { is_said: said.is_some(), otherwise })
            }
        }
    }
}

impl Guess {
    /// The encoding by the first part that is not ASCII.
    fn decide(self, part: &[u8], is_last: bool) -> &'static Encoding {
        let (mut letters, mut wrong) = (0, 0);
        let mut chunks = part.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            letters += chunk.valid().chars().filter(|letter| !letter.is_ascii()).count();
            // Any part but the last may end within a letter.
            wrong += usize::from(!chunk.invalid().is_empty() && (is_last || chunks.peek().is_some()));
        }
        // A single wrong byte in what is said to be UTF-8 is a mistake in it.
        let is_other = wrong > letters && (wrong > 1 || !self.is_said);
        if is_other { self.otherwise } else { UTF_8 }
    }
}

/// The charset that a header `Content-Type` names.
#[must_use]
pub fn charset_of(content_type: &str) -> Option<&str> {
    let mut parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let (_, charset) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))?;
    Some(charset.trim().trim_matches(['"', '\''])).filter(|charset| !charset.is_empty())
}

/// UTF-16 by its first two characters, which are ASCII in every feed.
fn utf_16_without_mark(first: &[u8]) -> Option<&'static Encoding> {
    match first {
        [one, 0, two, 0, ..] if *one != 0 && *two != 0 => Some(UTF_16LE),
        [0, one, 0, two, ..] if *one != 0 && *two != 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// The encoding that an XML declaration names.
fn declared(first: &[u8]) -> Option<&'static Encoding> {
    let first = &first[..first.len().min(MAX_DECLARATION_LEN)];
    let start = first.trim_ascii_start().strip_prefix(b"<?xml")?;
    let end = start.windows(2).position(|two| two == b"?>")?;
    let declaration = std::str::from_utf8(&start[..end]).ok()?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    encoding(value[1..].split(quote).next()?)
}

/// An encoding by a name of the web. Those that browsers refuse to read are none.
fn encoding(name: &str) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(name.trim().as_bytes())
}
