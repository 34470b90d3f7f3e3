//! The address a stack is reached at.

use anyhow::Context;
use tokio::net::TcpListener;

/// Opens a port of this machine, and tells the URL to reach it at. Port 0 takes any that is free.
///
/// # Errors
/// The port is taken, or may not be opened.
pub(super) async fn listen(port: u16) -> anyhow::Result<(TcpListener, String)> {
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .with_context(|| format!("port {port} of this machine cannot be opened; choose another with --port"))?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((listener, url))
}
