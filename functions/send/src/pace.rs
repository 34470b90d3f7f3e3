//! The pace at which a batch is handed to the providers: each message has a turn, no two have the same, and all workers
//! together keep to what the provider takes ([`rekindle_store::sending_rate`]).
//!
//! A turn is asked for when nothing else is left to do but the claim, so that few are lost. The messages of a batch wait
//! for each other there: one lease serves all of them. Then each waits for its turn, is claimed just before, and goes out.
//! A worker that stops while it waits has claimed nothing: its messages come again, and only its slots are lost.

use crate::Sender;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::channel::Channel;
use rekindle_store::StoreError;
use rekindle_store::sending_rate::{Leased, SendingLimit, Wanted};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// How long a batch waits for turns at most. With the calls before and after it, it stays well below the minute that an
/// invocation has.
pub const HORIZON: SignedDuration = SignedDuration::from_secs(20);
/// How long before its turn a message is claimed: most claims take less.
const CLAIM: SignedDuration = SignedDuration::from_millis(100);
/// How late a message may be and still use its turn.
const LATE: SignedDuration = SignedDuration::from_millis(20);
/// How long nobody sends after the provider said that the day's quota is used up.
pub(crate) const QUOTA_CHECK: SignedDuration = SignedDuration::from_mins(15);

/// How many messages may be sent a second, whatever the providers allow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateCaps {
    /// Mails; without it, as many as SES allows.
    pub emails_per_second: Option<f64>,
    /// Texts: SNS does not say what it allows.
    pub texts_per_second: f64,
}

/// When it is a message's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// At any time: no provider is asked.
    Free,
    /// Then, and not before.
    At(Timestamp),
    /// Not in time for this batch: the next free turn is then.
    Later(Timestamp),
}

/// The pace of one batch.
pub struct Pace<'s> {
    sender: &'s Sender,
    until: Timestamp,
    gathering: Mutex<Gathering>,
    moved: Notify,
    leader: tokio::sync::Mutex<()>,
}

/// Who has come how far.
#[derive(Default)]
struct Gathering {
    /// Messages that may still ask for a turn.
    on_the_way: usize,
    /// Those that ask, by the number of their question.
    asking: HashMap<SendingLimit, VecDeque<u64>>,
    /// Turns that somebody else got for them.
    turns: HashMap<u64, Turn>,
    next_question: u64,
}

/// A message that may ask for a turn: until it does or is dropped, the others wait for it.
pub struct OnTheWay<'p> {
    pace: &'p Pace<'p>,
    counted: bool,
}

impl<'s> Pace<'s> {
    /// The pace of a batch that begins now.
    #[must_use]
    pub fn new(sender: &'s Sender) -> Self {
        Self::since(sender, sender.clock.precise_now())
    }

    /// The pace of a part of a batch that began before.
    #[must_use]
    pub fn since(sender: &'s Sender, began: Timestamp) -> Self {
        Self {
            sender,
            until: began + HORIZON,
            gathering: Mutex::default(),
            moved: Notify::new(),
            leader: tokio::sync::Mutex::new(()),
        }
    }

    /// Enters a message that may ask for a turn.
    pub fn enter(&self) -> OnTheWay<'_> {
        let mut way = OnTheWay { pace: self, counted: false };
        way.begin();
        way
    }

    /// Asks for the turn of a message, and waits until it is time to claim the message. Slots are leased once for all
    /// messages of the batch that ask.
    ///
    /// # Errors
    /// The database refused or did not answer; the turn may be lost.
    pub async fn turn(&self, channel: Channel, way: &mut OnTheWay<'_>) -> Result<Turn, StoreError> {
        let Some(limit) = limit_of(channel) else { return Ok(Turn::Free) };
        let question = self.hold().ask(limit.clone());
        way.end();
        let turn = self.answer(&limit, question).await?;
        if let Turn::At(at) = turn {
            self.sender.clock.wait_until(at - CLAIM).await;
        }
        Ok(turn)
    }

    /// Waits until the turn has come. If it is missed, because the claim took long, waits for another one: all who were
    /// held up together must not send together. Whether there was one in time.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn comes(&self, channel: Channel, turn: Turn) -> Result<bool, StoreError> {
        let (clock, Some(limit)) = (&self.sender.clock, limit_of(channel)) else { return Ok(true) };
        let Turn::At(mut at) = turn else { return Ok(turn == Turn::Free) };
        let mut ahead = CLAIM;
        loop {
            clock.wait_until(at).await;
            let now = clock.precise_now();
            if now.duration_since(at) <= LATE {
                return Ok(true);
            }
            ahead = ahead * 2;
            match self.lease(&limit, 1, now + ahead).await? {
                Leased::Slots(slots) => at = slots.first,
                Leased::Later(_) => return Ok(false),
            }
        }
    }

    /// The next free turn, if this worker knows already that it is too late for this batch. Costs nothing.
    #[must_use]
    pub fn known_too_late(&self, channel: Channel) -> Option<Timestamp> {
        let known = self.sender.store.known_next_slot(&limit_of(channel)?)?;
        (known > self.until).then_some(known)
    }

    async fn answer(&self, limit: &SendingLimit, question: u64) -> Result<Turn, StoreError> {
        self.everybody_is_here().await;
        let _leading = self.leader.lock().await;
        let asking = {
            let mut gathering = self.hold();
            if let Some(turn) = gathering.turns.remove(&question) {
                return Ok(turn);
            }
            gathering.asking.remove(limit).unwrap_or_default()
        };
        let count = u32::try_from(asking.len()).unwrap_or(u32::MAX);
        let leased = self.lease(limit, count, self.sender.clock.precise_now() + CLAIM).await;
        let leased = match leased {
            Ok(leased) => leased,
            Err(error) => {
                // The others try for themselves.
                let others = asking.into_iter().filter(|other| *other != question);
                self.hold().asking.entry(limit.clone()).or_default().extend(others);
                return Err(error);
            }
        };
        let (slots, later) = match leased {
            Leased::Slots(slots) => (slots.each().collect(), self.until),
            Leased::Later(later) => (Vec::new(), later),
        };
        let turns = slots.into_iter().map(Turn::At).chain(std::iter::repeat(Turn::Later(later)));
        let mut gathering = self.hold();
        gathering.turns.extend(asking.into_iter().zip(turns));
        Ok(gathering.turns.remove(&question).unwrap_or(Turn::Later(later)))
    }

    /// Waits until nobody is on the way any more.
    async fn everybody_is_here(&self) {
        loop {
            let mut moved = std::pin::pin!(self.moved.notified());
            moved.as_mut().enable();
            if self.hold().on_the_way == 0 {
                return;
            }
            moved.await;
        }
    }

    async fn lease(&self, limit: &SendingLimit, count: u32, from: Timestamp) -> Result<Leased, StoreError> {
        let now = self.sender.clock.precise_now();
        if limit.channel == Channel::Email {
            self.learn_quota(limit, now).await?;
        }
        let cap = self.sender.rate_cap(limit.channel);
        self.sender.store.lease_slots(limit, Wanted { count, from, until: self.until, cap, now }).await
    }

    /// Asks SES what it allows, if it is this worker's turn to ask.
    async fn learn_quota(&self, limit: &SendingLimit, now: Timestamp) -> Result<(), StoreError> {
        let store = &self.sender.store;
        if !store.should_ask_rate(limit, now).await? {
            return Ok(());
        }
        match self.sender.mailer.quota().await {
            Ok(quota) => {
                store.note_allowed_rate(limit, quota.per_second, now).await?;
                if quota.used_up {
                    tracing::warn!("all mails that SES takes in 24 hours were sent; the others wait");
                    store.hold_sending(limit, now + QUOTA_CHECK).await?;
                }
            }
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "mails go out at the rate that was known, or at one a second"
            ),
        }
        Ok(())
    }

    fn hold(&self) -> MutexGuard<'_, Gathering> {
        self.gathering.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gathering {
    fn ask(&mut self, limit: SendingLimit) -> u64 {
        self.next_question += 1;
        self.asking.entry(limit).or_default().push_back(self.next_question);
        self.next_question
    }
}

impl OnTheWay<'_> {
    /// The message is on the way to a turn (again).
    pub fn begin(&mut self) {
        if !std::mem::replace(&mut self.counted, true) {
            self.pace.hold().on_the_way += 1;
        }
    }

    fn end(&mut self) {
        if std::mem::replace(&mut self.counted, false) {
            self.pace.hold().on_the_way -= 1;
            self.pace.moved.notify_waiters();
        }
    }
}

impl Drop for OnTheWay<'_> {
    fn drop(&mut self) {
        self.end();
    }
}

impl Sender {
    pub(crate) fn rate_cap(&self, channel: Channel) -> Option<f64> {
        match channel {
            Channel::Email => self.rate_caps.emails_per_second,
            _ => Some(self.rate_caps.texts_per_second),
        }
    }
}

/// The account's limit on a channel.
pub(crate) fn limit_of(channel: Channel) -> Option<SendingLimit> {
    (channel != Channel::Handoff).then_some(SendingLimit { channel, shop: None })
}
