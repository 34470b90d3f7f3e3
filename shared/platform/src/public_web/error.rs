//! Why a file of the public web could not be fetched.

use super::address::AddressError;
use std::time::Duration;

/// Most redirects that are followed for one file.
pub const MAX_REDIRECTS: usize = 5;

/// Why a file could not be fetched: a sentence for the people of the shop, without the address and without what a server said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebError {
    /// It redirects to an address that is not used.
    #[error("it redirects to an address that {0}")]
    Redirect(AddressError),
    /// It redirects again and again.
    #[error("it redirects more than {MAX_REDIRECTS} times")]
    TooManyRedirects,
    /// Its name has no address.
    #[error("the name of its server is not known")]
    UnknownName,
    /// Its name leads inside.
    #[error("the name of its server leads to an address that is not public")]
    NotPublic,
    /// No connection.
    #[error("its server takes no connection")]
    NoConnection,
    /// The server is not the one of that name, or TLS does not work.
    #[error("its server has no certificate for that name which is trusted")]
    NotTrusted,
    /// Nothing came for too long.
    #[error("its server does not answer for too long")]
    TooSlow,
    /// The connection broke.
    #[error("the connection to its server broke")]
    Broken,
    /// Another answer than the file.
    #[error("its server answers with the status {0}")]
    Status(u16),
    /// The file is encoded in a way that was not asked for.
    #[error("its server sends it in an encoding other than gzip")]
    Encoding,
}

/// The result of some work, unless it takes too long.
pub(super) async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Result<T, WebError> {
    tokio::time::timeout(limit, work).await.map_err(|_| WebError::TooSlow)
}
