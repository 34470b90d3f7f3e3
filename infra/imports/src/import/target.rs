//! The endpoint to which rows are posted.

use super::batches::Batch;
use crate::history::{ColumnNames, RowError};
use rekindle_platform::retry::BackOff;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fmt;
use std::time::Duration;

/// How often a call is tried, the first time included.
const MAX_ATTEMPTS: u32 = 8;
/// Pauses between attempts.
const BACK_OFF: BackOff = BackOff { first: Duration::from_millis(500), longest: Duration::from_secs(60) };
/// The longest pause that an endpoint may ask for, in seconds.
const MAX_RETRY_AFTER: u64 = 300;
/// How long an attempt may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);
/// Most bytes of an answer.
const MAX_ANSWER_BYTES: u64 = 4 * 1024 * 1024;

/// The key with which events are posted. It is never shown.
#[derive(Clone)]
pub struct WriteKey(String);

impl WriteKey {
    /// A key; white space around it is removed.
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self(key.trim().to_owned())
    }

    /// Returns a digest that distinguishes keys.
    pub(super) fn digest(&self) -> String {
        base16ct::lower::encode_string(&Sha256::digest(self.0.as_bytes())[..8])
    }
}

impl fmt::Debug for WriteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WriteKey")
    }
}

impl std::str::FromStr for WriteKey {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(text))
    }
}

/// An endpoint and the key for it.
#[derive(Debug, Clone)]
pub struct Target {
    agent: ureq::Agent,
    endpoint: String,
    key: WriteKey,
}

/// Why a call failed for good.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// Nothing answers.
    #[error("nothing answers at {endpoint}; is the stack running (`rekindle serve`), and is --endpoint right?")]
    Unreachable {
        /// The endpoint.
        endpoint: String,
        /// The cause.
        #[source]
        source: Box<ureq::Error>,
    },
    /// The key is not accepted.
    #[error("{endpoint} does not accept the write key: {detail}")]
    Key {
        /// The endpoint.
        endpoint: String,
        /// The endpoint's message.
        detail: String,
    },
    /// The endpoint refuses the call as a whole.
    #[error("{endpoint} answered {status}: {detail}")]
    Refused {
        /// The endpoint.
        endpoint: String,
        /// The status of the answer.
        status: u16,
        /// The endpoint's message.
        detail: String,
    },
    /// All attempts failed.
    #[error(
        "{endpoint} did not take the rows in {MAX_ATTEMPTS} attempts ({last}); run the same command again to go on"
    )]
    GaveUp {
        /// The endpoint.
        endpoint: String,
        /// How the last attempt failed.
        last: String,
    },
}

/// The endpoint's answer about the events of a call.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// The rejected events, each with the place of its entry and the number of its rows.
    pub(super) rejected: Vec<(usize, u64, RowError)>,
    pub(super) warnings: Vec<RowError>,
}

/// How one attempt ended.
enum Attempt {
    Answered(Wire),
    Failed(PostError),
    /// May be repeated, after the pause that the endpoint asks for.
    Retry {
        after: Option<Duration>,
        reason: String,
    },
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    rejected: Vec<Remark>,
    #[serde(default)]
    warnings: Vec<Remark>,
}

#[derive(Deserialize)]
struct Remark {
    index: usize,
    field: String,
    reason: String,
}

impl Target {
    /// The endpoint at a URL such as `http://127.0.0.1:8787`.
    #[must_use]
    pub fn new(endpoint: &str, key: WriteKey) -> Self {
        let config =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(CALL_TIMEOUT)).build();
        Self { agent: config.into(), endpoint: endpoint.trim_end_matches('/').to_owned(), key }
    }

    /// Checks with a call without events that the endpoint answers and accepts the key.
    pub(super) async fn check(&self) -> Result<(), PostError> {
        match self.attempt("{\"batch\":[]}".to_owned()).await {
            Ok(Attempt::Failed(error)) => Err(error),
            // A busy endpoint answers too.
            Ok(Attempt::Answered(_) | Attempt::Retry { .. }) => Ok(()),
            Err(source) => Err(PostError::Unreachable { endpoint: self.endpoint.clone(), source: Box::new(source) }),
        }
    }

    /// Posts a batch until the endpoint accepts it. `columns` names the columns of the fields of events.
    pub(super) async fn post(&self, batch: &Batch, columns: &ColumnNames) -> Result<Answer, PostError> {
        let body = batch.body();
        let mut last = String::new();
        let who = format!("{} {}", self.endpoint, batch.through_line);
        for attempt in 1..=MAX_ATTEMPTS {
            let (asked, reason) = match self.attempt(body.clone()).await {
                Ok(Attempt::Answered(wire)) => return Ok(wire.by_line(batch, columns)),
                Ok(Attempt::Failed(error)) => return Err(error),
                Ok(Attempt::Retry { after, reason }) => (after, reason),
                Err(error) => (None, error.to_string()),
            };
            last = reason;
            if attempt < MAX_ATTEMPTS {
                tokio::time::sleep(asked.unwrap_or_else(|| BACK_OFF.before(attempt, &who))).await;
            }
        }
        Err(PostError::GaveUp { endpoint: self.endpoint.clone(), last })
    }

    async fn attempt(&self, body: String) -> Result<Attempt, ureq::Error> {
        let target = self.clone();
        let attempt = tokio::task::spawn_blocking(move || target.attempt_now(&body)).await;
        attempt.unwrap_or_else(|_| Ok(Attempt::Retry { after: None, reason: "the call was cut off".to_owned() }))
    }

    fn attempt_now(&self, body: &str) -> Result<Attempt, ureq::Error> {
        let mut answer = self
            .agent
            .post(format!("{}/v1/import", self.endpoint))
            .header("authorization", format!("Bearer {}", self.key.0))
            .header("content-type", "application/json")
            .send(body)?;
        let status = answer.status().as_u16();
        let after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let after = after.map(|seconds: u64| Duration::from_secs(seconds.min(MAX_RETRY_AFTER)));
        let text = answer.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_string()?;
        let endpoint = self.endpoint.clone();
        Ok(match status {
            200 => match serde_json::from_str(&text) {
                Ok(wire) => Attempt::Answered(wire),
                // Another server's page, or an incomplete answer.
                Err(_) => Attempt::Retry { after, reason: "an answer that is not the engine's".to_owned() },
            },
            401 | 403 => Attempt::Failed(PostError::Key { endpoint, detail: detail(&text) }),
            429 | 500..=599 => Attempt::Retry { after, reason: format!("status {status}") },
            _ => Attempt::Failed(PostError::Refused { endpoint, status, detail: detail(&text) }),
        })
    }
}

/// The detail of a problem document, or the beginning of any other text.
fn detail(text: &str) -> String {
    let document = serde_json::from_str::<serde_json::Value>(text).ok();
    let detail = document.as_ref().and_then(|document| document["detail"].as_str());
    detail.unwrap_or(text).chars().take(300).collect()
}

impl Wire {
    /// The answer in terms of lines and columns of the file.
    fn by_line(self, batch: &Batch, columns: &ColumnNames) -> Answer {
        let row = |remark: Remark| {
            let (place, line, rows) = batch.entry(remark.index)?;
            Some((place, rows, RowError { line, field: columns.column(&remark.field), reason: remark.reason }))
        };
        Answer {
            warnings: self.warnings.into_iter().filter_map(row).map(|(_, _, warning)| warning).collect(),
            rejected: self.rejected.into_iter().filter_map(row).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_never_shown() {
        let target = Target::new("http://127.0.0.1:1/", WriteKey::new("rk_write_secret"));
        assert!(!format!("{target:?}").contains("secret"));
    }
}
