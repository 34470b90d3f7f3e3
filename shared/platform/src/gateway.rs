//! API Gateway's HTTP API: its events as requests, and responses in its form (payload format 2.0).
//!
//! The crate `lambda_http` does this for every kind of gateway and converts responses between all character sets, which is a
//! quarter of a megabyte of tables. It also takes a path for encoded that an HTTP API hands over decoded, so it would look for
//! the customer `a#b` as `a`.

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
pub use aws_lambda_events::encodings::Body;
use http::{HeaderValue, Response, Uri, header};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;

/// A request with its whole body; where the gateway says so, with the [`SourceIp`] among its extensions.
pub type Request = http::Request<Body>;

/// The address that a request came from, as the gateway saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceIp(pub String);

/// The characters that cannot stand in the path of a URI. An HTTP API decodes every escape of a path but `%25`, so a percent
/// sign still begins an escape.
const NOT_IN_A_PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'`').add(b'{').add(b'}');
/// The characters that cannot stand in a query, which the gateway hands over as it came.
const NOT_IN_A_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

/// Answers requests until Lambda ends the process.
///
/// # Errors
/// The interface of the Lambda runtime cannot be reached.
pub async fn serve(handler: impl AsyncFn(Request) -> Response<Body>) -> Result<(), Error> {
    let handler = &handler;
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<ApiGatewayV2httpRequest>| {
        Ok::<_, Error>(into_answer(handler(into_request(event.payload)?).await))
    }))
    .await
}

/// Answers requests, and hands every other event to `other`, until Lambda ends the process: for a function that is triggered by more
/// than HTTP.
///
/// # Errors
/// The interface of the Lambda runtime cannot be reached.
pub async fn serve_or(
    handler: impl AsyncFn(Request) -> Response<Body>,
    other: impl AsyncFn(Value) -> Result<Value, Error>,
) -> Result<(), Error> {
    let (handler, other) = (&handler, &other);
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<Value>| {
        if !is_request(&event.payload) {
            return other(event.payload).await;
        }
        let request = into_request(serde_json::from_value(event.payload)?)?;
        Ok(serde_json::to_value(into_answer(handler(request).await))?)
    }))
    .await
}

/// Whether an event is a request that came by the gateway.
fn is_request(event: &Value) -> bool {
    event["requestContext"]["http"]["method"].is_string()
}

/// The headers of every answer of a public function. Browsers come back over TLS only and take no body for another kind than it says
/// it is; and no cache keeps an answer, a problem document included, unless it says otherwise itself.
#[must_use]
pub fn secured(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The event as a request.
///
/// # Errors
/// Its path and query make no URI.
fn into_request(event: ApiGatewayV2httpRequest) -> Result<Request, http::Error> {
    let path = utf8_percent_encode(event.raw_path.as_deref().unwrap_or("/"), NOT_IN_A_PATH).to_string();
    let query = event.raw_query_string.as_deref().filter(|query| !query.is_empty());
    let uri = query.map_or(path.clone(), |query| format!("{path}?{}", utf8_percent_encode(query, NOT_IN_A_QUERY)));
    let body =
        event.body.as_deref().map_or(Body::Empty, |body| Body::from_maybe_encoded(event.is_base64_encoded, body));
    let mut request =
        http::Request::builder().method(event.request_context.http.method).uri(Uri::try_from(uri)?).body(body)?;
    *request.headers_mut() = event.headers;
    let cookies = event.cookies.unwrap_or_default().join("; ");
    if let Some(cookies) = HeaderValue::from_str(&cookies).ok().filter(|cookies| !cookies.is_empty()) {
        request.headers_mut().insert(header::COOKIE, cookies);
    }
    if let Some(address) = event.request_context.http.source_ip {
        request.extensions_mut().insert(SourceIp(address));
    }
    Ok(request)
}

fn into_answer(response: Response<Body>) -> ApiGatewayV2httpResponse {
    let (mut head, body) = response.into_parts();
    let mut answer = ApiGatewayV2httpResponse::default();
    // The gateway joins several headers of one name, which cookies do not survive: it takes them apart.
    if let header::Entry::Occupied(cookies) = head.headers.entry(header::SET_COOKIE) {
        let (_, cookies) = cookies.remove_entry_mult();
        answer.cookies = cookies.filter_map(|cookie| cookie.to_str().ok().map(str::to_owned)).collect();
    }
    answer.status_code = head.status.as_u16().into();
    answer.headers = head.headers;
    answer.is_base64_encoded = matches!(body, Body::Binary(_));
    answer.body = Some(body);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn request(path: &str, query: &str, more: &Value) -> Request {
        let mut event = json!({
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": query,
            "headers": { "host": "api.example.com", "x-a": "1,2" },
            "requestContext": { "http": { "method": "PUT", "path": path, "sourceIp": "203.0.113.1" }, "stage": "$default" },
            "isBase64Encoded": false,
        });
        event.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        into_request(serde_json::from_value(event).expect("an event")).expect("a request")
    }

    #[test]
    fn a_request_has_what_the_gateway_was_sent() {
        let more = json!({ "body": "aGk=", "isBase64Encoded": true, "cookies": ["a=1", "b=2"] });
        let request = request("/v1/brand", "a=b%20c&d=e f", &more);
        assert_eq!(
            (request.method().as_str(), request.uri().to_string().as_str()),
            ("PUT", "/v1/brand?a=b%20c&d=e%20f")
        );
        assert_eq!(
            (&request.headers()["x-a"], &request.headers()["cookie"]),
            (&"1,2".parse().expect("a header"), &"a=1; b=2".parse().expect("a header"))
        );
        assert_eq!(request.extensions().get(), Some(&SourceIp("203.0.113.1".to_owned())));
        assert_eq!(request.body().as_ref(), b"hi");
    }

    #[test]
    fn a_path_that_the_gateway_decoded_is_a_path_again() {
        for (handed_over, meant) in [
            ("/v1/customers/a b", "/v1/customers/a%20b"),
            ("/v1/customers/Анна", "/v1/customers/%D0%90%D0%BD%D0%BD%D0%B0"),
            ("/v1/customers/a#b?c", "/v1/customers/a%23b%3Fc"),
            ("/v1/customers/100%25", "/v1/customers/100%25"),
            ("/v1/customers/gid://shopify/Customer/1", "/v1/customers/gid://shopify/Customer/1"),
        ] {
            let request = request(handed_over, "", &json!({}));
            assert_eq!((request.uri().path(), request.uri().query()), (meant, None));
        }
    }

    #[test]
    fn any_path_and_query_make_a_request() {
        for c in '\0'..='\u{2ff}' {
            let request = request(&format!("/v1/{c}"), &format!("a={c}"), &json!({}));
            let part = request.uri().path().strip_prefix("/v1/").expect("a path");
            assert_eq!(percent_encoding::percent_decode_str(part).decode_utf8().expect("text"), c.to_string());
            assert!(request.uri().query().is_some_and(|query| query.starts_with("a=")));
        }
    }

    #[test]
    fn a_request_is_told_from_a_batch_of_a_queue_and_from_a_schedule() {
        assert!(is_request(&json!({ "requestContext": { "http": { "method": "POST" } } })));
        for other in [json!({ "Records": [] }), json!({ "source": "aws.scheduler" }), json!({}), json!(7)] {
            assert!(!is_request(&other), "{other}");
        }
    }

    #[test]
    fn no_answer_is_kept_or_comes_without_tls() {
        let headers = |response: Response<Body>| {
            let headers = secured(response).headers().clone();
            ["cache-control", "strict-transport-security", "x-content-type-options"]
                .map(|name| headers[name].to_str().expect("text").to_owned())
        };
        let problem = crate::Problem::unavailable("Later.").into_response();
        assert_eq!(headers(problem), ["no-store", "max-age=31536000", "nosniff"]);
        let kept = Response::builder().header("cache-control", "max-age=60").body(Body::Empty).expect("a response");
        assert_eq!(headers(kept)[0], "max-age=60", "what says so itself");
    }

    #[test]
    fn cookies_are_handed_over_apart_each_on_its_own() {
        let response = Response::builder().header("set-cookie", "a=1").header("set-cookie", "b=2");
        let told = serde_json::to_value(into_answer(response.body(Body::Empty).expect("a response"))).expect("JSON");
        assert_eq!(told["cookies"], json!(["a=1", "b=2"]));
        assert_eq!(told["headers"]["set-cookie"], Value::Null);
    }

    #[test]
    fn an_answer_says_whether_its_body_is_text() {
        let told = |body: Body| {
            let response = Response::builder().status(201).header("content-type", "text/plain").body(body);
            let told = serde_json::to_value(into_answer(response.expect("a response"))).expect("JSON");
            assert_eq!((&told["statusCode"], &told["headers"]["content-type"]), (&json!(201), &json!("text/plain")));
            (told["body"].clone(), told["isBase64Encoded"].clone())
        };
        assert_eq!(told(Body::from("Grüße")), (json!("Grüße"), json!(false)));
        assert_eq!(told(Body::from(vec![0xff, 0])), (json!("/wA="), json!(true)));
        assert_eq!(told(Body::Empty), (Value::Null, json!(false)));
    }
}
