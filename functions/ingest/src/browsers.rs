//! What browsers and phones need beside the events: leave to call from a shop's pages, and the settings that their libraries ask for.

use http::{HeaderMap, HeaderValue, Response, header};
use rekindle_platform::gateway::Body;

/// The headers that a page may send: any, for libraries add their own with every version (`sentAt`, `X-Retry-Count`). By the rules of
/// browsers "any" does not include the one with the key.
const HEADERS: &str = "authorization, content-type, *";
/// For how long a browser need not ask again whether it may call, in seconds: a day.
const MAX_AGE: &str = "86400";

/// Lets pages of any origin read an answer. Callers are known by their key alone, never by cookies, so the origin gives no right.
pub(crate) fn allow_pages(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
    response
}

/// Answers a browser that asks whether it may call: with these methods, and the headers of the libraries.
pub(crate) fn allow_calls(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    if let Some(methods) = headers.get(header::ALLOW).cloned() {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
    response
}

/// The address under which the caller reached this deployment: its scheme, and its host with the port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnAddress {
    pub(crate) scheme: &'static str,
    pub(crate) host: String,
}

impl OwnAddress {
    /// Read from the header `Host`; none of what is no host. One machine has no certificate, everything else has.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let host = headers.get(header::HOST)?.to_str().ok()?.to_ascii_lowercase();
        let is_host = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
        if host.is_empty() || !host.chars().all(is_host) {
            return None;
        }
        let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
        let is_local = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
        Some(Self { scheme: if is_local { "http" } else { "https" }, host })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_address_is_the_callers_and_nothing_but_a_host() {
        let read = |host: &'static str| {
            let headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))]);
            OwnAddress::from_headers(&headers).map(|own| format!("{}://{}", own.scheme, own.host))
        };
        assert_eq!(read("127.0.0.1:8787").as_deref(), Some("http://127.0.0.1:8787"));
        assert_eq!(read("Events.Shop.example").as_deref(), Some("https://events.shop.example"));
        assert_eq!(read("127.0.0.1.evil.example").as_deref(), Some("https://127.0.0.1.evil.example"));
        for host in ["", "a/b", "a\"b", "a b", "user@host"] {
            assert_eq!(read(host), None, "{host}");
        }
    }
}
