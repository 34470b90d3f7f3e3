//! What can be wrong with a call of the platform team, as an error response of the form that every function has: see
//! [`rekindle_platform::Problem`].

use http::{Response, StatusCode};
use rekindle_platform::Scope;
use rekindle_platform::gateway::Body;
use rekindle_platform::throttle::TooMuch;
use rekindle_store::StoreError;

/// Why a request was not served.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem(rekindle_platform::Problem);

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self(rekindle_platform::Problem::new(status, detail))
    }

    /// 404: nothing is at this path.
    #[must_use]
    pub fn not_found(path: &str) -> Self {
        Self(rekindle_platform::Problem::no_such_path(path, ""))
    }

    /// 404: what is asked for does not exist.
    pub fn missing(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// 405: the path exists, with other methods.
    #[must_use]
    pub fn wrong_method(allowed: &str) -> Self {
        Self(rekindle_platform::Problem::wrong_method(allowed))
    }

    pub(crate) fn no_key() -> Self {
        Self::unauthorized("No admin key: send it as a Bearer token.")
    }

    pub(crate) fn unknown_key() -> Self {
        Self::unauthorized("The admin key is not known, or was withdrawn.")
    }

    fn unauthorized(detail: &str) -> Self {
        Self(rekindle_platform::Problem::unauthorized("Bearer", detail))
    }

    pub(crate) fn write_key() -> Self {
        Self::new(StatusCode::FORBIDDEN, "This is a write key, which only sends events. Use the admin key.")
    }

    pub(crate) fn no_scope_here() -> Self {
        Self::new(StatusCode::FORBIDDEN, "This key has no scope that a route here asks for.")
    }

    pub(crate) fn missing_scope(scope: Scope) -> Self {
        let scope = scope.code();
        Self::new(
            StatusCode::FORBIDDEN,
            format!("This route asks for the scope {scope}, which the caller does not have."),
        )
    }

    /// 400: the request was not understood.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 413: it is more than one call may send.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    /// 422: a setting that was understood and cannot be used. It was not stored.
    pub fn refused(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// 409: something else needs the setting as it is.
    pub fn in_use(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// 503: nothing was done, or not everything. The caller should send the request again.
    #[must_use]
    pub fn unavailable() -> Self {
        Self(rekindle_platform::Problem::unavailable("The request was not completed. Send it again."))
    }

    /// What is wrong, in a sentence.
    #[must_use]
    pub fn detail(&self) -> &str {
        self.0.detail()
    }

    /// The response.
    #[must_use]
    pub fn into_response(self) -> Response<Body> {
        self.0.into_response()
    }
}

/// 429: the key asked for too much lately.
impl From<TooMuch> for Problem {
    fn from(too_much: TooMuch) -> Self {
        Self(too_much.problem())
    }
}

/// 503: a record of the shop could not be read or written.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store did not answer as it should");
        Self::unavailable()
    }
}
