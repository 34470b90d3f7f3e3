//! A stop of all sending of a shop: a setting of the shop, `sending_paused`, with the cause.
//!
//! All shops of a stack send from one SES account, so a shop that harms its reputation harms the others. What the engine stopped
//! is lifted by the operator of the stack, and by the shop itself only after [`COOL_DOWN`].

use crate::sending::reputation::CountError;
use crate::store::Store;
use crate::table::attributes::json;
use crate::table::error::StoreError;
use crate::table::keys;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::id::ShopId;
use rekindle_platform::retry::Attempts;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// The name of the setting.
pub const SENDING_PAUSED: &str = keys::SENDING_PAUSED_SK;

/// How long after a stop by the engine the shop cannot lift it itself.
pub const COOL_DOWN: SignedDuration = SignedDuration::from_hours(72);

/// The attribute that holds the pause.
const VALUE: &str = "value";

/// Who lifts a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiftedBy {
    /// The shop, with its key.
    Shop,
    /// The operator of the stack.
    Operator,
}

/// What became of a pause that was to be lifted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resumed {
    /// There was none.
    WasNotPaused,
    /// The shop sends again.
    Lifted,
    /// It stays: this caller may not lift it yet.
    Held(SendingPaused),
}

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

impl PauseCause {
    /// Whether the engine stopped the shop, and not a person.
    #[must_use]
    pub fn is_the_engines(&self) -> bool {
        !matches!(self, Self::ByHand { .. })
    }
}

impl SendingPaused {
    /// From when on the shop may lift it itself; none if only the operator of the stack may.
    #[must_use]
    pub fn shop_may_lift_from(&self) -> Option<Timestamp> {
        match self.why {
            PauseCause::ByHand { .. } => Some(self.at),
            PauseCause::Bounces { .. } | PauseCause::Complaints { .. } => {
                Some(self.at.saturating_add(COOL_DOWN).unwrap_or(Timestamp::MAX))
            }
            PauseCause::Unrecognised(_) => None,
        }
    }
}

impl Store {
    /// Stops a shop's sending; returns the pause that holds. The first of several holds, with its figures; but one of the engine
    /// replaces one by hand, which the shop could lift at any time.
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
            let Some((first, stored)) = self.stored_pause(shop).await? else { continue };
            if first.why.is_the_engines() || !why.is_the_engines() {
                return Ok(first);
            }
            if self.replace_pause(shop, &pause, Some(stored)).await? {
                return Ok(pause);
            }
        }
    }

    /// The pause of a shop's sending, if there is one. Strongly consistent; one read unit.
    ///
    /// # Errors
    /// The database refused or did not answer, or the setting cannot be read.
    pub async fn sending_paused(&self, shop: &ShopId) -> Result<Option<SendingPaused>, StoreError> {
        Ok(self.stored_pause(shop).await?.map(|(pause, _)| pause))
    }

    /// The pause of a shop's sending with its attribute as it is stored, which a version with other fields may have written.
    async fn stored_pause(&self, shop: &ShopId) -> Result<Option<(SendingPaused, AttributeValue)>, StoreError> {
        let sk = Some(SENDING_PAUSED.to_owned());
        let Some(mut item) = self.get(&self.tables.shops, keys::shop_pk(shop), sk).await? else { return Ok(None) };
        let unreadable = StoreError::Unreadable { family: SENDING_PAUSED, attribute: VALUE };
        let Some(value) = item.remove(VALUE) else { return Err(unreadable) };
        // A setting may be `null`: then there is no pause.
        let pause = value.as_s().ok().and_then(|text| serde_json::from_str::<Option<SendingPaused>>(text).ok());
        pause.ok_or(unreadable).map(|pause| pause.zip(Some(value)))
    }

    /// Records that the event bus was notified of a pause. Does nothing if the pause was lifted meanwhile.
    ///
    /// # Errors
    /// The database refused or did not answer; the notification may be sent again.
    pub async fn note_pause_announced(&self, shop: &ShopId, pause: &SendingPaused) -> Result<(), StoreError> {
        let announced = SendingPaused { announced: true, ..pause.clone() };
        self.replace_pause(shop, &announced, Some(json(pause))).await.map(|_| ())
    }

    /// Lifts the pause of a shop if this caller may. After a stop by the engine the record of bounces and complaints starts anew
    /// first, so that the old counts cannot lead to another pause; at no other time, since a shop could escape the stop by that.
    ///
    /// # Errors
    /// The shop may still be paused; call again.
    pub async fn resume_sending(&self, shop: &ShopId, by: LiftedBy, now: Timestamp) -> Result<Resumed, CountError> {
        let mut attempts = Attempts::at("pause of the shop's sending", "its end");
        while attempts.next().await {
            let Some((pause, stored)) = self.stored_pause(shop).await? else { return Ok(Resumed::WasNotPaused) };
            if by == LiftedBy::Shop && pause.shop_may_lift_from().is_none_or(|from| now < from) {
                return Ok(Resumed::Held(pause));
            }
            if pause.why.is_the_engines() {
                self.start_reputation_anew(shop, now).await?;
            }
            if self.remove_pause(shop, stored).await? {
                return Ok(Resumed::Lifted);
            }
        }
        Err(attempts.lost().into())
    }

    /// Removes a pause if the stored one is `seen`; whether it did.
    async fn remove_pause(&self, shop: &ShopId, seen: AttributeValue) -> Result<bool, StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.tables.shops)
            .key("pk", AttributeValue::S(keys::shop_pk(shop)))
            .key("sk", AttributeValue::S(SENDING_PAUSED.to_owned()))
            .condition_expression("#value = :seen")
            .expression_attribute_names("#value", VALUE)
            .expression_attribute_values(":seen", seen);
        self.delete_if(delete).await
    }

    /// Writes a pause if the stored one is `seen`; whether it did.
    async fn replace_pause(
        &self,
        shop: &ShopId,
        pause: &SendingPaused,
        seen: Option<AttributeValue>,
    ) -> Result<bool, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::shop_pk(shop)))
            .item("sk", AttributeValue::S(SENDING_PAUSED.to_owned()))
            .item(VALUE, json(pause));
        let put = match seen {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(seen) => put
                .condition_expression("#value = :seen")
                .expression_attribute_names("#value", VALUE)
                .expression_attribute_values(":seen", seen),
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
