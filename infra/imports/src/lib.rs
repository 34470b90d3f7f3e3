//! Reads a shop's existing data, order histories and exports of Amazon Pinpoint, and posts it to a running endpoint.
//!
//! - [`history`] parses order histories, [`import`] posts them;
//! - [`pinpoint`] parses what Amazon Pinpoint exported.

pub mod history;
pub mod import;
pub mod pinpoint;
