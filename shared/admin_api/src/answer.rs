//! The forms of responses. No cache may keep one: they are about customers.

use http::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use rekindle_platform::gateway::Body;
use serde_json::{Value, json};

/// A response with this value as JSON.
#[must_use]
pub fn json_body(value: &Value) -> Response<Body> {
    text(value.to_string(), "application/json")
}

/// A response with a text of this media type.
#[must_use]
pub fn text(body: String, kind: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The value for something that was done and has no result.
#[must_use]
pub fn done((): ()) -> Value {
    json!({ "success": true })
}
