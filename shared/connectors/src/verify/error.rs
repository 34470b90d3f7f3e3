//! Why a delivery is refused.

/// Why a delivery is refused, in words for the shop's people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The connection has no key.
    #[error("no signing key is stored for this connection")]
    NoKey,
    /// A stored key cannot be one.
    #[error("the stored signing key {0}")]
    UnusableKey(&'static str),
    /// The request has no signature.
    #[error("the request has no header {0}")]
    MissingHeader(String),
    /// The signature cannot be read.
    #[error("the header {0} has not the form of a signature")]
    Malformed(String),
    /// Another key was used, or the body was changed on the way.
    #[error("the signature does not fit: {0}")]
    Mismatch(&'static str),
    /// The signature is from another time.
    #[error("the signature was made more than {0} seconds before or after the request came")]
    OutOfTime(u32),
}
