//! Limits of one call. The numbers are those of Segment's specification, which its libraries keep to.

/// Maximum length of the body of a batch, uncompressed, in bytes.
pub(crate) const MAX_BATCH_BYTES: usize = 500 * 1024;
/// Maximum number of events in a batch.
pub(crate) const MAX_BATCH_EVENTS: usize = 2_500;
