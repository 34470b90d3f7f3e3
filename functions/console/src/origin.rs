//! From which page a form was sent, and how the console was reached.

use http::{HeaderMap, header};
use rekindle_platform::gateway::Request;

/// Whether a browser says that a form was sent by a page of this very host. Browsers name the page's origin with every form; what
/// names none is no form of the console.
pub(crate) fn is_own(request: &Request) -> bool {
    let mut origins = request.headers().get_all(header::ORIGIN).iter();
    let (Some(origin), None) = (origins.next().and_then(|origin| origin.to_str().ok()), origins.next()) else {
        return false;
    };
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && host.eq_ignore_ascii_case(own_host(request.headers())))
}

/// Whether the console is used without TLS on the machine it runs on: only then a cookie may travel without.
pub(crate) fn is_loopback(request: &Request) -> bool {
    let host = own_host(request.headers());
    let name = host.rsplit_once(':').map_or(host, |(name, port)| if port.contains(']') { host } else { name });
    ["127.0.0.1", "localhost", "[::1]"].contains(&name)
}

fn own_host(headers: &HeaderMap) -> &str {
    headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekindle_platform::gateway::Body;

    fn request(headers: &[(&str, &str)]) -> Request {
        let request =
            headers.iter().fold(http::Request::builder(), |request, (name, value)| request.header(*name, *value));
        request.body(Body::Empty).expect("a request")
    }

    #[test]
    fn a_form_is_the_consoles_own_only_if_the_browser_names_this_host_as_its_origin() {
        let host = ("host", "shop.example:8787");
        assert!(is_own(&request(&[host, ("origin", "http://shop.example:8787")])));
        assert!(is_own(&request(&[host, ("origin", "https://Shop.example:8787")])));
        for origin in
            ["null", "http://shop.example", "https://evil.example", "https://shop.example:8787.evil.example", ""]
        {
            assert!(!is_own(&request(&[host, ("origin", origin)])), "{origin}");
        }
        assert!(!is_own(&request(&[host])));
        assert!(!is_own(&request(&[("origin", "https://")])), "no host at all");
        let twice = [host, ("origin", "http://shop.example:8787"), ("origin", "https://evil.example")];
        assert!(!is_own(&request(&twice)));
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for (host, expected) in [
            ("127.0.0.1:8787", true),
            ("localhost", true),
            ("[::1]:8787", true),
            ("[::1]", true),
            ("localhost.evil.example", false),
            ("10.0.0.1:8787", false),
            ("", false),
        ] {
            assert_eq!(is_loopback(&request(&[("host", host)])), expected, "{host}");
        }
    }
}
