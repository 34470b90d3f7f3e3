//! The client against servers that behave and servers that do not.

use super::exchange::Exchange;
use super::{Client, Pool, Shared, Trust};
use crate::settings::Environment;
use aws_smithy_runtime_api::client::connection::CaptureSmithyConnection;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use hyper::body::Body;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// How long a test waits for the other side before it fails: longer than a busy machine takes.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a server does with a request.
#[derive(Debug, Clone, Copy)]
enum Does {
    Answer,
    AnswerAndClose,
    Close,
    Nothing,
}

/// Something that happened to a server.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Connection,
    Request,
    Closed,
}

/// A server that handles its requests one after the other as planned, on any number of connections.
fn server(does: &'static [Does]) -> (String, Receiver<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/path?query", listener.local_addr().expect("bound"));
    let (tell, told) = channel();
    thread::spawn(move || {
        let mut does = does.iter();
        while let Ok((mut connection, _)) = listener.accept() {
            // The receiver may have been dropped.
            let _ = tell.send(Seen::Connection);
            while read_request(&mut connection) {
                let _ = tell.send(Seen::Request);
                match does.next() {
                    Some(Does::Answer) => answer(&mut connection),
                    Some(Does::AnswerAndClose) => {
                        answer(&mut connection);
                        break;
                    }
                    Some(Does::Nothing) => {}
                    Some(Does::Close) | None => break,
                }
            }
            drop(connection);
            let _ = tell.send(Seen::Closed);
        }
    });
    (url, told)
}

fn answer(connection: &mut impl Write) {
    connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").expect("written");
    connection.flush().expect("written");
}

/// Reads a request of five bytes to its end; false if there is none.
fn read_request(connection: &mut impl Read) -> bool {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n12345") {
        match connection.read(&mut byte) {
            Ok(1) => request.push(byte[0]),
            _ => return false,
        }
    }
    let text = String::from_utf8(request).expect("text").to_lowercase();
    assert!(text.starts_with("post /path?query http/1.1\r\n") && text.contains("\r\nhost: "), "{text}");
    true
}

fn client(trust: Trust) -> Exchange {
    let client = Client(Arc::new(Shared { tls: trust.into_connector(), pool: Pool::default() }));
    Exchange { client, connect_timeout: Some(PATIENCE), read_timeout: Some(PATIENCE) }
}

fn request(url: &str) -> HttpRequest {
    let mut request = HttpRequest::new(SdkBody::from("12345"));
    request.set_method("POST").expect("a method");
    request.set_uri(url).expect("a URL");
    request
}

async fn post(client: &Exchange, url: &str) -> Result<String, ConnectorError> {
    Ok(read(client.call(request(url)).await?).await)
}

/// The answer's body.
async fn read(mut answer: HttpResponse) -> String {
    let mut body = std::pin::pin!(std::mem::replace(answer.body_mut(), SdkBody::taken()));
    let mut text = Vec::new();
    while let Some(frame) = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        text.extend_from_slice(&frame.expect("the body").into_data().expect("data"));
    }
    String::from_utf8(text).expect("text")
}

fn everything(seen: &Receiver<Seen>) -> Vec<Seen> {
    seen.try_iter().collect()
}

#[tokio::test]
async fn requests_follow_each_other_on_one_connection() {
    let (url, seen) = server(&[Does::Answer, Does::Answer]);
    let client = client(Trust::in_amazon());
    assert_eq!(post(&client, &url).await.expect("answered"), "hello");
    assert_eq!(post(&client, &url).await.expect("answered"), "hello");
    assert_eq!(everything(&seen), [Seen::Connection, Seen::Request, Seen::Request]);
}

#[tokio::test]
async fn a_connection_that_the_server_closed_while_the_process_was_frozen_costs_no_request() {
    let (url, seen) = server(&[Does::AnswerAndClose, Does::Answer]);
    let client = client(Trust::in_amazon());
    post(&client, &url).await.expect("answered");
    // Nothing of this process runs until the server has closed.
    while seen.recv_timeout(PATIENCE).expect("the server goes on") != Seen::Closed {}
    assert_eq!(post(&client, &url).await.expect("answered over a new connection"), "hello");
    assert_eq!(everything(&seen), [Seen::Connection, Seen::Request]);
}

#[tokio::test]
async fn a_request_that_was_written_and_not_answered_is_not_repeated() {
    for does in [&[Does::Close][..], &[Does::Answer, Does::Close][..]] {
        let (url, seen) = server(does);
        let client = client(Trust::in_amazon());
        for _ in 1..does.len() {
            post(&client, &url).await.expect("answered");
        }
        let error = post(&client, &url).await.expect_err("no answer");
        assert!(!error.is_user() && !error.is_timeout(), "{error:?}");
        while seen.recv_timeout(PATIENCE).expect("the server goes on") != Seen::Closed {}
        assert_eq!(everything(&seen), [], "nothing came after");
    }
}

#[tokio::test]
async fn a_missing_answer_is_awaited_no_longer_than_allowed() {
    let (url, seen) = server(&[Does::Nothing]);
    let client = Exchange { read_timeout: Some(Duration::from_millis(50)), ..client(Trust::in_amazon()) };
    assert!(post(&client, &url).await.expect_err("no answer").is_timeout());
    let closed = tokio::task::spawn_blocking(move || {
        while seen.recv_timeout(PATIENCE).expect("the connection is closed") != Seen::Closed {}
    });
    closed.await.expect("seen");
}

#[tokio::test]
async fn a_connection_that_the_sdk_calls_broken_is_not_used_again() {
    let (url, seen) = server(&[Does::Answer, Does::Answer]);
    let client = client(Trust::in_amazon());
    let capture = CaptureSmithyConnection::new();
    let mut request = request(&url);
    request.add_extension(capture.clone());
    let answer = client.call(request).await.expect("answered");
    assert_eq!(read(answer).await, "hello");
    capture.get().expect("a connection").poison();
    post(&client, &url).await.expect("answered");
    assert_eq!(everything(&seen).iter().filter(|seen| **seen == Seen::Connection).count(), 2);
}

#[tokio::test]
async fn an_invalid_url_is_the_callers_error() {
    let client = client(Trust::in_amazon());
    for url in ["ftp://127.0.0.1/path", "/path"] {
        assert!(post(&client, url).await.expect_err("no server").is_user());
    }
}

#[tokio::test]
async fn over_tls_only_a_certificate_signed_by_the_bundle_is_accepted() {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned(), "localhost".to_owned()]).expect("made");
    let bundle = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(bundle.path(), made.cert.pem()).expect("written");
    let port = tls_server(&made);
    let path = bundle.path().to_str().expect("a path");
    let trust = Trust::from_env(&Environment::from_pairs([("AWS_CA_BUNDLE", path)])).expect("a certificate");
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("https://{host}:{port}/path?query");
        assert_eq!(post(&client(trust.clone()), &url).await.expect("believed"), "hello");
        let error = post(&client(Trust::in_amazon()), &url).await.expect_err("not Amazon");
        assert!(error.is_io(), "{error:?}");
    }
}

/// A server that answers over TLS with this certificate.
fn tls_server(made: &rcgen::CertifiedKey<rcgen::KeyPair>) -> u16 {
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.expect("versions").with_no_client_auth();
    let config = Arc::new(config.with_single_cert(vec![made.cert.der().clone()], key).expect("a certificate"));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    thread::spawn(move || {
        while let Ok((tcp, _)) = listener.accept() {
            serve_tls(Arc::clone(&config), tcp);
        }
    });
    port
}

fn serve_tls(config: Arc<rustls::ServerConfig>, tcp: TcpStream) {
    let session = rustls::ServerConnection::new(config).expect("a session");
    let mut stream = rustls::StreamOwned::new(session, tcp);
    while read_request(&mut stream) {
        answer(&mut stream);
    }
}
