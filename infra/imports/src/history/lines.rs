//! Lines of a file, one at a time: bounded, numbered, each with its own complaint if it is not text.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

/// Longest line, and longest CSV record of several lines, in bytes. Twice what the API takes as an event.
pub(super) const LONGEST: usize = 64 * 1024;

/// A line without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its number, from 1.
    pub(crate) number: u64,
    /// What it says, or why it cannot be read, as the predicate of a sentence about it.
    pub(crate) text: Result<String, String>,
}

impl Line {
    /// Whether it says nothing.
    pub(crate) fn is_blank(&self) -> bool {
        self.text.as_ref().is_ok_and(|text| text.trim().is_empty())
    }
}

/// Reads lines. However long a line is, no more than [`LONGEST`] bytes of it are in memory.
pub(crate) struct Lines {
    file: BufReader<Box<dyn Read + Send>>,
    /// Lines that were read and given back, the next one first.
    waiting: VecDeque<Line>,
    number: u64,
    bytes: u64,
    failure: Option<io::Error>,
}

impl Lines {
    pub(crate) fn of(file: Box<dyn Read + Send>) -> Self {
        let file = BufReader::with_capacity(LONGEST, file);
        Self { file, waiting: VecDeque::new(), number: 0, bytes: 0, failure: None }
    }

    /// The next line; nothing at the end of the file, or where reading failed.
    pub(crate) fn next(&mut self) -> Option<Line> {
        self.waiting.pop_front().or_else(|| self.read())
    }

    /// Gives lines back, to be read again in this order.
    pub(crate) fn give_back(&mut self, lines: Vec<Line>) {
        for line in lines.into_iter().rev() {
            self.waiting.push_front(line);
        }
    }

    /// Bytes read from the file so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Why reading ended before the end of the file, if it did.
    pub(crate) fn failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    fn read(&mut self) -> Option<Line> {
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
            is_long |= bytes.len() + part.len() > LONGEST;
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
            Err(format!("is longer than {LONGEST} bytes"))
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
        let mut lines = Lines::of(Box::new(io::Cursor::new(bytes.to_vec())));
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
    fn a_line_that_is_too_long_or_no_text_costs_itself_only() {
        let found = lines(&[b"a\n", "x".repeat(3 * LONGEST).as_bytes(), b"\n\xff\xfe\nb\n"].concat());
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
        let mut lines = Lines::of(Box::new(io::Cursor::new(b"a\n".to_vec()).chain(Broken)));
        assert!(lines.next().is_some());
        assert_eq!(lines.next(), None);
        assert_eq!(lines.failure().map(|error| error.to_string()), Some("the disk is gone".to_owned()));
    }
}
