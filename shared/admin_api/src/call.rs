//! One call, read: whose shop, who calls, what was given along.

use crate::{Caller, Problem};
use http::header::ACCEPT;
use http::request::Parts;
use rekindle_lifecycle::id::ShopId;
use rekindle_platform::gateway::Body;
use serde::de::DeserializeOwned;
use std::str::FromStr;

/// Longest beginning of a page, in bytes: what the table takes as a key is longer.
const LONGEST_CURSOR: usize = 512;

/// A call with a good key. It cannot be printed: lists of addresses come in bodies.
pub struct Call {
    /// The shop of the key: the only one whose records the call reaches.
    pub shop: ShopId,
    /// Who calls, for records: never the key itself.
    pub by: String,
    /// What stands behind the question mark, decoded.
    pub query: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// What form of answer the caller asks for.
    pub accept: String,
}

impl Call {
    /// Reads what a caller sends, of at most `longest` bytes.
    ///
    /// # Errors
    /// The body is longer, or is not text.
    pub fn read(caller: Caller, head: &Parts, body: Body, longest: usize) -> Result<Self, Problem> {
        let query = head.uri.query().unwrap_or_default();
        let accept = head.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
        Ok(Self {
            shop: caller.shop,
            by: caller.name,
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            body: text(body, longest)?,
            accept: accept.unwrap_or_default().to_owned(),
        })
    }

    /// The value of this name behind the question mark.
    #[must_use]
    pub fn asked(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Where the page begins that is asked for: what the page before told, as it was told.
    ///
    /// # Errors
    /// No page tells such a beginning.
    pub fn after(&self) -> Result<Option<&str>, Problem> {
        let after = self.asked("after");
        let fits = |after: &str| (1..=LONGEST_CURSOR).contains(&after.len());
        match after.is_none_or(fits) {
            true => Ok(after),
            false => Err(Problem::bad_request("after must be the next_after of the page before.")),
        }
    }

    /// The number of this name behind the question mark, from 1 to `most`; `usual` if there is none.
    ///
    /// # Errors
    /// It is no such number.
    pub fn number<N: FromStr + Copy + PartialOrd + From<u8> + std::fmt::Display>(
        &self,
        name: &str,
        usual: N,
        most: N,
    ) -> Result<N, Problem> {
        let Some(given) = self.asked(name) else { return Ok(usual) };
        let number = given.parse().ok().filter(|number| *number >= N::from(1) && *number <= most);
        number.ok_or_else(|| Problem::bad_request(format!("{name} must be a whole number from 1 to {most}.")))
    }

    /// Whether the answer should be a table for spreadsheets.
    #[must_use]
    pub fn wants_csv(&self) -> bool {
        self.asked("format") == Some("csv") || self.accept.to_ascii_lowercase().contains("text/csv")
    }

    /// The body as JSON of this form.
    ///
    /// # Errors
    /// It is not JSON, or of another form.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_str(&self.body).map_err(|error| {
            // The rest of the message may repeat what was sent.
            let place = format!("line {}, column {}", error.line(), error.column());
            match error.classify() {
                serde_json::error::Category::Data => Problem::bad_request(format!("The body: {error}.")),
                _ => Problem::bad_request(format!("The body is not JSON: look at {place}.")),
            }
        })
    }
}

/// The body as text, if it is not longer than `longest` bytes.
fn text(body: Body, longest: usize) -> Result<String, Problem> {
    let bytes = match body {
        Body::Text(text) => text.into_bytes(),
        Body::Binary(bytes) => bytes,
        _ => Vec::new(),
    };
    if bytes.len() > longest {
        return Err(Problem::too_large(format!("The body is longer than {longest} bytes.")));
    }
    String::from_utf8(bytes).map_err(|_| Problem::bad_request("The body is not text in UTF-8."))
}
