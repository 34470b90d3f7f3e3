//! The encoding of a file: named by a byte order mark, or recognised by its bytes.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::fmt;
use std::io::{self, Read};

/// How many bytes of text that is not ASCII the detection looks at.
const MAX_DETECTED_BYTES: usize = 256 * 1024;
/// How many bytes at the beginning show whether a file without a byte order mark is UTF-16.
const UTF_16_SAMPLE: usize = 1024;

/// An encoding that a file may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FileEncoding(pub(super) &'static Encoding);

impl FileEncoding {
    /// Returns UTF-8.
    #[must_use]
    pub fn utf_8() -> Self {
        Self(UTF_8)
    }

    /// Accepts the names of the web, such as `utf-8`, `utf-16le`, `windows-1251`, `cp1252`, `latin1`.
    ///
    /// # Errors
    /// There is no encoding of this name.
    pub fn parse(name: &str) -> Result<Self, String> {
        let plain = name.trim().to_lowercase();
        let plain = plain.strip_prefix("cp").map_or(plain.clone(), |page| format!("windows-{page}"));
        let named = Encoding::for_label(plain.as_bytes()).filter(|encoding| encoding.name() != "replacement");
        named
            .map(Self)
            .ok_or_else(|| format!("{name:?} is no encoding; use utf-8, utf-16le, windows-1251, windows-1252 …"))
    }

    /// Returns its usual name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Recognises the encoding of a whole text. Text of which most characters that are not ASCII are UTF-8 is UTF-8: the lines with
    /// the others are errors.
    pub(crate) fn detect(text: &mut dyn Read) -> Self {
        let mut buffer = vec![0; 64 * 1024];
        let mut scan = Scan::default();
        loop {
            // A file that was cut off is read, and reported, later.
            let count = read_some(text, &mut buffer).unwrap_or(0);
            if count == 0 {
                return Self(scan.finish());
            }
            if let Some(known) = scan.add(&buffer[..count]) {
                return Self(known);
            }
        }
    }
}

impl fmt::Display for FileEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for FileEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for FileEncoding {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

fn read_some(text: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match text.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// What the bytes so far say.
#[derive(Default)]
struct Scan {
    beginning: Vec<u8>,
    /// Whether the beginning was looked at.
    has_begun: bool,
    /// The end of the part before, which may be the first half of a character.
    rest: Vec<u8>,
    /// How many characters beyond ASCII are UTF-8, and how many bytes are not.
    in_utf_8: u64,
    in_other: u64,
    detected: usize,
    detector: Option<EncodingDetector>,
}

impl Scan {
    /// Looks at a part; returns the encoding if it is certain.
    fn add(&mut self, part: &[u8]) -> Option<&'static Encoding> {
        if !self.has_begun {
            let room = UTF_16_SAMPLE - self.beginning.len().min(UTF_16_SAMPLE);
            self.beginning.extend_from_slice(&part[..room.min(part.len())]);
            if self.beginning.len() == UTF_16_SAMPLE {
                self.has_begun = true;
                if let Some(known) = by_beginning(&self.beginning) {
                    return Some(known);
                }
            }
        }
        let bytes = [std::mem::take(&mut self.rest).as_slice(), part].concat();
        let mut left = bytes.as_slice();
        while !left.is_ascii() {
            match std::str::from_utf8(left) {
                Ok(valid) => {
                    self.in_utf_8 += beyond_ascii(valid);
                    break;
                }
                Err(error) => {
                    let (valid, bad) = left.split_at(error.valid_up_to());
                    self.in_utf_8 += std::str::from_utf8(valid).map_or(0, beyond_ascii);
                    let Some(length) = error.error_len() else {
                        self.rest = bad.to_vec();
                        break;
                    };
                    self.in_other += 1;
                    left = &bad[length..];
                }
            }
        }
        if self.detected < MAX_DETECTED_BYTES && !part.is_ascii() {
            let detector = self.detector.get_or_insert_with(|| EncodingDetector::new(Iso2022JpDetection::Deny));
            let part = &part[..part.len().min(MAX_DETECTED_BYTES)];
            detector.feed(part, false);
            self.detected += part.len();
        }
        None
    }

    fn finish(mut self) -> &'static Encoding {
        if !self.has_begun
            && let Some(known) = by_beginning(&self.beginning)
        {
            return known;
        }
        self.in_other += u64::from(!self.rest.is_empty());
        match self.detector {
            Some(mut detector) if self.in_other > self.in_utf_8 => {
                detector.feed(b"", true);
                detector.guess(None, Utf8Detection::Deny)
            }
            _ => UTF_8,
        }
    }
}

fn beyond_ascii(text: &str) -> u64 {
    text.chars().filter(|c| !c.is_ascii()).count() as u64
}

/// The encoding that a byte order mark names, or that text of mostly Latin letters in two bytes shows.
fn by_beginning(bytes: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Some(encoding);
    }
    let zeros = |offset: usize| bytes.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let pairs = bytes.len() / 2;
    match (zeros(0), zeros(1)) {
        _ if pairs < 2 => None,
        (0, odd) if odd * 2 > pairs => Some(UTF_16LE),
        (even, 0) if even * 2 > pairs => Some(UTF_16BE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(bytes: &[u8]) -> &'static str {
        FileEncoding::detect(&mut io::Cursor::new(bytes)).name()
    }

    fn encoded(text: &str, name: &str) -> Vec<u8> {
        FileEncoding::parse(name).expect(name).0.encode(text).0.into_owned()
    }

    #[test]
    fn text_is_utf_8_unless_its_bytes_say_otherwise() {
        let header = "customer_id;order_id;first_name\n";
        assert_eq!(detect(header.as_bytes()), "UTF-8");
        assert_eq!(detect(format!("{header}1;2;Анна\n").as_bytes()), "UTF-8");
        assert_eq!(detect(format!("\u{feff}{header}").as_bytes()), "UTF-8");
        assert_eq!(detect(&encoded(&format!("{header}1;2;Анна\n3;4;Пётр\n"), "cp1251")), "windows-1251");
        assert_eq!(detect(&encoded(&format!("{header}1;2;André\n"), "latin1")), "windows-1252");
        for (encoding, name) in [(u16::to_le_bytes as fn(u16) -> [u8; 2], "UTF-16LE"), (u16::to_be_bytes, "UTF-16BE")] {
            for mark in ["", "\u{feff}"] {
                let text = format!("{mark}{header}1;2;Анна\n");
                let bytes: Vec<u8> = text.encode_utf16().flat_map(encoding).collect();
                assert_eq!(detect(&bytes), name, "{mark:?}");
            }
        }
    }

    #[test]
    fn one_bad_byte_in_utf_8_does_not_change_the_encoding() {
        assert_eq!(detect(b"Andr\xc3\xa9\n\xff\n"), "UTF-8");
        // A character that is cut by the end of a part.
        let long = format!("{}é", "a".repeat(64 * 1024 - 1));
        assert_eq!(detect(long.as_bytes()), "UTF-8");
        assert_eq!(detect(b""), "UTF-8");
    }

    #[test]
    fn encodings_are_named_as_people_name_them() {
        for name in ["utf8", "UTF-16", "cp1251", "Windows-1252", "latin1", "koi8-r"] {
            assert!(FileEncoding::parse(name).is_ok(), "{name}");
        }
        assert!(FileEncoding::parse("martian").expect_err("none").contains("windows-1251"));
    }
}
