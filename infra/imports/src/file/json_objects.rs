//! Finds the objects of a JSON text that is not one object a line: a list of objects, or objects over several lines.

use crate::history::RowError;
use serde_json::{Map, Value};
use std::io::{self, BufRead, BufReader, Read};

/// Most bytes of an object. A larger one is an error of its own.
const MAX_OBJECT_BYTES: usize = 1024 * 1024;

/// An object with the line on which it begins, or what stands in its place.
type Found = Result<(u64, Map<String, Value>), RowError>;

/// Reads objects, one at a time. Of each at most [`MAX_OBJECT_BYTES`] are in memory.
pub(super) struct JsonObjects {
    bytes: BufReader<Box<dyn Read + Send>>,
    line: u64,
    /// The line of the object before.
    last: u64,
    failure: Option<io::Error>,
}

impl JsonObjects {
    pub(super) fn new(text: Box<dyn Read + Send>) -> Self {
        Self { bytes: BufReader::new(text), line: 1, last: 0, failure: None }
    }

    /// Takes the error that ended the reading before the end of the file, if there was one.
    pub(super) fn failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// The next object, with the line on which it begins, or what stands in its place. Objects that share a line are numbered on:
    /// no two have the same line, and lines only increase.
    pub(super) fn next(&mut self) -> Option<Found> {
        let mut found = self.next_object()?;
        let line = match &mut found {
            Ok((line, _)) => line,
            Err(error) => &mut error.line,
        };
        *line = (*line).max(self.last + 1);
        self.last = *line;
        Some(found)
    }

    fn next_object(&mut self) -> Option<Found> {
        let mut stray = None;
        loop {
            let line = self.line;
            match self.byte()? {
                b'{' => {
                    if let Some(line) = stray {
                        // What stands before it is reported first; the object is read with the next call.
                        return Some(Err(self.refuse_and_keep(line)));
                    }
                    return Some(self.object(line));
                }
                b'[' | b']' | b',' => {}
                byte if byte.is_ascii_whitespace() => {
                    if byte == b'\n'
                        && let Some(line) = stray
                    {
                        return Some(Err(refuse(line, "is not part of a JSON object")));
                    }
                }
                // A byte order mark.
                0xef | 0xbb | 0xbf if line == 1 => {}
                _ => stray = stray.or(Some(line)),
            }
        }
    }

    /// Reports a stray text in front of an object, which is skipped with it.
    fn refuse_and_keep(&mut self, line: u64) -> RowError {
        let _ = self.object(line);
        refuse(line, "is not part of a JSON object")
    }

    /// Reads an object after its opening brace.
    fn object(&mut self, line: u64) -> Found {
        let mut text = vec![b'{'];
        let (mut depth, mut is_string, mut is_escaped, mut is_large) = (1_u64, false, false, false);
        while depth > 0 {
            let Some(byte) = self.byte() else { return Err(refuse(line, "is a JSON object that never ends")) };
            is_large |= text.len() >= MAX_OBJECT_BYTES;
            if !is_large {
                text.push(byte);
            }
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' if is_string => is_escaped = true,
                b'"' => is_string = !is_string,
                b'{' if !is_string => depth += 1,
                b'}' if !is_string => depth -= 1,
                _ => {}
            }
        }
        if is_large {
            return Err(refuse(line, &format!("begins a JSON object of more than {MAX_OBJECT_BYTES} bytes")));
        }
        let object = serde_json::from_slice(&text);
        let reason = |error: serde_json::Error| {
            format!("does not begin a JSON object ({} lines further, column {})", error.line() - 1, error.column())
        };
        object.map(|object| (line, object)).map_err(|error| refuse(line, &reason(error)))
    }

    fn byte(&mut self) -> Option<u8> {
        loop {
            match self.bytes.fill_buf() {
                Ok([]) => return None,
                Ok([byte, ..]) => {
                    let byte = *byte;
                    self.bytes.consume(1);
                    self.line += u64::from(byte == b'\n');
                    return Some(byte);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failure = Some(error);
                    return None;
                }
            }
        }
    }
}

fn refuse(line: u64, reason: &str) -> RowError {
    RowError { line, field: "the line".to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let mut objects = JsonObjects::new(Box::new(io::Cursor::new(text.to_owned())));
        let short = |object: Found| match object {
            Ok((line, object)) => format!("{line} {}", Value::from(object)),
            Err(error) => error.to_string(),
        };
        std::iter::from_fn(|| objects.next().map(short)).collect()
    }

    #[test]
    fn lists_and_pretty_objects_are_read_with_their_lines() {
        assert_eq!(found("[{\"a\":1},\n {\"a\":\"}\\\"{\"}]\n"), ["1 {\"a\":1}", "2 {\"a\":\"}\\\"{\"}"]);
        assert_eq!(found("{\n \"a\": {\"b\": []}\n}\n{\"c\":2}"), ["1 {\"a\":{\"b\":[]}}", "4 {\"c\":2}"]);
        assert_eq!(found("[]"), [""; 0]);
    }

    #[test]
    fn what_is_no_object_is_named() {
        assert_eq!(found("[\n1,\n{\"a\":1}]"), ["line 2: the line is not part of a JSON object", "3 {\"a\":1}"]);
        assert_eq!(found("[{\"a\":1},{\"b\":"), ["1 {\"a\":1}", "line 2: the line is a JSON object that never ends"]);
        assert!(found("[{\"a\" 1},{\"b\":2}]")[0].starts_with("line 1: the line does not begin a JSON object"));
    }
}
