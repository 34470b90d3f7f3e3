//! The HTTP client under all clients of AWS: HTTP/1.1 over TLS or, for the one-machine stack, without.
//!
//! It does what functions need and nothing else, which keeps bootstraps small and cold starts short: no HTTP/2 (which DynamoDB
//! does not speak), no proxies, no certificates read from the system, one TLS configuration a process.
//!
//! The cast:
//! - [`Trust`] is whose certificates are believed, [`cryptography`] what they are checked with;
//! - [`connect`] opens a connection;
//! - [`Pool`] keeps those that are idle, and knows which of them a server may have closed meanwhile;
//! - [`Exchange`] is a request and its answer over one of them, within the time limits that the SDK sets;
//! - [`body::ReturningBody`] brings the connection back to the pool once the answer is read to its end.
//!
//! A request is written to one connection at most. Only one that provably was not written at all, because the server had closed
//! the idle connection before, is written to a new one: for mail and texts a certain "not sent" stays certain.

mod body;
mod connect;
mod cryptography;
mod exchange;
mod pool;
#[cfg(test)]
mod tests;
mod trust;

pub(crate) use trust::Trust;

use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use exchange::Exchange;
use pool::Pool;
use std::borrow::Cow;
use std::sync::Arc;
use tokio_rustls::TlsConnector;

/// What all connections of a process have in common.
struct Shared {
    tls: TlsConnector,
    pool: Pool,
}

/// The client. Clones share their connections.
#[derive(Clone)]
struct Client(Arc<Shared>);

/// A client with no connection yet that believes `trust`. Clones share their connections.
pub(crate) fn shared(trust: Trust) -> SharedHttpClient {
    SharedHttpClient::new(Client(Arc::new(Shared { tls: trust.into_connector(), pool: Pool::default() })))
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
