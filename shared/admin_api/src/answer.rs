//! The forms of answers. None may be kept by a cache: they are about customers.

use http::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use rekindle_platform::gateway::Body;
use serde_json::{Value, json};

/// This value, as JSON.
#[must_use]
pub fn json_body(value: &Value) -> Response<Body> {
    text(value.to_string(), "application/json")
}

/// A text of this media type.
#[must_use]
pub fn text(body: String, kind: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What is told of something that was done and has no result.
#[must_use]
pub fn done((): ()) -> Value {
    json!({ "success": true })
}
