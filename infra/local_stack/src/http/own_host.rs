//! Requests for this server. A name of anyone's can be made to lead to this machine (DNS rebinding), and a page of that name would
//! then read what is answered here as if it were its own. Its requests carry its name, so only those that carry an
//! address of this server are answered.

use super::problem;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// The hosts by which a loopback server is reached.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];
/// The port that a URL of `http` leaves out.
const HTTP_PORT: u16 = 80;

/// The addresses of a server.
#[derive(Debug, Clone)]
pub(super) struct OwnHosts(Vec<String>);

impl OwnHosts {
    /// The addresses of a server on a loopback port.
    pub(super) fn on_port(port: u16) -> Self {
        let mut hosts: Vec<String> = LOOPBACK.iter().map(|host| format!("{host}:{port}")).collect();
        if port == HTTP_PORT {
            hosts.extend(LOOPBACK.map(str::to_owned));
        }
        Self(hosts)
    }

    /// Whether a request names this server, everywhere where it names one.
    fn are_meant(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let is_own = |host: &str| self.0.iter().any(|own| own.eq_ignore_ascii_case(host));
        let mut hosts = headers.get_all(header::HOST).iter();
        let (host, second) = (hosts.next(), hosts.next());
        // A target in absolute form comes before the header, and both are required to say the same.
        let in_target = uri.authority().is_none_or(|authority| is_own(authority.as_str()));
        second.is_none() && in_target && host.and_then(|host| host.to_str().ok()).is_some_and(is_own)
    }
}

/// Answers 421 to a request for another server.
pub(super) async fn required(State(own): State<Arc<OwnHosts>>, request: Request, next: Next) -> Response {
    if own.are_meant(request.uri(), request.headers()) {
        return next.run(request).await;
    }
    problem(StatusCode::MISDIRECTED_REQUEST, &format!("this server answers as {} only", own.0.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_loopback_addresses_with_the_own_port_are_meant() {
        let own = OwnHosts::on_port(8787);
        let meant = |target: &str, hosts: &[&str]| {
            let headers = hosts.iter().map(|host| (header::HOST, host.parse().expect("a value"))).collect();
            own.are_meant(&target.parse().expect("a target"), &headers)
        };
        for host in ["127.0.0.1:8787", "localhost:8787", "LocalHost:8787", "[::1]:8787"] {
            assert!(meant("/inbox", &[host]), "{host}");
            assert!(meant(&format!("http://{host}/inbox"), &[host]), "{host}");
        }
        for host in [
            "evil.example:8787",
            "evil.example",
            "127.0.0.1",
            "127.0.0.1:8788",
            "127.0.0.1.evil.example:8787",
            "localhost.evil.example:8787",
            "localhost:8787.evil.example",
            "localhost:8787@evil.example",
            "evil@localhost:8787",
            "0.0.0.0:8787",
            "2130706433:8787",
            "",
        ] {
            assert!(!meant("/inbox", &[host]), "{host}");
        }
        assert!(!meant("/inbox", &[]));
        assert!(!meant("/inbox", &["localhost:8787", "evil.example:8787"]));
        assert!(!meant("http://evil.example:8787/inbox", &["localhost:8787"]));
        assert!(!meant("http://localhost:8787/inbox", &["evil.example:8787"]));
    }

    #[test]
    fn the_usual_port_may_be_left_out() {
        let own = OwnHosts::on_port(80);
        let headers = |host: &'static str| HeaderMap::from_iter([(header::HOST, host.parse().expect("a value"))]);
        assert!(own.are_meant(&Uri::from_static("/"), &headers("localhost")));
        assert!(own.are_meant(&Uri::from_static("/"), &headers("localhost:80")));
    }
}
