//! What a server of the public web answered.

use super::error::{WebError, within};
use hyper::body::{Body, Bytes, Incoming};
use serde::{Deserialize, Serialize};
use std::pin::Pin;
use std::time::Duration;

/// The longest time in which nothing of a file comes.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Which version of a file an answer has, as its server names it: the headers `ETag` and `Last-Modified`, word for word.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The tag of the version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// When it was changed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

impl Version {
    /// Whether the server named none.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }
}

/// An answer to a request for a file.
#[derive(Debug)]
pub enum Answer {
    /// The file is still of the version that is known.
    Unchanged,
    /// The file.
    Content(Download),
}

/// A file while it is read.
#[derive(Debug)]
pub struct Download {
    pub(super) body: Incoming,
    /// Its version.
    pub version: Version,
    /// What its server says it is: the header `Content-Type`, word for word.
    pub content_type: Option<String>,
}

impl Download {
    /// The next bytes, as they were sent: they may be compressed. Nothing after the last; a file that was cut on the way ends with an
    /// error.
    ///
    /// # Errors
    /// The connection broke, or nothing came for too long.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, WebError> {
        loop {
            let frame = std::future::poll_fn(|cx| Pin::new(&mut self.body).poll_frame(cx));
            match within(IDLE_TIMEOUT, frame).await? {
                None => return Ok(None),
                Some(frame) => {
                    // What is no data are trailers, which say nothing here.
                    if let Ok(data) = frame.map_err(|_| WebError::Broken)?.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }
}
