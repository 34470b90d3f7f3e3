//! One call, parsed: whose shop, who calls, what was sent.

use crate::{Caller, Problem};
use http::header::ACCEPT;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use rekindle_lifecycle::id::ShopId;
use rekindle_platform::Scopes;
use rekindle_platform::gateway::Body;
use serde::de::DeserializeOwned;
use std::str::FromStr;

/// Longest cursor of a page, in bytes. The keys that the tables take are longer.
const MAX_CURSOR_BYTES: usize = 512;

/// A call of an authenticated caller. It cannot be printed: bodies hold lists of addresses.
pub struct Call {
    /// The caller's shop: the only one whose records the call reaches.
    pub shop: ShopId,
    /// How records name the caller: never the key itself.
    pub by: String,
    /// What the caller may do.
    pub scopes: Scopes,
    /// The parts of the path that stand where the route has braces, as they were sent.
    path: Vec<String>,
    /// The query, decoded.
    pub query: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// What form of answer the caller asks for.
    pub accept: String,
}

impl Call {
    /// Parses what a caller sends, with a body of at most `max_body_bytes`.
    ///
    /// # Errors
    /// The body is longer, or is not text.
    pub(crate) fn parse(
        caller: &Caller,
        head: &Parts,
        path: &[&str],
        body: Body,
        max_body_bytes: usize,
    ) -> Result<Self, Problem> {
        let query = head.uri.query().unwrap_or_default();
        let accept = head.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
        Ok(Self {
            shop: caller.shop().clone(),
            by: caller.name(),
            scopes: caller.scopes(),
            path: path.iter().map(|part| (*part).to_owned()).collect(),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            body: text(body, max_body_bytes)?,
            accept: accept.unwrap_or_default().to_owned(),
        })
    }

    /// The part of the path in the place of the route's braces of this index, decoded. Empty if the route has none there.
    ///
    /// # Errors
    /// It is not UTF-8.
    pub fn path_part(&self, index: usize) -> Result<String, Problem> {
        let part = self.path.get(index).map(String::as_str).unwrap_or_default();
        let text = percent_decode_str(part).decode_utf8();
        text.map(String::from).map_err(|_| Problem::bad_request("The path is not text in UTF-8."))
    }

    /// The value of a parameter of the query.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The cursor `after`: where the page begins that is asked for, as the page before returned it.
    ///
    /// # Errors
    /// No page returns such a cursor.
    pub fn after(&self) -> Result<Option<&str>, Problem> {
        let after = self.parameter("after");
        let fits = |after: &str| (1..=MAX_CURSOR_BYTES).contains(&after.len());
        match after.is_none_or(fits) {
            true => Ok(after),
            false => Err(Problem::bad_request("after must be the next_after of the page before.")),
        }
    }

    /// The number in a parameter of the query, from 1 to `max`; `default` without the parameter.
    ///
    /// # Errors
    /// The parameter is no such number.
    pub fn number<N: FromStr + Copy + PartialOrd + From<u8> + std::fmt::Display>(
        &self,
        name: &str,
        default: N,
        max: N,
    ) -> Result<N, Problem> {
        let Some(given) = self.parameter(name) else { return Ok(default) };
        let number = given.parse().ok().filter(|number| *number >= N::from(1) && *number <= max);
        number.ok_or_else(|| Problem::bad_request(format!("{name} must be a whole number from 1 to {max}.")))
    }

    /// Whether the answer should be a table for spreadsheets.
    #[must_use]
    pub fn wants_csv(&self) -> bool {
        self.parameter("format") == Some("csv") || self.accept.to_ascii_lowercase().contains("text/csv")
    }

    /// The body, parsed as JSON.
    ///
    /// # Errors
    /// It is not JSON, or of another form.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_str(&self.body).map_err(|error| {
            // The parser's own message may repeat what was sent.
            let place = format!("line {}, column {}", error.line(), error.column());
            match error.classify() {
                serde_json::error::Category::Data => Problem::bad_request(format!("The body: {error}.")),
                _ => Problem::bad_request(format!("The body is not JSON: look at {place}.")),
            }
        })
    }
}

/// The body as text, if it is not longer than `max_bytes`.
fn text(body: Body, max_bytes: usize) -> Result<String, Problem> {
    let bytes = match body {
        Body::Text(text) => text.into_bytes(),
        Body::Binary(bytes) => bytes,
        _ => Vec::new(),
    };
    if bytes.len() > max_bytes {
        return Err(Problem::too_large(format!("The body is longer than {max_bytes} bytes.")));
    }
    String::from_utf8(bytes).map_err(|_| Problem::bad_request("The body is not text in UTF-8."))
}
