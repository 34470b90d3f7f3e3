//! A request and its response.

use super::Client;
use super::body::{Borrowed, ReturningBody};
use super::connect::{Connection, Origin};
use super::pool::Moment;
use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::ErrorKind;
use http::uri::PathAndQuery;
use http::{HeaderValue, Request, Response, Uri, header};
use hyper::body::Incoming;
use std::error::Error;
use std::time::Duration;

/// Sends requests within these timeouts.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(super) client: Client,
    /// For the connection, with TLS.
    pub(super) connect_timeout: Option<Duration>,
    /// From the request to the first byte of the response.
    pub(super) read_timeout: Option<Duration>,
}

/// Something took too long.
#[derive(Debug, thiserror::Error)]
#[error("{what} took longer than {limit:?}")]
struct TooLong {
    what: &'static str,
    limit: Duration,
}

impl HttpConnector for Exchange {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let exchange = self.clone();
        HttpConnectorFuture::new(async move { exchange.run(request).await })
    }
}

impl Exchange {
    async fn run(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let mut request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
        let origin = Origin::from_uri(request.uri()).map_err(|error| ConnectorError::user(error.into()))?;
        address(&mut request).map_err(|error| ConnectorError::user(error.into()))?;
        let capture = request.extensions().get::<CaptureSmithyConnection>().cloned();
        loop {
            let (mut connection, is_new) = match self.idle(&origin).await {
                Some(connection) => (connection, false),
                None => (self.open(&origin).await?, true),
            };
            if let Some(capture) = &capture {
                let connection = metadata(&connection);
                capture.set_connection_retriever(move || Some(connection.clone()));
            }
            let answer = within(self.read_timeout, "the answer", connection.requests.try_send_request(request)).await?;
            match answer {
                Ok(answer) => return self.into_response(origin, connection, answer),
                Err(mut error) => match error.take_message() {
                    // The server had closed the idle connection: not a byte was written.
                    Some(unsent) if !is_new => request = unsent,
                    _ => return Err(broken(error.into_error())),
                },
            }
        }
    }

    /// A connection to use again, if there is one that still works.
    async fn idle(&self, origin: &Origin) -> Option<Connection> {
        while let Some(mut connection) = self.client.0.pool.take(origin, Moment::now()) {
            // The process may have been frozen: the task of the connection first learns whether it was closed meanwhile.
            tokio::task::yield_now().await;
            if !connection.poisoned.is_poisoned() && connection.requests.ready().await.is_ok() {
                return Some(connection);
            }
        }
        None
    }

    async fn open(&self, origin: &Origin) -> Result<Connection, ConnectorError> {
        let opened = within(self.connect_timeout, "the connection", self.client.connect(origin)).await;
        opened.and_then(|opened| opened.map_err(ConnectorError::io)).map_err(ConnectorError::never_connected)
    }

    fn into_response(
        self,
        origin: Origin,
        connection: Connection,
        answer: Response<Incoming>,
    ) -> Result<HttpResponse, ConnectorError> {
        let borrowed = Borrowed { client: self.client, origin, connection };
        let answer = answer.map(|body| SdkBody::from_body_1_x(ReturningBody::new(body, borrowed)));
        HttpResponse::try_from(answer).map_err(|error| ConnectorError::other(error.into(), None))
    }
}

/// The result of some work, or a timeout.
async fn within<T>(
    limit: Option<Duration>,
    what: &'static str,
    work: impl Future<Output = T>,
) -> Result<T, ConnectorError> {
    let Some(limit) = limit else {
        return Ok(work.await);
    };
    let done = tokio::time::timeout(limit, work).await;
    done.map_err(|_| ConnectorError::timeout(Box::new(TooLong { what, limit })))
}

/// Writes the path into the first line of a request and the host into its header.
fn address(request: &mut Request<SdkBody>) -> Result<(), http::Error> {
    let uri = request.uri();
    if !request.headers().contains_key(header::HOST) {
        let host = uri.host().unwrap_or_default();
        let usual = matches!((uri.scheme_str(), uri.port_u16()), (Some("https"), Some(443)) | (Some("http"), Some(80)));
        let host = match uri.port_u16().filter(|_| !usual) {
            Some(port) => HeaderValue::try_from(format!("{host}:{port}")),
            None => HeaderValue::try_from(host),
        };
        let host = host?;
        request.headers_mut().insert(header::HOST, host);
    }
    let path = request.uri().path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    *request.uri_mut() = Uri::from(path);
    Ok(())
}

/// What the SDK learns of a connection, and how it marks one whose server does not work.
fn metadata(connection: &Connection) -> ConnectionMetadata {
    let poison = connection.poisoned.clone();
    let metadata = ConnectionMetadata::builder().proxied(false).poison_fn(move || poison.poison());
    metadata.remote_addr(connection.remote).build()
}

/// A connection that broke before the response. It is not known whether the server took the request.
fn broken(error: hyper::Error) -> ConnectorError {
    let from_the_network =
        error.is_closed() || error.is_canceled() || error.source().is_some_and(|e| e.is::<std::io::Error>());
    if error.is_user() {
        ConnectorError::user(error.into())
    } else if from_the_network {
        ConnectorError::io(error.into())
    } else if error.is_incomplete_message() {
        ConnectorError::other(error.into(), Some(ErrorKind::TransientError))
    } else {
        ConnectorError::other(error.into(), None)
    }
}
