//! The result of a write that names the versions it saw.

/// The result of a guarded write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarded {
    /// It was written.
    Written,
    /// The customer changed since it was read: read it again.
    CustomerChanged,
    /// The message changed since it was read, or it exists already: read it again.
    MessageChanged,
}
