//! Where the link keys come from, and how a change of them reaches functions that are running.

use crate::{KeyRing, KeyRingError};
use aws_sdk_secretsmanager::Client;
use jiff::{SignedDuration, Timestamp};
use rekindle_platform::{Parts, SettingError};
use std::sync::{Arc, Mutex, PoisonError};

/// How long a ring is used before its secret is read again. A new key must not seal earlier than this after it was
/// stored, or functions that have not read it yet could not open its links.
pub const READ_AGAIN: SignedDuration = SignedDuration::from_mins(5);

/// There is no ring to start with.
#[derive(Debug, thiserror::Error)]
pub enum LinkKeysError {
    /// `LINK_KEYS_SECRET` is missing or malformed.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The secret could not be read.
    #[error("the secret with the link keys could not be read; may the function read it?")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The secret is no text.
    #[error("the secret with the link keys holds no text")]
    NoText,
    /// What is stored is no ring.
    #[error(transparent)]
    Ring(#[from] KeyRingError),
}

/// The link keys of a deployment, as they are now: read at start, and again every five minutes while the function is
/// used, so that a new key needs no deployment.
#[derive(Debug)]
pub struct LinkKeys {
    source: Source,
    known: Mutex<Known>,
}

#[derive(Debug)]
enum Source {
    /// The ring itself.
    Written(String),
    /// The secret that holds it.
    Secret { client: Client, arn: String },
}

#[derive(Debug, Clone)]
struct Known {
    ring: Arc<KeyRing>,
    read_at: Timestamp,
}

impl LinkKeys {
    /// The keys that `LINK_KEYS_SECRET` names or holds. Ask for them last: where it names a secret, this asks the network.
    ///
    /// # Errors
    /// The variable is missing or malformed, or the secret cannot be read or holds no ring.
    pub async fn from_parts(parts: &Parts) -> Result<Self, LinkKeysError> {
        let setting = parts.environment.link_keys_secret()?;
        Self::load(setting, || parts.clients.secrets(), parts.clock.now()).await
    }

    /// Reads the keys. `setting` is `LINK_KEYS_SECRET`: the ARN of a secret, or the ring itself as JSON, for which no
    /// client is needed.
    ///
    /// # Errors
    /// The secret cannot be read, or holds no ring.
    pub async fn load(setting: String, client: impl FnOnce() -> Client, now: Timestamp) -> Result<Self, LinkKeysError> {
        let source = match setting.starts_with("arn:") {
            true => Source::Secret { client: client(), arn: setting },
            false => Source::Written(setting),
        };
        let ring = Arc::new(source.ring(now).await?);
        Ok(Self { source, known: Mutex::new(Known { ring, read_at: now }) })
    }

    /// The ring to use at `now`. If the secret cannot be read again, the ring that is known is used on: its links still
    /// open, and the next call but those of the following five minutes tries again.
    pub async fn at(&self, now: Timestamp) -> Arc<KeyRing> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if now.duration_since(known.read_at) < READ_AGAIN {
            return known.ring;
        }
        let ring = match self.source.ring(now).await {
            Ok(ring) => Arc::new(ring),
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the link keys stay as they were read before"
                );
                known.ring
            }
        };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Known { ring: Arc::clone(&ring), read_at: now };
        ring
    }
}

impl Source {
    async fn ring(&self, now: Timestamp) -> Result<KeyRing, LinkKeysError> {
        match self {
            Self::Written(json) => Ok(KeyRing::parse(json, now)?),
            Self::Secret { client, arn } => {
                let answer = client.get_secret_value().secret_id(arn).send().await;
                let answer = answer.map_err(|error| LinkKeysError::Unavailable(error.into()))?;
                Ok(KeyRing::parse(answer.secret_string().ok_or(LinkKeysError::NoText)?, now)?)
            }
        }
    }
}
