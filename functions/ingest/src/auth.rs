//! Where the write key is: HTTP Basic with the key as user name, Bearer, or, without such a header,
//! `writeKey` in the body.

use base64ct::{Base64, Encoding};
use http::{HeaderMap, header};

/// The credentials of a request.
pub(crate) enum Credentials {
    /// A key in a header.
    Key(String),
    /// No header with a key: the body may have one.
    InBody,
}

impl Credentials {
    /// Reads the header. Any other scheme counts as no header. The password of Basic, which libraries leave empty, is ignored.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Self {
        let text = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some((scheme, rest)) = text.and_then(|text| text.trim().split_once(' ')) else { return Self::InBody };
        let key = match scheme.to_ascii_lowercase().as_str() {
            "bearer" => Some(rest.trim().to_owned()),
            "basic" => Base64::decode_vec(rest.trim()).ok().and_then(|bytes| {
                let pair = String::from_utf8(bytes).ok()?;
                Some(pair.split_once(':').map_or(pair.as_str(), |(name, _)| name).to_owned())
            }),
            _ => None,
        };
        key.filter(|key| !key.is_empty()).map_or(Self::InBody, Self::Key)
    }
}
