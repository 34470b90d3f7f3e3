//! Opening a connection.

use super::Client;
use aws_smithy_types::body::SdkBody;
use http::Uri;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// The server that a connection leads to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Origin {
    pub(super) encrypted: bool,
    pub(super) host: String,
    pub(super) port: u16,
}

/// The URL of a request is not one that a connection can be opened for.
#[derive(Debug, thiserror::Error)]
#[error("the endpoint is not an http or https URL with a host")]
pub(super) struct NoOrigin;

impl Origin {
    pub(super) fn from_uri(uri: &Uri) -> Result<Self, NoOrigin> {
        let encrypted = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(NoOrigin),
        };
        let host = uri.host().ok_or(NoOrigin)?.to_owned();
        Ok(Self { encrypted, host, port: uri.port_u16().unwrap_or(if encrypted { 443 } else { 80 }) })
    }

    /// The host as the system's resolver and certificates write it: an IPv6 address has no brackets.
    fn name(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }
}

/// A connection over which requests can be sent, one after the other.
pub(super) struct Connection {
    pub(super) requests: SendRequest<SdkBody>,
    pub(super) remote: SocketAddr,
    pub(super) poisoned: Poison,
}

/// Whether the SDK found that the server of a connection does not work.
#[derive(Debug, Clone, Default)]
pub(super) struct Poison(Arc<AtomicBool>);

impl Poison {
    pub(super) fn poison(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_poisoned(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Bytes to and from a server, encrypted or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Client {
    /// Opens a connection. It is closed when it is dropped.
    pub(super) async fn connect(&self, origin: &Origin) -> Result<Connection, Box<dyn Error + Send + Sync>> {
        let tcp = TcpStream::connect((origin.name(), origin.port)).await?;
        tcp.set_nodelay(true)?;
        let remote = tcp.peer_addr()?;
        // One type for both kinds, so that the protocol is in the program once.
        let stream: Box<dyn Stream> = if origin.encrypted {
            let name = ServerName::try_from(origin.name().to_owned())?;
            Box::new(self.0.tls.connect(name, tcp).await?)
        } else {
            Box::new(tcp)
        };
        let (requests, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = &error as &dyn Error, "a connection broke");
            }
        });
        Ok(Connection { requests, remote, poisoned: Poison::default() })
    }
}
