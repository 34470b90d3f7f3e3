//! Error responses: RFC 9457 problem documents, the same from every function that shops and their teams call.

use http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;

/// Longest part of an unknown path that the answer repeats, in characters.
const MAX_SHOWN_PATH: usize = 100;

/// Why a request was not served. `type` is left out, which by RFC 9457 means that the title is the
/// status code's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    /// The field that is wrong, where one is.
    field: Option<String>,
    header: Option<(&'static str, HeaderValue)>,
}

impl Problem {
    /// A problem of this status; `detail` says in a sentence what is wrong and what would be right.
    #[must_use]
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), field: None, header: None }
    }

    /// 404: nothing is at this path. `hint` may say where to look instead.
    #[must_use]
    pub fn no_such_path(path: &str, hint: &str) -> Self {
        let path: String = path.chars().take(MAX_SHOWN_PATH).collect();
        let gap = if hint.is_empty() { "" } else { " " };
        Self::new(StatusCode::NOT_FOUND, format!("There is no {path:?}.{gap}{hint}"))
    }

    /// 405: the path exists, with other methods.
    #[must_use]
    pub fn wrong_method(allowed: &str) -> Self {
        let problem = Self::new(StatusCode::METHOD_NOT_ALLOWED, format!("Allowed here: {allowed}."));
        problem.with_header("allow", allowed)
    }

    /// 401: no key, or an unknown one. `challenge` says how a key is sent.
    #[must_use]
    pub fn unauthorized(challenge: &'static str, detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail).with_header("www-authenticate", challenge)
    }

    /// 503: nothing was done, or not everything. The caller should send the request again.
    #[must_use]
    pub fn unavailable(detail: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).with_header("retry-after", "5")
    }

    /// The same problem with a header, which is left out if the value is not allowed in one.
    #[must_use]
    pub fn with_header(self, name: &'static str, value: &str) -> Self {
        Self { header: HeaderValue::from_str(value).ok().map(|value| (name, value)), ..self }
    }

    /// The same problem with the name of the field that is wrong.
    #[must_use]
    pub fn with_field(self, field: Option<String>) -> Self {
        Self { field, ..self }
    }

    /// What is wrong, in a sentence.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The response, as `application/problem+json`.
    #[must_use]
    pub fn into_response<B: From<String>>(self) -> Response<B> {
        let title = self.status.canonical_reason().unwrap_or("Error");
        let mut document = json!({"title": title, "status": self.status.as_u16(), "detail": self.detail});
        if let Some(field) = self.field {
            document["field"] = field.into();
        }
        let mut response = Response::new(B::from(document.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some((name, value)) = self.header {
            headers.insert(name, value);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_answered_as_a_document_with_its_header_and_field() {
        let problem = Problem::unauthorized("Bearer", "No key.").with_field(Some("key".to_owned()));
        let response: Response<String> = problem.into_response();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        let expected = r#"{"title":"Unauthorized","status":401,"detail":"No key.","field":"key"}"#;
        assert_eq!(response.body(), expected);
    }

    #[test]
    fn an_unknown_path_is_repeated_escaped_and_cut() {
        let problem = Problem::no_such_path(&format!("/\"{}", "x".repeat(500)), "Look at /v1.");
        assert_eq!(problem.detail(), format!("There is no \"/\\\"{}\". Look at /v1.", "x".repeat(98)));
        assert_eq!(Problem::no_such_path("/v2", "").detail(), "There is no \"/v2\".");
    }
}
