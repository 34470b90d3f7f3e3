//! What can be wrong with a call of a shop. The form is that of every function: see [`rekindle_platform::Problem`].

use http::{Response, StatusCode};
use rekindle_inbound::Rejection;
use rekindle_platform::Scope;
use rekindle_platform::gateway::Body;
use rekindle_platform::throttle::TooMuch;

/// Why a request was not served.
#[derive(Debug)]
pub(crate) struct Problem(rekindle_platform::Problem);

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self(rekindle_platform::Problem::new(status, detail))
    }

    pub(crate) fn not_found(path: &str) -> Self {
        let hint = "Events go to /v1/track, /v1/identify, /v1/page, /v1/screen, /v1/group, /v1/alias or /v1/batch.";
        Self(rekindle_platform::Problem::no_such_path(path, hint))
    }

    pub(crate) fn wrong_method(allowed: &str) -> Self {
        Self(rekindle_platform::Problem::wrong_method(allowed))
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
        Self(rekindle_platform::Problem::unauthorized("Basic realm=\"write key\", Bearer", detail))
    }

    pub(crate) fn admin_key() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "This is an admin key. Events are sent with a write key; keep the admin key where customers cannot find it.",
        )
    }

    pub(crate) fn secret_key_in_page() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "This is a secret key, and pages and apps show it to everybody. Make a public key for them, and revoke this one.",
        )
    }

    pub(crate) fn no_host() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "The header Host does not say where this call was sent.")
    }

    pub(crate) fn no_public_key() -> Self {
        Self::new(StatusCode::NOT_FOUND, "This is no public key: it begins with rk_public_.")
    }

    pub(crate) fn missing_scope(scope: Scope) -> Self {
        let scope = scope.code();
        Self::new(StatusCode::FORBIDDEN, format!("This route asks for the scope {scope}, which the key does not have."))
    }

    pub(crate) fn too_large(what: &str) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, what)
    }

    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn unsupported_encoding() -> Self {
        let detail = "The body must be plain or compressed with gzip.";
        let problem = rekindle_platform::Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail);
        Self(problem.with_header("accept-encoding", "gzip, identity"))
    }

    /// Segment's libraries repeat the call after a 503.
    pub(crate) fn unavailable() -> Self {
        let detail = "Not everything could be stored. Send the same request again.";
        Self(rekindle_platform::Problem::unavailable(detail))
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        self.0.into_response()
    }
}

/// Segment's libraries repeat the call after a 429.
impl From<TooMuch> for Problem {
    fn from(too_much: TooMuch) -> Self {
        Self(too_much.problem())
    }
}

/// A call whose only event, or whose frame, was refused.
impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let subject = if rejection.field.is_empty() { "The body" } else { &rejection.field };
        let status = if rejection.too_large { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::BAD_REQUEST };
        let problem = rekindle_platform::Problem::new(status, format!("{subject} {}.", rejection.reason));
        Self(problem.with_field(Some(rejection.field).filter(|field| !field.is_empty())))
    }
}
