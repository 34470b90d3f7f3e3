//! Bringing one message as far as it can go now.

use crate::limits::Limits;
use crate::pace::{ArrivalGuard, Pace, Turn};
use crate::shop_context::ShopContextError;
use crate::{Sender, content};
use jiff::Timestamp;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::{Verdict, verdict};
use rekindle_lifecycle::id::MessageId;
use rekindle_lifecycle::message::{AttemptOutcome, Message, MessageState, NextAction};
use rekindle_lifecycle::time::Period;
use rekindle_messaging::{OutgoingEmail, OutgoingSms, RenderedEmail, RenderedSms};
use rekindle_platform::QueueError;
use rekindle_platform::retry::{Attempts, LostRaces};
use rekindle_store::shop::task::Task;
use rekindle_store::{CustomerKey, Guarded, StoreError};

/// How soon a message of a shop whose sending is stopped is looked at again.
const PAUSED_CHECK: Period = Period::hours(1);

/// Where a message stands after the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There is no such message.
    Absent,
    /// Nothing more is to be done about it now.
    Done(MessageState),
    /// It is somebody else's turn, or the hour's, until then; the customer's check comes back to it.
    Waiting(Timestamp),
    /// The provider takes no more before then: it belongs on the queue again, to be seen then.
    Held(Timestamp),
    /// Its shop wants no more to be sent before then: it belongs on the queue again, to be seen then.
    InLine(Timestamp),
}

/// Why a message could not be brought on. It belongs back on the queue.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The database failed.
    #[error("the message could not be read or written")]
    Store(#[from] StoreError),
    /// The message could not be put on the queue for later.
    #[error("the message could not be put on the queue for later")]
    Queue(#[from] QueueError),
    /// The shop cannot speak.
    #[error("the shop is not ready to send")]
    ShopContext(#[from] ShopContextError),
    /// The provider takes nothing at the moment.
    #[error("the provider takes nothing at the moment: {0}")]
    NotNow(String),
    /// What the queue asks for is no key of a message.
    #[error("what the queue asks for is no key of a message; it goes to the dead letters")]
    NoSuchKey,
    /// Others kept writing the customer or the message.
    #[error(transparent)]
    Busy(#[from] LostRaces),
}

impl Turn {
    /// Where a message stands whose turn is not now.
    fn not_yet(self) -> Option<Progress> {
        match self {
            Self::Later(until) => Some(Progress::Held(until)),
            Self::InLine(until) => Some(Progress::InLine(until)),
            Self::Free | Self::At(_) | Self::Due(_) => None,
        }
    }
}

/// A rendered message on its way to an address.
enum Outgoing {
    Email(RenderedEmail, String),
    Sms(RenderedSms),
    Task(Box<Task>),
}

impl Sender {
    /// Brings one message as far as it can go now: sends it, or resolves what an earlier attempt left.
    ///
    /// # Errors
    /// The message has to be delivered again later.
    pub async fn process_message(&self, key: &CustomerKey, id: &MessageId) -> Result<Progress, SendError> {
        let pace = Pace::new(self);
        self.process(key, id, &pace, pace.enter()).await
    }

    /// Brings one message of a batch as far as it can go now, at the pace of the batch.
    pub(crate) async fn process(
        &self,
        key: &CustomerKey,
        id: &MessageId,
        pace: &Pace<'_>,
        mut way: ArrivalGuard<'_>,
    ) -> Result<Progress, SendError> {
        let mut attempts = Attempts::at("customer or the message", id.as_str());
        while attempts.next().await {
            way.begin();
            let now = self.clock.now();
            let Some(message) = self.store.message(key, id).await? else { return Ok(Progress::Absent) };
            let events_through = match message.state {
                MessageState::Unknown => self.store.events_through(now).await?,
                _ => None,
            };
            let next = match message.next_action(now, events_through) {
                NextAction::Settled => {
                    self.store.note_settled(key, &message, now).await?;
                    return Ok(Progress::Done(message.state));
                }
                NextAction::Wait(until) => {
                    self.store.check_again(key, &message, until, now).await?;
                    return Ok(Progress::Waiting(until));
                }
                NextAction::Attempt => match self.attempt(key, &message, pace, &mut way, now).await? {
                    Some(settled) => return Ok(settled),
                    None => continue,
                },
                NextAction::Requeue => message.requeue(),
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

    /// Checks, claims, renders, sends, records. Nothing if a race was lost before the attempt.
    async fn attempt(
        &self,
        key: &CustomerKey,
        message: &Message,
        pace: &Pace<'_>,
        way: &mut ArrivalGuard<'_>,
        now: Timestamp,
    ) -> Result<Option<Progress>, SendError> {
        let policy = self.store.policy(&key.shop, now).await?;
        let shop = self.shops.of(&self.store, &key.shop, now).await?;
        if shop.paused && message.channel != Channel::Handoff && now < message.not_after {
            let until = PAUSED_CHECK.after(now).min(message.not_after);
            self.store.check_again(key, message, until, now).await?;
            return Ok(Some(Progress::Waiting(until)));
        }
        let limits = Limits::of(self.rate_caps, message.channel, &key.shop, shop.limits);
        if let Some(limits) = &limits
            && let Some(turn) = pace.known_too_late(limits, way).await?
        {
            return Ok(turn.not_yet());
        }
        let customer = self.store.customer(key).await?;
        match self.recheck(key, &policy, &customer, message, now).await? {
            Verdict::Send => {}
            Verdict::Later(until) => {
                self.store.check_again(key, message, until, now).await?;
                return Ok(Some(Progress::Waiting(until)));
            }
            Verdict::Withdraw(reason) => {
                return self.record(key, message.cancelled(reason), customer, now).await;
            }
        }
        let offer = self.offer(key, message).await?;
        let context =
            content::context(&shop, &policy, &customer, message, &offer, &self.link_keys, &self.links_base_url);
        let rendered = match message.channel {
            Channel::Email => shop
                .templates
                .render_email(&message.template, &context)
                .map(|mail| Outgoing::Email(mail, context.links.unsubscribe.clone())),
            Channel::Sms => shop.templates.render_sms(&message.template, &context).map(Outgoing::Sms),
            Channel::Handoff => Ok(Outgoing::Task(Box::new(self.task(key, &customer, &policy, message, now).await?))),
        };
        let outgoing = match rendered {
            Ok(outgoing) => outgoing,
            Err(error) => {
                tracing::error!(template = message.template, error = %error, "the template could not be filled");
                return self.record(key, message.unrenderable(error.to_string()), customer, now).await;
            }
        };
        let turn = match &limits {
            Some(limits) => pace.turn(limits, way).await?,
            None => Turn::Free,
        };
        if let Some(settled) = turn.not_yet() {
            return Ok(Some(settled));
        }
        let now = self.clock.now();
        if verdict(&policy, &customer, message, now) != Verdict::Send {
            // While it waited it became too late, or night.
            return Ok(None);
        }
        let claimed = Message { coupon_code: offer.coupon_code, ..message.claimed(now) };
        if let (Outgoing::Sms(_), Some(number)) = (&outgoing, &customer.folded.profile.phone) {
            // Before it goes out, so that no answer comes from a number that nobody knows.
            let number = self.link_keys.phone_fingerprint(&number.value);
            self.store.note_text(&number, key, &message.id, content::text_kind(message), now).await?;
        }
        if self.store.claim(&customer, &claimed).await? != Guarded::Written {
            return Ok(None);
        }
        let comes = match &limits {
            Some(limits) => pace.wait_for_turn(limits, turn).await,
            None => Ok(true),
        };
        let outcome = match comes {
            Ok(true) => {
                let outcome = self.hand_over(&customer, &claimed, &shop.brand, &outgoing).await;
                if let Some(limits) = &limits {
                    self.slow_down(&limits.account, &outcome).await;
                }
                outcome
            }
            Ok(false) => AttemptOutcome::TooFast { reason: "its turn had passed when it was claimed".to_owned() },
            Err(error) => AttemptOutcome::RejectedForNow { reason: error.to_string() },
        };
        self.conclude(key, &claimed, customer, outcome).await.map(Some)
    }

    async fn hand_over(
        &self,
        customer: &Customer,
        message: &Message,
        brand: &rekindle_messaging::Brand,
        outgoing: &Outgoing,
    ) -> AttemptOutcome {
        let tags = content::tags(customer, message);
        let profile = &customer.folded.profile;
        match (outgoing, &profile.email, &profile.phone) {
            (Outgoing::Email(rendered, unsubscribe_url), Some(to), _) => {
                let mail = OutgoingEmail { to: &to.value, brand, rendered, unsubscribe_url, tags: &tags };
                self.mailer.send(&mail).await
            }
            (Outgoing::Sms(rendered), _, Some(to)) => {
                let sms = OutgoingSms { to: &to.value, text: &rendered.text, tags: &tags, sender_id: None };
                self.texter.send(&sms).await
            }
            (Outgoing::Task(task), ..) => self.open(task).await,
            _ => AttemptOutcome::RejectedForGood { reason: "the customer has no address".to_owned() },
        }
    }
}
