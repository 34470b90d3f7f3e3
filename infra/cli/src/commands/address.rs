//! The address of a local stack.

use anyhow::Context;
use tokio::net::TcpListener;

/// Opens a port of this machine, and returns its URL. Port 0 means any free port.
///
/// # Errors
/// The port is in use, or may not be opened.
pub(super) async fn listen(port: u16) -> anyhow::Result<(TcpListener, String)> {
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .with_context(|| format!("port {port} of this machine cannot be opened; choose another with --port"))?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((listener, url))
}
