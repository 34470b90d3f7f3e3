//! What a shop brings along: files of order histories and of Amazon Pinpoint, read and posted to a running endpoint.
//!
//! - [`history`] parses order histories, [`import`] posts them;
//! - [`pinpoint`] parses what Amazon Pinpoint exported.

pub mod history;
pub mod import;
pub mod pinpoint;
