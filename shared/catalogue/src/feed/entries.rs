//! The entries of a feed, one after the other.

use super::error::FeedError;
use super::fields::FeedEntry;
use super::table::TableEntries;
use super::text::FeedText;
use super::xml::XmlEntries;
use std::io::{BufRead, Read};

/// The entries of a feed in their order. After the last one it ends if the file was whole, and with [`FeedError::Cut`] if not. After
/// an error nothing follows.
pub struct Feed<R: BufRead>(Form<R>);

enum Form<R: BufRead> {
    Xml(XmlEntries<R>),
    Table(Box<TableEntries<R>>),
    Ended,
}

/// Reads a feed, XML or a table, as its beginning tells. `charset` is what is said of its encoding elsewhere, see [`FeedText`].
///
/// # Errors
/// The file cannot be read, or is no feed.
pub fn read_feed<R: Read>(bytes: R, charset: Option<&str>) -> Result<Feed<FeedText<R>>, FeedError> {
    let mut text = FeedText::new(bytes, charset)?;
    let is_xml = text.fill_buf()?.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
    Ok(Feed(if is_xml { Form::Xml(XmlEntries::new(text)) } else { Form::Table(Box::new(TableEntries::new(text)?)) }))
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
