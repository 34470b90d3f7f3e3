//! One delivery of a webhook, as it arrived.

use jiff::Timestamp;

/// Largest body that is read, in bytes.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The headers of a request. Names are looked up without regard to case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// Returns the first header of this name that is not blank, trimmed.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let named = self.0.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.trim()).find(|value| !value.is_empty())
    }

    /// Returns the first of several names that is there.
    #[must_use]
    pub fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// All headers, in the order of the request.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(headers: I) -> Self {
        Self(headers.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// One delivery of a webhook.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// The request's headers.
    pub headers: &'a Headers,
    /// The address that the sender was given, as it was given: some senders sign it. Not the one of the `Host` header.
    pub url: &'a str,
    /// The secret part of the path, if the address has one.
    pub path_token: Option<&'a str>,
    /// The body as it was received, byte for byte.
    pub body: &'a [u8],
    /// When it was received. Signatures with a time are compared with it, so that a delivery can be read again later.
    pub received_at: Timestamp,
}
