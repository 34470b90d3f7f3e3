//! One call, read: whose shop, who calls, what was given along.

use crate::problem::Problem;
use rekindle_lifecycle::id::ShopId;
use rekindle_platform::gateway::Body;
use serde::de::DeserializeOwned;
use std::str::FromStr;

/// Longest beginning of a page, in bytes: what the table takes as a key is longer.
const LONGEST_CURSOR: usize = 512;

/// A call with a good key.
pub(crate) struct Call {
    /// The shop of the key: the only one whose records the call reaches.
    pub(crate) shop: ShopId,
    /// Who calls, for records: never the key itself.
    pub(crate) by: String,
    /// What stands behind the question mark, decoded.
    pub(crate) query: Vec<(String, String)>,
    /// The body.
    pub(crate) body: String,
    /// What form of answer the caller asks for.
    pub(crate) accept: String,
}

impl Call {
    /// The value of this name behind the question mark.
    pub(crate) fn asked(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Where the page begins that is asked for: what the page before told, as it was told.
    pub(crate) fn after(&self) -> Result<Option<&str>, Problem> {
        let after = self.asked("after");
        let fits = |after: &str| (1..=LONGEST_CURSOR).contains(&after.len());
        match after.is_none_or(fits) {
            true => Ok(after),
            false => Err(Problem::bad_request("after must be the next_after of the page before.")),
        }
    }

    /// The number of this name behind the question mark, from 1 to `most`.
    pub(crate) fn number<N: FromStr + Copy + PartialOrd + From<u8> + std::fmt::Display>(
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
    pub(crate) fn wants_csv(&self) -> bool {
        self.asked("format") == Some("csv") || self.accept.to_ascii_lowercase().contains("text/csv")
    }

    /// The body as JSON of this form.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
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
pub(crate) fn text(body: Body, longest: usize) -> Result<String, Problem> {
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
