//! Which path and method mean what.

use crate::limits;
use crate::problem::Problem;
use http::{Method, Response, StatusCode, header};
use rekindle_inbound::{Kind, MAX_EVENT_BYTES};
use rekindle_platform::Route as Known;
use rekindle_platform::gateway::Body;

const READ: &str = "GET, OPTIONS";
const BRING: &str = "POST, OPTIONS";

/// Everything that this function answers to.
pub const ROUTES: [Known; 18] = [
    Known::new("/openapi.json", READ),
    Known::new("/v1/openapi.json", READ),
    Known::new("/v1/health", READ),
    Known::new("/v1/track", BRING),
    Known::new("/v1/identify", BRING),
    Known::new("/v1/page", BRING),
    Known::new("/v1/screen", BRING),
    Known::new("/v1/group", BRING),
    Known::new("/v1/alias", BRING),
    Known::new("/v1/batch", BRING),
    Known::new("/v1/import", BRING),
    Known::new("/v1/import/track", BRING),
    Known::new("/v1/import/identify", BRING),
    Known::new("/v1/import/page", BRING),
    Known::new("/v1/import/screen", BRING),
    Known::new("/v1/import/group", BRING),
    Known::new("/v1/import/alias", BRING),
    Known::new("/v1/import/batch", BRING),
];

/// The description of the whole HTTP API (OpenAPI 3.1), of this function and of the others.
pub const OPENAPI: &str = include_str!("../../openapi.json");

/// A call that brings events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Call {
    /// The kind of its only event; `None` for a batch, whose events tell their kind.
    pub(crate) kind: Option<Kind>,
    /// Whether it came under `/v1/import`: its times are history, not the reading of a clock.
    pub(crate) historical: bool,
}

impl Call {
    pub(crate) fn is_batch(self) -> bool {
        self.kind.is_none()
    }

    pub(crate) fn max_body_bytes(self) -> usize {
        if self.is_batch() { limits::MAX_BATCH_BYTES } else { MAX_EVENT_BYTES }
    }
}

/// What a request is.
#[derive(Debug)]
pub(crate) enum Route {
    Call(Call),
    /// Answered without looking at anything else.
    Answered(Response<Body>),
}

/// Finds out what a request is.
pub(crate) fn route(method: &Method, path: &str) -> Result<Route, Problem> {
    let (known, _) = Known::find(&ROUTES, path).ok_or_else(|| Problem::not_found(path))?;
    if !known.allows(method.as_str()) {
        return Err(Problem::wrong_method(known.allow));
    }
    if *method == Method::OPTIONS {
        return Ok(Route::Answered(allowed(known.allow)));
    }
    let rest = known.path.strip_prefix("/v1/").unwrap_or("openapi.json");
    let (name, historical) = match rest.strip_prefix("import/") {
        Some(name) => (name, true),
        None if rest == "import" => ("batch", true),
        None => (rest, false),
    };
    Ok(match name {
        "openapi.json" => Route::Answered(json(OPENAPI)),
        "health" => Route::Answered(json(r#"{"status":"ok"}"#)),
        "batch" => Route::Call(Call { kind: None, historical }),
        name => {
            Route::Call(Call { kind: Some(Kind::from_name(name).ok_or_else(|| Problem::not_found(path))?), historical })
        }
    })
}

fn json(text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}

fn allowed(methods: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::NO_CONTENT;
    response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static(methods));
    response
}
