//! The endpoint that the rows of a file are posted to.

use super::batches::Batch;
use crate::history::RowError;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fmt;
use std::time::Duration;

/// How often a call is made in all.
const ATTEMPTS: u32 = 8;
/// The pause before the first repetition; each further one is twice as long, up to a minute.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The longest wait that an endpoint may ask for.
const LONGEST_RETRY_AFTER: u64 = 300;
/// How long a call may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// How much of an answer is read, in bytes.
const LONGEST_ANSWER: u64 = 4 * 1024 * 1024;

/// The key that events are posted with. Never shown.
#[derive(Clone)]
pub struct WriteKey(String);

impl WriteKey {
    /// A key as it was given.
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self(key.trim().to_owned())
    }

    /// Tells keys apart and nothing else.
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

/// A call that will not succeed.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// Nobody is there.
    #[error("nothing answers at {endpoint}; is the stack running (`rekindle serve`), and is --endpoint right?")]
    Unreachable {
        /// Where.
        endpoint: String,
        /// What was seen.
        #[source]
        source: Box<ureq::Error>,
    },
    /// The key is wrong.
    #[error("{endpoint} does not accept the write key: {detail}")]
    Key {
        /// Where.
        endpoint: String,
        /// What it said.
        detail: String,
    },
    /// The endpoint refuses the call as such.
    #[error("{endpoint} answered {status}: {detail}")]
    Refused {
        /// Where.
        endpoint: String,
        /// The status of the answer.
        status: u16,
        /// What it said.
        detail: String,
    },
    /// It does not answer as it should, in spite of repetitions.
    #[error("{endpoint} did not take the rows in {ATTEMPTS} attempts ({last}); run the same command again to go on")]
    GaveUp {
        /// Where.
        endpoint: String,
        /// What was seen last.
        last: String,
    },
}

/// What the endpoint said about the events of a call.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) rejected: Vec<RowError>,
    pub(super) warnings: u64,
}

/// How one attempt ended.
enum Attempt {
    Answered(Wire),
    Failed(PostError),
    /// To be repeated, after the time that the endpoint asks for.
    Again {
        after: Option<Duration>,
        seen: String,
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
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(TIMEOUT)).build();
        Self { agent: config.into(), endpoint: endpoint.trim_end_matches('/').to_owned(), key }
    }

    /// Whether the endpoint is there and accepts the key, found out with a call without events.
    pub(super) async fn check(&self) -> Result<(), PostError> {
        match self.attempt("{\"batch\":[]}".to_owned()).await {
            Ok(Attempt::Failed(error)) => Err(error),
            // Busy is there as well.
            Ok(Attempt::Answered(_) | Attempt::Again { .. }) => Ok(()),
            Err(source) => Err(PostError::Unreachable { endpoint: self.endpoint.clone(), source: Box::new(source) }),
        }
    }

    /// Posts a batch until the endpoint has taken it. `column` tells from which column a field of an event came.
    pub(super) async fn post(&self, batch: &Batch, column: Column) -> Result<Answer, PostError> {
        let body = batch.body();
        let mut last = String::new();
        for attempt in 0..ATTEMPTS {
            let (asked, seen) = match self.attempt(body.clone()).await {
                Ok(Attempt::Answered(wire)) => return Ok(wire.about(batch, column)),
                Ok(Attempt::Failed(error)) => return Err(error),
                Ok(Attempt::Again { after, seen }) => (after, seen),
                Err(error) => (None, error.to_string()),
            };
            last = seen;
            if attempt + 1 < ATTEMPTS {
                tokio::time::sleep(asked.unwrap_or_else(|| pause(attempt, rand::random()))).await;
            }
        }
        Err(PostError::GaveUp { endpoint: self.endpoint.clone(), last })
    }

    async fn attempt(&self, body: String) -> Result<Attempt, ureq::Error> {
        let target = self.clone();
        let attempt = tokio::task::spawn_blocking(move || target.attempt_now(&body)).await;
        attempt.unwrap_or_else(|_| Ok(Attempt::Again { after: None, seen: "the call was cut off".to_owned() }))
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
        let after = after.map(|seconds: u64| Duration::from_secs(seconds.min(LONGEST_RETRY_AFTER)));
        let text = answer.body_mut().with_config().limit(LONGEST_ANSWER).read_to_string()?;
        let endpoint = self.endpoint.clone();
        Ok(match status {
            200 => match serde_json::from_str(&text) {
                Ok(wire) => Attempt::Answered(wire),
                // A page of something else that listens there, or an answer that was cut off.
                Err(_) => Attempt::Again { after, seen: "an answer that is not the engine's".to_owned() },
            },
            401 | 403 => Attempt::Failed(PostError::Key { endpoint, detail: detail(&text) }),
            429 | 500..=599 => Attempt::Again { after, seen: format!("status {status}") },
            _ => Attempt::Failed(PostError::Refused { endpoint, status, detail: detail(&text) }),
        })
    }
}

/// Doubles with each attempt; `chance` (0 to 1) takes away up to half.
fn pause(attempt: u32, chance: f64) -> Duration {
    (FIRST_PAUSE * 2_u32.pow(attempt.min(10))).min(LONGEST_PAUSE).mul_f64(1.0 - chance / 2.0)
}

/// What a problem document says, or the beginning of whatever else it is.
fn detail(text: &str) -> String {
    let document = serde_json::from_str::<serde_json::Value>(text).ok();
    let detail = document.as_ref().and_then(|document| document["detail"].as_str());
    detail.unwrap_or(text).chars().take(300).collect()
}

impl Wire {
    fn about(self, batch: &Batch, column: Column) -> Answer {
        let row = |remark: Remark| {
            let line = batch.line(remark.index)?;
            Some(RowError { line, field: column(&remark.field).to_owned(), reason: remark.reason })
        };
        Answer { warnings: self.warnings.len() as u64, rejected: self.rejected.into_iter().filter_map(row).collect() }
    }
}

/// The column that a field of an event came from.
pub(super) type Column = fn(&str) -> &str;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute_and_differ_by_half() {
        assert_eq!(pause(0, 0.0), Duration::from_millis(500));
        assert_eq!(pause(0, 1.0), Duration::from_millis(250));
        assert_eq!(pause(3, 0.0), Duration::from_secs(4));
        assert_eq!(pause(30, 0.0), Duration::from_secs(60));
    }

    #[test]
    fn the_key_is_never_shown() {
        let target = Target::new("http://127.0.0.1:1/", WriteKey::new("rk_write_secret"));
        assert!(!format!("{target:?}").contains("secret"));
    }
}
