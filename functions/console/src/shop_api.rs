//! The API as the person who looks may call it.

use crate::api::Api;
use crate::trouble::Trouble;
use http::{Request, Response, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// What may stand in a parameter of a query as it is.
const IN_A_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// The API, with the key of a session.
pub(crate) struct ShopApi<'a> {
    pub(crate) api: &'a Api,
    pub(crate) key: &'a str,
}

impl ShopApi<'_> {
    /// The JSON at a path.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, Trouble> {
        json(&self.raw("GET", path, String::new()).await?)
    }

    /// The text at a path.
    pub(crate) async fn text(&self, path: &str) -> Result<String, Trouble> {
        Ok(String::from_utf8_lossy(self.raw("GET", path, String::new()).await?.body()).into_owned())
    }

    /// Sends a body; the JSON of the answer.
    pub(crate) async fn send(&self, method: &str, path: &str, body: String) -> Result<Value, Trouble> {
        json(&self.raw(method, path, body).await?)
    }

    /// Sends a body; the answer as it is.
    pub(crate) async fn raw(&self, method: &str, path: &str, body: String) -> Result<Response<Vec<u8>>, Trouble> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
            .map_err(|_| Trouble::Missing(String::new()))?;
        let answer = self.api.call(request).await?;
        let status = answer.status().as_u16();
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        let detail = || {
            let problem: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
            problem["detail"].as_str().unwrap_or_default().to_owned()
        };
        Err(match status {
            401 => Trouble::SignedOut,
            403 => Trouble::Forbidden(detail()),
            404 => Trouble::Missing(detail()),
            500.. => Trouble::Unavailable,
            _ => Trouble::Refused(detail()),
        })
    }
}

fn json(answer: &Response<Vec<u8>>) -> Result<Value, Trouble> {
    serde_json::from_slice(answer.body()).map_err(|_| Trouble::Unavailable)
}

/// A text as a parameter of a query has it.
pub(crate) fn in_query(text: &str) -> String {
    utf8_percent_encode(text, IN_A_QUERY).to_string()
}
