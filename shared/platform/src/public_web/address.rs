//! The address of something on the public web.

use super::public::is_public;
use std::fmt;
use url::{Host, Url};

/// The longest address, in bytes.
const MAX_LEN: usize = 2_000;

/// The address of something on the public web: https on its usual port, without a user and a password. Its `Debug` leaves out what may
/// be a key: everything behind the path.
#[derive(Clone, PartialEq, Eq)]
pub struct WebAddress(Url);

/// Why a text is no address of the public web. Each message is the predicate of a sentence about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is no address, or is too long.
    #[error("is no address such as https://shop.example/feed.xml, of at most 2,000 bytes")]
    Malformed,
    /// It is not encrypted.
    #[error("must begin with https://")]
    NotHttps,
    /// It has a user or a password.
    #[error("must not have a user or a password before its host")]
    Credentials,
    /// It names another port.
    #[error("must not name a port other than 443")]
    Port,
    /// It names a machine by an address that is not public.
    #[error("leads to an address that is not public")]
    NotPublic,
}

impl WebAddress {
    /// Reads an address. What its name leads to is not known yet; it is checked whenever something is fetched.
    ///
    /// # Errors
    /// Why it is not used.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if text.len() > MAX_LEN {
            return Err(AddressError::Malformed);
        }
        Self::new(Url::parse(text.trim()).map_err(|_| AddressError::Malformed)?)
    }

    /// The address that an answer of this one redirects to.
    pub(super) fn join(&self, location: &str) -> Result<Self, AddressError> {
        if location.len() > MAX_LEN {
            return Err(AddressError::Malformed);
        }
        Self::new(self.0.join(location).map_err(|_| AddressError::Malformed)?)
    }

    fn new(mut url: Url) -> Result<Self, AddressError> {
        if url.scheme() != "https" {
            return Err(AddressError::NotHttps);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::Credentials);
        }
        if url.port().is_some() {
            return Err(AddressError::Port);
        }
        match url.host() {
            Some(Host::Ipv4(address)) if !is_public(address.into()) => return Err(AddressError::NotPublic),
            Some(Host::Ipv6(address)) if !is_public(address.into()) => return Err(AddressError::NotPublic),
            Some(_) => {}
            None => return Err(AddressError::Malformed),
        }
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// The whole address, with what may be a key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The address as it may be shown: without what stands behind its path.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut shown = self.0.clone();
        shown.set_query(self.0.query().map(|_| "…"));
        // The sign of what is left out is for people, who need not read it encoded.
        shown.as_str().replace("%E2%80%A6", "…")
    }

    /// The name or address of its server; an IPv6 address without brackets.
    pub(super) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
    }

    /// The server as the header `Host` names it.
    pub(super) fn authority(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// What the first line of a request names: path and query.
    pub(super) fn path(&self) -> &str {
        &self.0[url::Position::BeforePath..url::Position::AfterQuery]
    }
}

impl fmt::Debug for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_on_its_usual_port_without_credentials() {
        for (text, error) in [
            ("", AddressError::Malformed),
            ("feed.xml", AddressError::Malformed),
            ("https://", AddressError::Malformed),
            ("http://shop.example/feed.xml", AddressError::NotHttps),
            ("file:///etc/passwd", AddressError::NotHttps),
            ("ftp://shop.example/feed.xml", AddressError::NotHttps),
            ("https://anna:secret@shop.example/feed.xml", AddressError::Credentials),
            ("https://anna@shop.example/feed.xml", AddressError::Credentials),
            ("https://shop.example:8443/feed.xml", AddressError::Port),
            ("https://shop.example:22/feed.xml", AddressError::Port),
        ] {
            assert_eq!(WebAddress::parse(text), Err(error), "{text}");
        }
        let good = WebAddress::parse(" https://Shop.example:443/feed.xml?key=1#top ").expect("an address");
        assert_eq!(good.as_str(), "https://shop.example/feed.xml?key=1");
        assert_eq!((good.host(), good.path()), ("shop.example", "/feed.xml?key=1"));
    }

    #[test]
    fn an_address_by_number_has_to_be_public_however_it_is_written() {
        for text in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:169.254.169.254]/",
            "https://169.254.169.254/latest/meta-data/",
            "https://10.1.2.3/",
        ] {
            assert_eq!(WebAddress::parse(text), Err(AddressError::NotPublic), "{text}");
        }
        WebAddress::parse("https://1.1.1.1/feed").expect("public");
    }

    #[test]
    fn what_may_be_a_key_is_not_shown() {
        let address = WebAddress::parse("https://shop.example/feed.xml?token=SECRET").expect("an address");
        assert_eq!(address.shown(), "https://shop.example/feed.xml?…");
        assert_eq!(format!("{address:?}"), "https://shop.example/feed.xml?…");
    }

    #[test]
    fn a_redirect_is_an_address_like_any_other() {
        let from = WebAddress::parse("https://shop.example/a/feed.xml?key=1").expect("an address");
        let to = |location: &str| from.join(location).map(|to| to.as_str().to_owned());
        assert_eq!(to("/b.xml"), Ok("https://shop.example/b.xml".to_owned()));
        assert_eq!(to("c.xml"), Ok("https://shop.example/a/c.xml".to_owned()));
        assert_eq!(to("//cdn.example/d.xml"), Ok("https://cdn.example/d.xml".to_owned()));
        assert_eq!(to("http://shop.example/b.xml"), Err(AddressError::NotHttps));
        assert_eq!(to("https://169.254.169.254/"), Err(AddressError::NotPublic));
    }
}
