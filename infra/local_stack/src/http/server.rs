//! The server of every port that a stack opens.

use super::{own_host, own_origin, problem};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use futures::StreamExt;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Most bytes of a body. What answers has smaller limits of its own and better messages; a mail as JSON has 90 MB at most.
const MAX_BODY_BYTES: usize = 90 << 20;
/// Of a body that is too large, how many times the limit is read.
const READ_FACTOR: usize = 10;
/// Longest time in which the head of a request has to arrive, or the next request on a connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest time in which the body of a request has to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// How long to wait after a connection could not be accepted, for example because too many files are open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);

/// How long a request may take to arrive.
#[derive(Debug, Clone, Copy)]
struct Patience {
    head: Duration,
    body: Duration,
}

/// Serves a router on a port of this machine until the future is dropped, to requests that name this server as their host. A
/// request that does not arrive to its end in time is given up.
///
/// # Errors
/// The listener has no address.
pub async fn serve(listener: TcpListener, router: Router) -> io::Result<()> {
    serve_with(listener, router, Patience { head: HEAD_TIMEOUT, body: BODY_TIMEOUT }).await
}

/// Serves emulated services of AWS as [`serve`] does, to programs only: no page of a browser calls them.
pub(crate) async fn serve_emulator(listener: TcpListener, router: Router) -> io::Result<()> {
    serve(listener, router.layer(from_fn(own_origin::programs_only))).await
}

async fn serve_with(listener: TcpListener, router: Router, patience: Patience) -> io::Result<()> {
    let own = Arc::new(own_host::OwnHosts::on_port(listener.local_addr()?.port()));
    let router = router
        .layer(from_fn(move |request: Request, next: Next| whole_request(patience.body, request, next)))
        .layer(from_fn_with_state(own, own_host::required));
    // Connections end with the server.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(stream, router.clone(), patience.head))),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, router: Router, head: Duration) {
    // Small answers must not wait for more to send.
    let _ = stream.set_nodelay(true);
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    if let Err(error) = served.await {
        tracing::debug!(%error, "a connection broke");
    }
}

/// Hands a request on once all of it is there.
async fn whole_request(patience: Duration, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match tokio::time::timeout(patience, whole(body, MAX_BODY_BYTES)).await {
        Ok(Some(body)) => next.run(Request::from_parts(parts, Body::from(body))).await,
        Ok(None) => problem(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large"),
        Err(_) => problem(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time"),
    }
}

/// All of a body; nothing if it is too large or breaks off. The rest of a large one is read and dropped: a client that is still
/// sending reads no answer, and would see a broken connection in its place.
pub(super) async fn whole(body: Body, max_bytes: usize) -> Option<Vec<u8>> {
    let (mut kept, mut length) = (Vec::new(), 0);
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.ok()?;
        length += chunk.len();
        if length > READ_FACTOR * max_bytes {
            return None;
        }
        if length <= max_bytes {
            kept.extend_from_slice(&chunk);
        }
    }
    (length <= max_bytes).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::post;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const IMPATIENT: Patience = Patience { head: Duration::from_millis(200), body: Duration::from_millis(200) };

    /// What a server answers to these bytes until it closes the connection, which stays open for writing meanwhile.
    async fn answer_to(request: &str, patience: Patience) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let router = Router::new().route("/", post(|body: String| async move { format!("got {body}") }));
        let _server = JoinSet::from_iter([serve_with(listener, router, patience)]);
        let mut stream = TcpStream::connect(address).await.expect("connected");
        stream.write_all(request.replace("HOST", &address.to_string()).as_bytes()).await.expect("written");
        let mut answer = String::new();
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_string(&mut answer));
        read.await.expect("the connection is closed").expect("text");
        answer
    }

    #[tokio::test]
    async fn a_head_or_a_body_that_stops_half_way_is_given_up() {
        assert_eq!(answer_to("", IMPATIENT).await, "");
        let head = answer_to("POST / HTTP/1.1\r\nHost: HOST\r\n", IMPATIENT).await;
        assert!(!head.contains("200"), "{head}");
        let body = answer_to("POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 9\r\n\r\nhalf", IMPATIENT).await;
        assert!(body.starts_with("HTTP/1.1 408"), "{body}");
        let chunk = "POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n";
        let body = answer_to(chunk, IMPATIENT).await;
        assert!(body.starts_with("HTTP/1.1 408"), "{body}");
    }

    #[tokio::test]
    async fn a_request_for_another_host_gets_421_whatever_its_path() {
        let closing = "Connection: close\r\nContent-Length: 2\r\n\r\nhi";
        let own = answer_to(&format!("POST / HTTP/1.1\r\nHost: HOST\r\n{closing}"), IMPATIENT).await;
        assert!(own.starts_with("HTTP/1.1 200") && own.ends_with("got hi"), "{own}");
        for request in [
            format!("POST / HTTP/1.1\r\nHost: evil.example\r\n{closing}"),
            format!("POST /nothing HTTP/1.1\r\nHost: evil.example\r\n{closing}"),
            format!("POST http://evil.example/ HTTP/1.1\r\nHost: HOST\r\n{closing}"),
            format!("POST / HTTP/1.1\r\nHost: HOST\r\nHost: evil.example\r\n{closing}"),
            format!("POST / HTTP/1.1\r\n{closing}"),
            format!("POST / HTTP/1.0\r\n{closing}"),
        ] {
            let answer = answer_to(&request, IMPATIENT).await;
            assert!(answer.starts_with("HTTP/1.1 421") || answer.starts_with("HTTP/1.0 421"), "{request}: {answer}");
        }
    }
}
