//! Answers that are not 200: RFC 9457 problem documents.

use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde_json::json;

/// Why a request was not served. `type` is left out, which by RFC 9457 means that the title is the
/// status code's own.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    header: Option<(&'static str, &'static str)>,
}

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), header: None }
    }

    pub(crate) fn not_found(path: &str) -> Self {
        let path: String = path.chars().take(100).collect();
        Self::new(StatusCode::NOT_FOUND, format!("There is no {path:?}."))
    }

    pub(crate) fn no_such_customer() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Nothing is known of this customer.")
    }

    pub(crate) fn no_such_template() -> Self {
        Self::new(StatusCode::NOT_FOUND, "The shop has no template of its own of this name and language.")
    }

    pub(crate) fn no_brand() -> Self {
        Self::new(StatusCode::NOT_FOUND, "The shop has no brand yet; nothing can be sent before it has one.")
    }

    pub(crate) fn wrong_method(allowed: &'static str) -> Self {
        let header = Some(("allow", allowed));
        Self { header, ..Self::new(StatusCode::METHOD_NOT_ALLOWED, format!("Allowed here: {allowed}.")) }
    }

    pub(crate) fn no_key() -> Self {
        Self::unauthorized("No admin key: send it as a Bearer token.")
    }

    pub(crate) fn unknown_key() -> Self {
        Self::unauthorized("The admin key is not known, or was withdrawn.")
    }

    fn unauthorized(detail: &str) -> Self {
        Self { header: Some(("www-authenticate", "Bearer")), ..Self::new(StatusCode::UNAUTHORIZED, detail) }
    }

    pub(crate) fn write_key() -> Self {
        Self::new(StatusCode::FORBIDDEN, "This is a write key, which only sends events. Use the admin key.")
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    /// A setting that was understood and cannot be used. It was not stored.
    pub(crate) fn refused(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// A setting that something else needs.
    pub(crate) fn in_use(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    pub(crate) fn unavailable() -> Self {
        let detail = "The request was not completed. Send it again.";
        Self { header: Some(("retry-after", "5")), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail) }
    }

    /// What is wrong, in a sentence.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let title = self.status.canonical_reason().unwrap_or("Error");
        let document = json!({"title": title, "status": self.status.as_u16(), "detail": self.detail});
        let mut response = Response::new(Body::from(document.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some((name, value)) = self.header {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}
