//! Answers that are not 200: RFC 9457 problem documents.

use crate::wire::Rejection;
use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde_json::json;

/// Why a request was not served. `type` is left out, which by RFC 9457 means that the title is the
/// status code's own.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
    /// The field that is wrong, where one is.
    field: Option<String>,
    header: Option<(&'static str, &'static str)>,
}

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), field: None, header: None }
    }

    pub(crate) fn not_found(path: &str) -> Self {
        let path: String = path.chars().take(100).collect();
        let detail = format!(
            "There is no {path:?}. Events go to /v1/track, /v1/identify, /v1/page, /v1/screen, /v1/group, /v1/alias or /v1/batch."
        );
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    pub(crate) fn wrong_method(allowed: &'static str) -> Self {
        let header = Some(("allow", allowed));
        Self { header, ..Self::new(StatusCode::METHOD_NOT_ALLOWED, format!("Allowed here: {allowed}.")) }
    }

    pub(crate) fn no_key() -> Self {
        Self::unauthorized(
            "No write key: send it as the user name of HTTP Basic authentication with an empty password, or as a Bearer token.",
        )
    }

    pub(crate) fn unknown_key() -> Self {
        Self::unauthorized("The write key is not known, or was withdrawn.")
    }

    fn unauthorized(detail: &str) -> Self {
        let header = Some(("www-authenticate", "Basic realm=\"write key\", Bearer"));
        Self { header, ..Self::new(StatusCode::UNAUTHORIZED, detail) }
    }

    pub(crate) fn admin_key() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "This is an admin key. Events are sent with a write key; keep the admin key where customers cannot find it.",
        )
    }

    pub(crate) fn too_large(what: &str) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, what)
    }

    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn unsupported_encoding() -> Self {
        let header = Some(("accept-encoding", "gzip, identity"));
        Self {
            header,
            ..Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body must be plain or compressed with gzip.")
        }
    }

    /// Segment's libraries come again after a 503, with the same events.
    pub(crate) fn unavailable() -> Self {
        let header = Some(("retry-after", "5"));
        Self {
            header,
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "Not everything could be stored. Send the same request again.")
        }
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let title = self.status.canonical_reason().unwrap_or("Error");
        let mut document = json!({"title": title, "status": self.status.as_u16(), "detail": self.detail});
        if let Some(field) = self.field {
            document["field"] = field.into();
        }
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

/// A call whose only event, or whose frame, was refused.
impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let subject = if rejection.field.is_empty() { "The body" } else { &rejection.field };
        let status = if rejection.too_large { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::BAD_REQUEST };
        let problem = Self::new(status, format!("{subject} {}.", rejection.reason));
        let field = Some(rejection.field).filter(|field| !field.is_empty());
        Self { field, ..problem }
    }
}
