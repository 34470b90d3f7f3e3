//! The HTTP client under all clients of AWS: HTTP/1.1 over TLS or, for the one-machine stack, without.
//!
//! It has only what functions need, which keeps bootstraps small and cold starts short: no HTTP/2 (which DynamoDB does not
//! speak), no proxies, no certificates read from the system, one TLS configuration a process.
//!
//! - [`Trust`] holds the root certificates, [`cryptography`] the algorithms;
//! - [`connect`] opens a connection;
//! - [`Pool`] keeps idle connections, and drops those that a server may have closed meanwhile;
//! - [`Exchange`] sends a request and reads its response over one of them, within the timeouts that the SDK sets;
//! - [`body::ReturningBody`] returns the connection to the pool once the response is read to its end.
//!
//! A request is written to at most one connection. It is written to a second one only if provably no byte was written to the
//! first, because the server had closed that before: for mail and texts, a certain "not sent" stays certain.

mod body;
mod connect;
mod cryptography;
mod exchange;
mod pool;
#[cfg(test)]
mod tests;
mod trust;

pub(crate) use connect::Stream;
pub(crate) use exchange::Exchange;
pub(crate) use trust::Trust;

use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use pool::Pool;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::TlsConnector;

/// What all connections of a process share.
struct Shared {
    tls: TlsConnector,
    pool: Pool,
}

/// The client. Clones share their connections.
#[derive(Clone)]
struct Client(Arc<Shared>);

/// A client that trusts these roots, without a connection yet. Clones share their connections.
pub(crate) fn shared(trust: Trust) -> SharedHttpClient {
    SharedHttpClient::new(Client(Arc::new(Shared { tls: trust.into_connector(), pool: Pool::default() })))
}

/// Exchanges with servers whose certificates lead to these roots, within these timeouts. Clones share their connections.
pub(crate) fn exchange(trust: Trust, connect_timeout: Duration, read_timeout: Duration) -> Exchange {
    let client = Client(Arc::new(Shared { tls: trust.into_connector(), pool: Pool::default() }));
    Exchange { client, connect_timeout: Some(connect_timeout), read_timeout: Some(read_timeout) }
}

impl HttpClient for Client {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Exchange {
            client: self.clone(),
            connect_timeout: settings.connect_timeout(),
            read_timeout: settings.read_timeout(),
        })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        Some(ConnectorMetadata::new("hyper", Some(Cow::Borrowed("1.x"))))
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("http_client::Client")
    }
}
