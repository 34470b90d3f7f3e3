//! Requests of this server's own pages and of programs. Any page in the browser of this machine's user can send requests here; a
//! browser says which page a request is of.

use super::problem;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

/// Answers 403 to a request of a page of another origin, and 415 to a body that is not declared as JSON: pages of others can
/// send any other kind without asking. Links to what is only shown work from everywhere.
pub(super) async fn required(request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let headers = request.headers();
    let is_followed_link = is_read && is(headers, "sec-fetch-mode", &["navigate"]);
    if is_foreign(headers) && !is_followed_link {
        return problem(StatusCode::FORBIDDEN, "this is for the pages of this server and for programs");
    }
    if !is_read && !is_json(headers) {
        return problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the Content-Type of the body must be application/json");
    }
    next.run(request).await
}

/// Answers 403 to every request of a browser's page.
pub(super) async fn programs_only(request: Request, next: Next) -> Response {
    if ["origin", "sec-fetch-site"].iter().any(|name| request.headers().contains_key(*name)) {
        return problem(StatusCode::FORBIDDEN, "this is for programs");
    }
    next.run(request).await
}

/// Whether a browser says that a request is of a page of another server, another port or no server at all.
fn is_foreign(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let own = format!("http://{host}");
    let mut origins = headers.get_all(header::ORIGIN).iter();
    origins.any(|origin| !origin.as_bytes().eq_ignore_ascii_case(own.as_bytes()))
        || is(headers, "sec-fetch-site", &["cross-site", "same-site"])
}

fn is(headers: &HeaderMap, name: &str, values: &[&str]) -> bool {
    headers
        .get_all(name)
        .iter()
        .any(|found| values.iter().any(|value| found.as_bytes().eq_ignore_ascii_case(value.as_bytes())))
}

fn is_json(headers: &HeaderMap) -> bool {
    let mut kinds = headers.get_all(header::CONTENT_TYPE).iter();
    let kind = kinds.next().and_then(|kind| kind.to_str().ok()).and_then(|kind| kind.split(';').next());
    kinds.next().is_none() && kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let all = [("host", "127.0.0.1:8787")].iter().chain(pairs);
        all.map(|(name, value)| (header::HeaderName::from_static(name), value.parse().expect("a value"))).collect()
    }

    #[test]
    fn a_page_of_another_origin_is_foreign_and_a_program_is_not() {
        for own in [vec![], vec![("origin", "http://127.0.0.1:8787")], vec![("sec-fetch-site", "same-origin")]] {
            assert!(!is_foreign(&headers(&own)), "{own:?}");
        }
        for foreign in [
            vec![("origin", "https://evil.example")],
            vec![("origin", "http://127.0.0.1:3000")],
            vec![("origin", "https://127.0.0.1:8787")],
            vec![("origin", "null")],
            vec![("origin", "")],
            vec![("sec-fetch-site", "cross-site")],
            vec![("sec-fetch-site", "same-site")],
            vec![("origin", "http://127.0.0.1:8787"), ("sec-fetch-site", "cross-site")],
            vec![("origin", "http://127.0.0.1:8787"), ("origin", "https://evil.example")],
        ] {
            assert!(is_foreign(&headers(&foreign)), "{foreign:?}");
        }
    }

    #[test]
    fn only_json_that_is_declared_is_json() {
        for kind in ["application/json", "Application/JSON; charset=utf-8"] {
            assert!(is_json(&headers(&[("content-type", kind)])), "{kind}");
        }
        for kind in
            ["text/plain", "text/plain; application/json", "application/x-www-form-urlencoded", "application/jsonp"]
        {
            assert!(!is_json(&headers(&[("content-type", kind)])), "{kind}");
        }
        assert!(!is_json(&headers(&[])));
        assert!(!is_json(&headers(&[("content-type", "application/json"), ("content-type", "text/plain")])));
    }
}
