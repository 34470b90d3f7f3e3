//! What can be wrong with a call of the platform team. The form is that of every function: see
//! [`rekindle_platform::Problem`].

use http::{Response, StatusCode};
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

    pub(crate) fn not_found(path: &str) -> Self {
        Self(rekindle_platform::Problem::no_such_path(path, ""))
    }

    pub(crate) fn no_such_customer() -> Self {
        Self::missing("Nothing is known of this customer.")
    }

    pub(crate) fn no_such_template() -> Self {
        Self::missing("The shop has no template of its own of this name and language.")
    }

    pub(crate) fn no_brand() -> Self {
        Self::missing("The shop has no brand yet; nothing can be sent before it has one.")
    }

    pub(crate) fn no_such_version() -> Self {
        Self::missing("The shop's policy has no version of this number.")
    }

    pub(crate) fn no_such_task() -> Self {
        Self::missing("The shop has no task of this id.")
    }

    /// What is asked for is not there.
    pub(crate) fn missing(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    pub(crate) fn wrong_method(allowed: &'static str) -> Self {
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
        Self(rekindle_platform::Problem::unavailable("The request was not completed. Send it again."))
    }

    /// What is wrong, in a sentence.
    #[must_use]
    pub fn detail(&self) -> &str {
        self.0.detail()
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        self.0.into_response()
    }
}

/// The key brought too much lately.
impl From<TooMuch> for Problem {
    fn from(too_much: TooMuch) -> Self {
        Self(too_much.problem())
    }
}

/// A record of the shop could not be read or written.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store did not answer as it should");
        Self::unavailable()
    }
}
