//! A stop of all sending of a shop: a setting of the shop, `sending_paused`, with the cause.

use crate::sending::reputation::CountError;
use crate::store::Store;
use crate::table::attributes::json;
use crate::table::error::StoreError;
use crate::table::keys;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// The name of the setting.
pub const SENDING_PAUSED: &str = keys::SENDING_PAUSED_SK;

/// Why a shop does not send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum PauseCause {
    /// Too many of the last mails bounced.
    Bounces {
        /// How many.
        count: u64,
        /// Of how many.
        mails: u64,
    },
    /// Too many of the last mails were reported as spam.
    Complaints {
        /// How many.
        count: u64,
        /// Of how many.
        mails: u64,
    },
    /// A person stopped it.
    ByHand {
        /// Their reason.
        note: String,
    },
    /// A cause that another version of the engine stored: kept as it is. The shop stays paused.
    #[serde(untagged)]
    Unrecognised(serde_json::Map<String, Value>),
}

/// A pause of a shop's sending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendingPaused {
    /// Since when.
    pub at: Timestamp,
    /// Why.
    #[serde(flatten)]
    pub why: PauseCause,
    /// Whether the event bus was notified.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub announced: bool,
}

impl Store {
    /// Stops a shop's sending; returns the pause that holds. The first of several holds, with its figures.
    ///
    /// # Errors
    /// The database refused or did not answer; call again.
    pub async fn pause_sending(
        &self,
        shop: &ShopId,
        why: &PauseCause,
        now: Timestamp,
    ) -> Result<SendingPaused, StoreError> {
        let pause = SendingPaused { at: now, why: why.clone(), announced: false };
        loop {
            if self.replace_pause(shop, &pause, None).await? {
                return Ok(pause);
            }
            // It may be lifted by now; then this pause is the first.
            if let Some(first) = self.sending_paused(shop).await? {
                return Ok(first);
            }
        }
    }

    /// The pause of a shop's sending, if there is one. Strongly consistent; one read unit.
    ///
    /// # Errors
    /// The database refused or did not answer, or the setting cannot be read.
    pub async fn sending_paused(&self, shop: &ShopId) -> Result<Option<SendingPaused>, StoreError> {
        let unreadable = StoreError::Unreadable { family: SENDING_PAUSED, attribute: "value" };
        match self.get_setting(shop, SENDING_PAUSED).await? {
            None | Some(Value::Null) => Ok(None),
            Some(value) => serde_json::from_value(value).map(Some).map_err(|_| unreadable),
        }
    }

    /// Records that the event bus was notified of a pause. Does nothing if the pause was lifted meanwhile.
    ///
    /// # Errors
    /// The database refused or did not answer; the notification may be sent again.
    pub async fn note_pause_announced(&self, shop: &ShopId, pause: &SendingPaused) -> Result<(), StoreError> {
        let announced = SendingPaused { announced: true, ..pause.clone() };
        self.replace_pause(shop, &announced, Some(pause)).await.map(|_| ())
    }

    /// Lifts the pause of a shop; whether there was one. Its record of bounces and complaints starts anew first, so that the old
    /// counts cannot lead to another pause.
    ///
    /// # Errors
    /// The shop may still be paused; call again.
    pub async fn resume_sending(&self, shop: &ShopId, now: Timestamp) -> Result<bool, CountError> {
        self.start_reputation_anew(shop, now).await?;
        Ok(self.delete_setting(shop, SENDING_PAUSED).await?)
    }

    /// Writes a pause if the stored one is `seen`; whether it did.
    async fn replace_pause(
        &self,
        shop: &ShopId,
        pause: &SendingPaused,
        seen: Option<&SendingPaused>,
    ) -> Result<bool, StoreError> {
        let text = |pause: &SendingPaused| json(pause);
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::shop_pk(shop)))
            .item("sk", AttributeValue::S(SENDING_PAUSED.to_owned()))
            .item("value", text(pause));
        let put = match seen {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(seen) => put
                .condition_expression("#value = :seen")
                .expression_attribute_names("#value", "value")
                .expression_attribute_values(":seen", text(seen)),
        };
        self.put_if(put).await
    }
}

/// A sentence for readers, with the figures.
impl fmt::Display for PauseCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bounces { count, mails } => {
                write!(f, "{count} of the last {mails} mails came back; at most 3 % may")
            }
            Self::Complaints { count, mails } => {
                write!(f, "{count} of the last {mails} mails were called spam; at most 0.1 % may")
            }
            Self::ByHand { note } => f.write_str(note),
            Self::Unrecognised(_) => f.write_str("for a cause that another version of the engine knows"),
        }
    }
}
