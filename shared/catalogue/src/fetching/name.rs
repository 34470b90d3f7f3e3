//! What a shop calls a feed.

use std::fmt;

/// What a shop calls a feed: 1 to 40 lower-case letters, digits, hyphens and underscores.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FeedName(String);

impl FeedName {
    /// Longest name, in bytes.
    pub const MAX_LEN: usize = 40;

    /// Reads a name; nothing if it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
        let is_name = (1..=Self::MAX_LEN).contains(&text.len()) && text.bytes().all(is_good);
        is_name.then(|| Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FeedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
