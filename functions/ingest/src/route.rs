//! Which path and method mean what.

use crate::limits;
use crate::problem::Problem;
use lambda_http::http::{Method, StatusCode, header};
use lambda_http::{Body, Response};

/// The kinds of events of Segment's specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Track,
    Identify,
    Page,
    Screen,
    Group,
    Alias,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] = [Self::Track, Self::Identify, Self::Page, Self::Screen, Self::Group, Self::Alias];

    /// As in paths and in the field `type`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Track => "track",
            Self::Identify => "identify",
            Self::Page => "page",
            Self::Screen => "screen",
            Self::Group => "group",
            Self::Alias => "alias",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

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

    pub(crate) fn longest_body(self) -> usize {
        if self.is_batch() { limits::BATCH_BYTES } else { limits::EVENT_BYTES }
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
    let path = path.trim_end_matches('/');
    let rest = path.strip_prefix("/v1/").ok_or_else(|| Problem::not_found(path))?;
    if rest == "health" {
        return match *method {
            Method::GET => Ok(Route::Answered(health())),
            Method::OPTIONS => Ok(Route::Answered(allowed("GET, OPTIONS"))),
            _ => Err(Problem::wrong_method("GET, OPTIONS")),
        };
    }
    let (name, historical) = match rest.strip_prefix("import/") {
        Some(name) => (name, true),
        None if rest == "import" => ("batch", true),
        None => (rest, false),
    };
    let kind =
        if name == "batch" { None } else { Some(Kind::from_name(name).ok_or_else(|| Problem::not_found(path))?) };
    match *method {
        Method::POST => Ok(Route::Call(Call { kind, historical })),
        Method::OPTIONS => Ok(Route::Answered(allowed("POST, OPTIONS"))),
        _ => Err(Problem::wrong_method("POST, OPTIONS")),
    }
}

fn health() -> Response<Body> {
    let mut response = Response::new(Body::from(r#"{"status":"ok"}"#));
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}

fn allowed(methods: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::NO_CONTENT;
    response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static(methods));
    response
}
