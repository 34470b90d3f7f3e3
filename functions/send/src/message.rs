//! Processing one message: it is sent, or what an earlier attempt left behind is resolved.
//!
//! A message that is due goes through these steps, in the order of [`Sender::attempt`]: check, render, reserve a turn, claim,
//! hand over, record. Until the claim nothing of it is stored, so that a sender which stops leaves the message as it was.

use crate::Sender;
use crate::error::SendError;
use crate::limits::Limits;
use crate::pace::{Arrival, Pace, Reserved};
use crate::progress::Progress;
use crate::providers::{Draft, NotRendered, Rendered};
use crate::shop_context::ShopContext;
use jiff::Timestamp;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::Verdict;
use rekindle_lifecycle::id::MessageId;
use rekindle_lifecycle::message::{Message, MessageState, NextAction, UNRECOGNISED_CHECK};
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::reason::Reason;
use rekindle_lifecycle::time::Period;
use rekindle_platform::retry::Attempts;
use rekindle_store::{CustomerKey, Guarded, StoreError};
use std::sync::Arc;

/// How soon a message is checked again while its shop's sending is stopped.
const PAUSE_CHECK_INTERVAL: Period = Period::hours(1);

/// What a check found.
enum Checked {
    /// The message may go out.
    Passed(Box<Passed>),
    /// It does not go out now; none if another writer was faster, and the message has to be read again.
    Ended(Option<Progress>),
}

/// A message that may go out, with what is known of its shop and its customer.
struct Passed {
    policy: Arc<Policy>,
    shop: Arc<ShopContext>,
    customer: Customer,
    limits: Option<Limits>,
}

impl Sender {
    /// Processes one message as far as possible now: sends it, or resolves what an earlier attempt left behind.
    ///
    /// # Errors
    /// The message has to be delivered again later.
    pub async fn process_message(&self, key: &CustomerKey, id: &MessageId) -> Result<Progress, SendError> {
        self.process(key, id, Pace::new(self).enter()).await
    }

    /// Processes one message of a batch, at the pace of the batch.
    pub(crate) async fn process(
        &self,
        key: &CustomerKey,
        id: &MessageId,
        mut arrival: Arrival<'_>,
    ) -> Result<Progress, SendError> {
        let mut attempts = Attempts::at("customer or the message", id.as_str());
        while attempts.next().await {
            arrival.begin();
            let now = self.clock.now();
            let message = match self.store.message(key, id).await {
                Ok(Some(message)) => message,
                Ok(None) => return Ok(Progress::Absent),
                Err(StoreError::Unreadable { .. }) => {
                    tracing::error!(message_id = id.as_str(), "a message cannot be read; it stays as it is");
                    let until = UNRECOGNISED_CHECK.after(now);
                    self.store.check_again(key, id, until, now).await?;
                    return Ok(Progress::Waiting(until));
                }
                Err(error) => return Err(error.into()),
            };
            let events_through = match message.state {
                MessageState::Unknown if message.channel.row().reports_delivery => {
                    self.store.events_through(now).await?
                }
                _ => None,
            };
            let next = match message.next_action(now, events_through) {
                NextAction::Settled => {
                    self.store.note_settled(key, &message, now).await?;
                    return Ok(Progress::Done(message.state));
                }
                NextAction::Wait(until) => {
                    self.store.check_again(key, id, until, now).await?;
                    return Ok(Progress::Waiting(until));
                }
                NextAction::Attempt => match self.attempt(key, &message, &mut arrival, now).await? {
                    Some(progress) => return Ok(progress),
                    None => continue,
                },
                NextAction::Requeue => message.requeue(),
                NextAction::Withdraw(reason) => message.cancelled(reason),
                NextAction::MarkUnknown => {
                    tracing::warn!(
                        metric = "messages_unknown",
                        value = 1,
                        "an attempt was cut off; its outcome is unknown"
                    );
                    message.lease_over(now)
                }
                NextAction::GiveUp => {
                    tracing::error!(
                        metric = "messages_unconfirmed",
                        value = 1,
                        "no evidence came in time; the message stays unconfirmed"
                    );
                    message.unconfirmed()
                }
            };
            self.store.settle_message(key, &next, None, now).await?;
        }
        Err(attempts.lost().into())
    }

    /// Makes one attempt to send the message. None if another writer was faster before anything was handed over, or the
    /// message may not go out any more: it has to be read again.
    async fn attempt(
        &self,
        key: &CustomerKey,
        message: &Message,
        arrival: &mut Arrival<'_>,
        now: Timestamp,
    ) -> Result<Option<Progress>, SendError> {
        let Passed { policy, shop, customer, limits } = *match self.check(key, message, arrival, now).await? {
            Checked::Passed(passed) => passed,
            Checked::Ended(progress) => return Ok(progress),
        };
        let offer = self.offer(key, message).await?;
        let draft = Draft { key, message, customer: &customer, policy: &policy, shop: &shop, offer: &offer, now };
        let rendered = match Rendered::new(self, &draft).await {
            Ok(rendered) => rendered,
            Err(NotRendered::Send(error)) => return Err(error),
            Err(NotRendered::NoAddress) => {
                return self.record(key, message.cancelled(Reason::NoAddress), customer, now).await;
            }
            Err(NotRendered::Template(error)) => {
                tracing::error!(template = message.template, error = %error, "the template could not be filled");
                return self.record(key, message.unrenderable(error.to_string()), customer, now).await;
            }
        };
        let turn = match arrival.reserve(limits).await? {
            Reserved::Turn(turn) => turn,
            Reserved::NotNow(not_now) => return Ok(Some(not_now.into())),
        };
        let now = self.clock.now();
        let place = match self.take_place(key, &policy, &customer, message, now).await? {
            (Verdict::Send, place) => place,
            (Verdict::Later(until), _) => {
                self.store.check_again(key, &message.id, until, now).await?;
                return Ok(Some(Progress::Waiting(until)));
            }
            (Verdict::Withdraw(reason), _) => return self.record(key, message.cancelled(reason), customer, now).await,
        };
        let claimed = Message { coupon_code: offer.coupon_code, ..message.claimed(now) };
        rendered.prepare_for_answers(self, now).await?;
        if self.store.claim(&customer, &claimed).await? != Guarded::Written {
            if let Some(place) = &place {
                self.give_up(place).await?;
            }
            return Ok(None);
        }
        let outcome = turn.hand_over(rendered.hand_over(self)).await;
        self.conclude(key, &claimed, customer, outcome).await.map(Some)
    }

    /// Checks whether the message may go out now: whether its shop sends, whether it can have a turn, and whether it is still
    /// wanted and allowed.
    async fn check(
        &self,
        key: &CustomerKey,
        message: &Message,
        arrival: &mut Arrival<'_>,
        now: Timestamp,
    ) -> Result<Checked, SendError> {
        let policy = self.store.policy(&key.shop, now).await?;
        let shop = self.shops.get(&self.store, &key.shop, now).await?;
        if shop.paused && message.channel.row().heeds_sending_pause && now < message.not_after {
            let until = PAUSE_CHECK_INTERVAL.after(now).min(message.not_after);
            return self.wait(key, message, until, now).await;
        }
        let limits = Limits::for_shop(&self.rate_caps, message.channel, &key.shop, &shop.limits);
        if let Some(limits) = &limits
            && let Some(not_now) = arrival.known_too_late(limits).await?
        {
            return Ok(Checked::Ended(Some(not_now.into())));
        }
        let customer = self.store.customer(key).await?;
        match self.recheck(key, &policy, &customer, message, now).await? {
            Verdict::Send => Ok(Checked::Passed(Box::new(Passed { policy, shop, customer, limits }))),
            Verdict::Later(until) => self.wait(key, message, until, now).await,
            Verdict::Withdraw(reason) => {
                self.record(key, message.cancelled(reason), customer, now).await.map(Checked::Ended)
            }
        }
    }

    /// Sets the customer's due time so that the message is queued again then.
    async fn wait(
        &self,
        key: &CustomerKey,
        message: &Message,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Checked, SendError> {
        self.store.check_again(key, &message.id, until, now).await?;
        Ok(Checked::Ended(Some(Progress::Waiting(until))))
    }
}
