//! Feeds in XML: RSS 2.0 with `item`, Atom with `entry`.

use super::error::FeedError;
use super::fields::{FeedEntry, MAX_FIELD_LEN};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::io::BufRead;

/// Most fields of an entry; more are left out.
const MAX_FIELDS: usize = 300;
/// Most bytes of one piece of markup or text. What is longer is no product feed.
const MAX_PIECE_LEN: usize = 1024 * 1024;

pub(super) struct XmlEntries<R: BufRead> {
    reader: Reader<R>,
    buffer: Vec<u8>,
    /// How many elements are open.
    depth: usize,
    entries: u64,
}

/// An entry while it is read: at which depth it began, and the field that is open.
struct Open {
    depth: usize,
    entry: FeedEntry,
    field: Option<(String, String)>,
}

impl<R: BufRead> XmlEntries<R> {
    pub(super) fn new(input: R) -> Self {
        let mut reader = Reader::from_reader(input);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, buffer: Vec::new(), depth: 0, entries: 0 }
    }

    /// The next entry; nothing after the closing tag of the document.
    pub(super) fn next_entry(&mut self) -> Result<Option<FeedEntry>, FeedError> {
        let mut open: Option<Open> = None;
        loop {
            self.buffer.clear();
            let after = self.entries;
            let malformed = |reason: String| FeedError::Malformed { after, reason };
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event,
                Err(quick_xml::Error::Io(error)) => return Err(std::io::Error::new(error.kind(), error).into()),
                Err(error) => {
                    // What is wrong at the very end is cut, not malformed.
                    let is_end = self.reader.get_mut().fill_buf()?.is_empty();
                    return Err(if is_end { FeedError::Cut { after } } else { malformed(error.to_string()) });
                }
            };
            match event {
                Event::Start(start) => {
                    self.depth += 1;
                    let name = local_name(&start);
                    match &mut open {
                        None if name == "item" || name == "entry" => {
                            open = Some(Open { depth: self.depth, entry: FeedEntry::default(), field: None });
                        }
                        // What is nested deeper (shipping, taxes) is no field of the product.
                        Some(open) if self.depth == open.depth + 1 && open.entry.fields.len() < MAX_FIELDS => {
                            let address = if name == "link" { attribute(&start, "href") } else { None };
                            open.field = Some((name, address.unwrap_or_default()));
                        }
                        _ => {}
                    }
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    if let Some(entry) = &mut open {
                        if self.depth == entry.depth
                            && let Some((name, value)) = entry.field.take()
                        {
                            entry.entry.add(&name, &value);
                        }
                        if self.depth + 1 == entry.depth {
                            self.entries += 1;
                            return Ok(open.map(|open| FeedEntry { number: self.entries, ..open.entry }));
                        }
                    }
                    if self.depth == 0 {
                        return Ok(None);
                    }
                }
                Event::Text(text) => append(&mut open, self.depth, &text.into_inner()),
                Event::CData(text) => append(&mut open, self.depth, &text.into_inner()),
                Event::GeneralRef(reference) => {
                    let character = reference.resolve_char_ref().ok().flatten().map(String::from);
                    let name = reference.into_inner();
                    let text =
                        character.or_else(|| quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned));
                    // An entity of HTML stays as it is written; no feed may declare its own.
                    append(&mut open, self.depth, &text.unwrap_or_else(|| format!("&{name};")));
                }
                Event::Eof => return Err(FeedError::Cut { after }),
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
            if self.buffer.len() > MAX_PIECE_LEN {
                return Err(malformed(format!("a piece of it is longer than {MAX_PIECE_LEN} bytes")));
            }
        }
    }
}

/// Adds text to the open field, if it stands in it directly.
fn append(open: &mut Option<Open>, depth: usize, text: &str) {
    if let Some(Open { depth: own, field: Some((_, value)), .. }) = open
        && depth == *own + 1
        && value.len() <= MAX_FIELD_LEN
    {
        value.push_str(text);
    }
}

fn local_name(start: &BytesStart<'_>) -> String {
    start.local_name().as_ref().to_ascii_lowercase()
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = start.attributes().flatten().find(|attribute| attribute.key.as_ref() == name)?;
    Some(found.value.replace("&amp;", "&"))
}
