//! The lines of a file, one at a time, numbered and of bounded length. A line ends with LF, CR LF or CR alone, in any mixture.
//! A line that is not text is an error of its own.

use super::encodings::FileEncoding;
use super::source::Source;
use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

/// Most bytes of a line, and of a CSV record of several lines: twice the API's limit for an event.
pub(crate) const MAX_LINE_BYTES: usize = 64 * 1024;

/// A line without its line break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its number, from 1.
    pub(crate) number: u64,
    /// Its text, or the reason why it has none, as the predicate of a sentence about the line.
    pub(crate) text: Result<String, String>,
}

impl Line {
    /// Whether it is empty but for white space.
    pub(crate) fn is_blank(&self) -> bool {
        self.text.as_ref().is_ok_and(|text| text.trim().is_empty())
    }
}

/// Reads lines. Of each line at most [`MAX_LINE_BYTES`] are in memory.
pub(crate) struct Lines {
    file: BufReader<Box<dyn Read + Send>>,
    /// Lines that were given back, the next one first.
    given_back: VecDeque<Line>,
    number: u64,
    /// Whether the last line ended with CR, to which an LF may belong.
    is_after_cr: bool,
    /// The encoding that the text had, if not UTF-8.
    decoded_from: Option<&'static str>,
    failure: Option<io::Error>,
}

impl Lines {
    pub(crate) fn new(file: Box<dyn Read + Send>) -> Self {
        let file = BufReader::with_capacity(MAX_LINE_BYTES, file);
        Self { file, given_back: VecDeque::new(), number: 0, is_after_cr: false, decoded_from: None, failure: None }
    }

    /// The lines of a file that was opened: U+FFFD in a text that was decoded stands for what is no text.
    pub(crate) fn of_source(source: Source) -> Self {
        let decoded_from = Some(source.encoding).filter(|own| *own != FileEncoding::utf_8()).map(FileEncoding::name);
        Self { decoded_from, ..Self::new(source.text) }
    }

    /// The next line; `None` at the end of the file, or where reading failed.
    pub(crate) fn next(&mut self) -> Option<Line> {
        self.given_back.pop_front().or_else(|| self.read_line())
    }

    /// Gives lines back. They are returned again in this order.
    pub(crate) fn give_back(&mut self, lines: Vec<Line>) {
        for line in lines.into_iter().rev() {
            self.given_back.push_front(line);
        }
    }

    /// Takes the error that ended the reading before the end of the file, if there was one.
    pub(crate) fn failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    fn read_line(&mut self) -> Option<Line> {
        let mut bytes = Vec::new();
        let (mut is_long, mut is_ended, mut has_any) = (false, false, false);
        while !is_ended {
            let found = match self.file.fill_buf() {
                Ok([]) => break,
                Ok(found) => found,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.failure = Some(error);
                    return None;
                }
            };
            if std::mem::take(&mut self.is_after_cr) && found[0] == b'\n' {
                self.file.consume(1);
                continue;
            }
            let end = found.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let (part, used) = (&found[..end.unwrap_or(found.len())], end.map_or(found.len(), |end| end + 1));
            is_long |= bytes.len() + part.len() > MAX_LINE_BYTES;
            if !is_long {
                bytes.extend_from_slice(part);
            }
            has_any = true;
            is_ended = end.is_some();
            self.is_after_cr = end.is_some_and(|end| found[end] == b'\r');
            self.file.consume(used);
        }
        if !has_any {
            return None;
        }
        self.number += 1;
        Some(Line { number: self.number, text: self.text(bytes, is_long) })
    }

    fn text(&self, bytes: Vec<u8>, is_long: bool) -> Result<String, String> {
        if is_long {
            return Err(format!("is longer than {MAX_LINE_BYTES} bytes"));
        }
        let encoding = self.decoded_from.unwrap_or("UTF-8");
        let text = String::from_utf8(bytes).ok();
        let text = text.filter(|text| self.decoded_from.is_none() || !text.contains('\u{fffd}'));
        let text = text.ok_or_else(|| format!("is not text in {encoding}; --encoding names another encoding"))?;
        Ok(match text.strip_prefix('\u{feff}') {
            Some(rest) if self.number == 1 => rest.to_owned(),
            _ => text,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<Line> {
        let mut lines = Lines::new(Box::new(io::Cursor::new(bytes.to_vec())));
        std::iter::from_fn(move || lines.next()).collect()
    }

    #[test]
    fn lines_lose_their_ends_and_the_file_its_byte_order_mark() {
        let found = lines("\u{feff}a\r\n\nb\r\r\n\u{feff}c\rd".as_bytes());
        let texts: Vec<_> = found.iter().map(|line| line.text.clone().expect("text")).collect();
        assert_eq!(texts, ["a", "", "b", "", "\u{feff}c", "d"]);
        assert_eq!(found.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn a_line_break_of_two_bytes_is_one_wherever_a_read_ends() {
        for before in [0, 1, MAX_LINE_BYTES - 2, MAX_LINE_BYTES - 1, MAX_LINE_BYTES] {
            let found = lines(format!("{}\r\nb\r\n", "x".repeat(before)).as_bytes());
            assert_eq!(found.len(), 2, "{before}");
            assert_eq!(found[1].text.as_deref(), Ok("b"));
        }
    }

    #[test]
    fn a_line_that_is_too_long_or_no_text_does_not_affect_the_others() {
        let found = lines(&[b"a\n", "x".repeat(3 * MAX_LINE_BYTES).as_bytes(), b"\n\xff\xfe\nb\n"].concat());
        let is_text: Vec<_> = found.iter().map(|line| line.text.is_ok()).collect();
        assert_eq!(is_text, [true, false, false, true]);
        assert_eq!(found[1].text, Err("is longer than 65536 bytes".to_owned()));
    }

    #[test]
    fn a_file_that_cannot_be_read_to_its_end_says_so() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the disk is gone"))
            }
        }
        let mut lines = Lines::new(Box::new(io::Cursor::new(b"a\n".to_vec()).chain(Broken)));
        assert!(lines.next().is_some());
        assert_eq!(lines.next(), None);
        assert_eq!(lines.failure().map(|error| error.to_string()), Some("the disk is gone".to_owned()));
    }
}
