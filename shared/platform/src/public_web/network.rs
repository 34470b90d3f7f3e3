//! How names are resolved and connections opened.

use futures::future::BoxFuture;
use std::io;
use std::net::{IpAddr, SocketAddr};
use tokio::net::{TcpStream, lookup_host};

/// Resolves names and opens connections, without judging where they lead.
pub trait Network: Send + Sync {
    /// All addresses that a name has now; of an address by number itself.
    fn resolve<'n>(&'n self, host: &'n str) -> BoxFuture<'n, io::Result<Vec<IpAddr>>>;

    /// Opens a connection to this very address.
    fn connect(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<TcpStream>>;
}

/// The network of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Network for System {
    fn resolve<'n>(&'n self, host: &'n str) -> BoxFuture<'n, io::Result<Vec<IpAddr>>> {
        Box::pin(async move { Ok(lookup_host((host, 443)).await?.map(|address| address.ip()).collect()) })
    }

    fn connect(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<TcpStream>> {
        Box::pin(TcpStream::connect(to))
    }
}
