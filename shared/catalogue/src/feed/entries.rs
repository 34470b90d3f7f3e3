//! The entries of a feed, one after the other.

use super::table::TableEntries;
use super::xml::XmlEntries;
use std::collections::BTreeMap;
use std::io::BufRead;

/// Most bytes of a field that are kept; the rest is left out. Nothing longer is used.
pub(super) const MAX_FIELD_LEN: usize = 4 * 1024;

/// One product as a feed tells it: its fields by their names, without `g:`. Of a field that comes several times the first one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeedEntry {
    /// Which entry it is, from 1 on.
    pub number: u64,
    pub(super) fields: BTreeMap<String, String>,
}

/// Why the rest of a feed cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The file cannot be read.
    #[error("the file cannot be read")]
    Io(#[from] std::io::Error),
    /// It is not what it begins as.
    #[error("after entry {after} the feed is not well-formed: {reason}")]
    Malformed {
        /// The last whole entry before the place.
        after: u64,
        /// What is wrong there.
        reason: String,
    },
    /// It is neither XML nor a table with the column `id`.
    #[error("this is no product feed: it is neither XML nor a table, separated by tabs, with the column \"id\"")]
    NoFeed,
    /// It ends before its end.
    #[error("the feed is cut: it ends after entry {after} without its closing tag")]
    Cut {
        /// The last whole entry.
        after: u64,
    },
}

/// The entries of a feed in their order. After the last one it ends if the file was whole, and with [`FeedError::Cut`] if not. After
/// an error nothing follows.
pub struct Feed<R: BufRead>(Form<R>);

enum Form<R: BufRead> {
    Xml(XmlEntries<R>),
    Table(Box<TableEntries<R>>),
    Ended,
}

/// Reads a feed, XML or a table, as its beginning tells.
///
/// # Errors
/// The file cannot be read, or is no feed.
pub fn read_feed<R: BufRead>(mut input: R) -> Result<Feed<R>, FeedError> {
    let start = input.fill_buf()?;
    let text = start.strip_prefix("\u{feff}".as_bytes()).unwrap_or(start);
    let is_xml = text.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
    Ok(Feed(if is_xml { Form::Xml(XmlEntries::new(input)) } else { Form::Table(Box::new(TableEntries::new(input)?)) }))
}

impl<R: BufRead> Iterator for Feed<R> {
    type Item = Result<FeedEntry, FeedError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = match &mut self.0 {
            Form::Xml(entries) => entries.next_entry().transpose(),
            Form::Table(entries) => entries.next_entry().transpose(),
            Form::Ended => None,
        };
        if !matches!(next, Some(Ok(_))) {
            self.0 = Form::Ended;
        }
        next
    }
}

impl FeedEntry {
    /// Keeps a field, unless it is empty or known already.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        let value = value.trim();
        let name = name.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        if !value.is_empty() && !name.is_empty() && !self.fields.contains_key(&name) {
            let cut = value.floor_char_boundary(MAX_FIELD_LEN);
            self.fields.insert(name, value[..cut].to_owned());
        }
    }
}
