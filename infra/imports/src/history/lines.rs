//! The lines of a file, one at a time, numbered and of bounded length. A line that is not text is an error of its own.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

/// Most bytes of a line, and of a CSV record of several lines: twice the API's limit for an event.
pub(super) const MAX_LINE_BYTES: usize = 64 * 1024;

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
    bytes: u64,
    failure: Option<io::Error>,
}

impl Lines {
    pub(crate) fn new(file: Box<dyn Read + Send>) -> Self {
        let file = BufReader::with_capacity(MAX_LINE_BYTES, file);
        Self { file, given_back: VecDeque::new(), number: 0, bytes: 0, failure: None }
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

    /// Bytes read from the file so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes the error that ended the reading before the end of the file, if there was one.
    pub(crate) fn failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    fn read_line(&mut self) -> Option<Line> {
        let mut bytes = Vec::new();
        let (mut is_long, mut is_ended) = (false, false);
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
            let end = found.iter().position(|byte| *byte == b'\n');
            let (part, used) = (&found[..end.unwrap_or(found.len())], end.map_or(found.len(), |end| end + 1));
            is_long |= bytes.len() + part.len() > MAX_LINE_BYTES;
            if !is_long {
                bytes.extend_from_slice(part);
            }
            is_ended = end.is_some();
            self.file.consume(used);
            self.bytes += used as u64;
        }
        if !is_ended && bytes.is_empty() && !is_long {
            return None;
        }
        self.number += 1;
        let text = if is_long {
            Err(format!("is longer than {MAX_LINE_BYTES} bytes"))
        } else {
            String::from_utf8(bytes).map_err(|_| "is not text in UTF-8".to_owned())
        };
        let text = text.map(|mut text| {
            if text.ends_with('\r') {
                text.pop();
            }
            match text.strip_prefix('\u{feff}') {
                Some(rest) if self.number == 1 => rest.to_owned(),
                _ => text,
            }
        });
        Some(Line { number: self.number, text })
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
        let found = lines("\u{feff}a\r\n\nb\r\r\n\u{feff}c".as_bytes());
        let texts: Vec<_> = found.iter().map(|line| line.text.clone().expect("text")).collect();
        assert_eq!(texts, ["a", "", "b\r", "\u{feff}c"]);
        assert_eq!(found.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
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
