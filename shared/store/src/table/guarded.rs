//! How a write ends that names the versions it saw.

/// How a guarded write ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarded {
    /// It is done.
    Written,
    /// Somebody wrote the customer since it was read: read it again.
    CustomerChanged,
    /// Somebody wrote the message since it was read, or it exists already: read it again.
    MessageChanged,
}
