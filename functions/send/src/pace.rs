//! The pace at which a batch is handed to the providers: each message has a turn, no two have the same, and all workers
//! together keep to what the provider takes ([`rekindle_store::sending_rate`]).
//!
//! Where a shop has a limit of its own and no slot is near, its message gets a place in a line instead and leaves: it comes
//! back then, and the workers have time for others meanwhile.
//!
//! A turn is asked for when nothing else is left to do but the claim, so that few are lost. The messages of a batch wait
//! for each other there: one lease serves all of them. Then each waits for its turn, is claimed just before, and goes out.
//! A worker that stops while it waits has claimed nothing: its messages come again, and only its slots are lost.

use crate::Sender;
use crate::limits::{Limit, Limits};
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::sending_rate::NEAR;
use rekindle_platform::queue::LONGEST_DELAY;
use rekindle_store::StoreError;
use rekindle_store::sending_rate::{Leased, SendingLimit, Wanted};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// How long a batch waits for turns at most. With the calls before and after it, it stays well below the minute that an
/// invocation has.
pub const HORIZON: SignedDuration = SignedDuration::from_secs(20);
/// How long a message that waits in line stays away at least.
const AWAY: SignedDuration = SignedDuration::from_secs(1);
/// How long before its turn a message is claimed: most claims take less.
const CLAIM: SignedDuration = SignedDuration::from_millis(100);
/// How late a message may be and still use its turn.
const LATE: SignedDuration = SignedDuration::from_millis(10);
/// How long nobody sends after the provider said that the day's quota is used up.
pub(crate) const QUOTA_CHECK: SignedDuration = SignedDuration::from_mins(15);

/// When it is a message's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// At any time: no provider is asked.
    Free,
    /// Then, and not before.
    At(Timestamp),
    /// Not in time for this batch: the next free turn is then.
    Later(Timestamp),
    /// The shop's own limit is used up for the moment: then it is worth asking again.
    InLine(Timestamp),
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
    /// Those that ask, by the number of their question, and from when on.
    asking: HashMap<Question, VecDeque<(u64, Timestamp)>>,
    /// Turns that somebody else got for them.
    turns: HashMap<u64, Turn>,
    next_question: u64,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Question {
    limit: SendingLimit,
    /// No slot is near, as is known: only a place in line is wanted.
    place: bool,
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
    /// messages of the batch that ask. A shop's own limit comes first: the message waits for its slot there before it
    /// asks for one of the account's, so that it keeps nobody else waiting.
    ///
    /// # Errors
    /// The database refused or did not answer; the turn may be lost.
    pub async fn turn(&self, limits: &Limits, way: &mut OnTheWay<'_>) -> Result<Turn, StoreError> {
        let clock = &self.sender.clock;
        let mut from = clock.precise_now() + CLAIM;
        if let Some(own) = &limits.own {
            match self.ask(own, false, from, way).await? {
                Turn::At(at) => from = at,
                turn => return Ok(turn),
            }
        }
        loop {
            if limits.own.is_some() {
                clock.wait_until(from - CLAIM).await;
            }
            let turn = self.ask(&limits.account, false, from, way).await?;
            let Turn::At(at) = turn else { return Ok(turn) };
            if let Some(own) = &limits.own {
                let passed = self.sender.store.pass(&own.of, at, own.cap, clock.precise_now()).await?;
                if let Err(next) = passed {
                    from = next;
                    continue;
                }
            }
            clock.wait_until(at - CLAIM).await;
            return Ok(turn);
        }
    }

    /// Waits until the turn has come. If it is missed, because the claim took long, waits for another one: all who were
    /// held up together must not send together. Whether there was one in time.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn comes(&self, limits: &Limits, turn: Turn) -> Result<bool, StoreError> {
        let clock = &self.sender.clock;
        let Turn::At(mut at) = turn else { return Ok(turn == Turn::Free) };
        let mut ahead = CLAIM;
        loop {
            clock.wait_until(at).await;
            let now = clock.precise_now();
            if now.duration_since(at) <= LATE {
                return Ok(true);
            }
            if limits.own.is_some() {
                return Ok(false);
            }
            ahead *= 2;
            match self.lease(&limits.account, 1, now + ahead).await? {
                Leased::Slots(slots) => at = slots.first,
                Leased::Later(_) => return Ok(false),
            }
        }
    }

    /// When to come again, if this worker knows already that there is no turn in time for this batch. Costs nothing, or what a
    /// place in line costs.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn known_too_late(&self, limits: &Limits, way: &mut OnTheWay<'_>) -> Result<Option<Turn>, StoreError> {
        let too_late = |limit: &Limit| {
            let next = self.sender.store.known_next_slot(&limit.of);
            next.filter(|next| *next > self.latest(limit))
        };
        if let Some(next) = too_late(&limits.account) {
            return Ok(Some(Turn::Later(next)));
        }
        match &limits.own {
            Some(own) if too_late(own).is_some() => {
                let from = self.sender.clock.precise_now() + AWAY;
                self.ask(own, true, from, way).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The latest slot that this batch waits for.
    fn latest(&self, limit: &Limit) -> Timestamp {
        match limit.of.shop {
            None => self.until,
            Some(_) => self.until.min(self.sender.clock.precise_now() + NEAR),
        }
    }

    /// Asks for a turn under one limit, with all others of the batch that ask.
    async fn ask(
        &self,
        limit: &Limit,
        place: bool,
        from: Timestamp,
        way: &mut OnTheWay<'_>,
    ) -> Result<Turn, StoreError> {
        let asked = Question { limit: limit.of.clone(), place };
        let question = self.hold().ask(asked.clone(), from);
        way.end();
        self.answer(limit, asked, question).await
    }

    async fn answer(&self, limit: &Limit, asked: Question, question: u64) -> Result<Turn, StoreError> {
        self.everybody_is_here().await;
        let _leading = self.leader.lock().await;
        let asking = {
            let mut gathering = self.hold();
            if let Some(turn) = gathering.turns.remove(&question) {
                return Ok(turn);
            }
            gathering.asking.remove(&asked).unwrap_or_default()
        };
        let count = u32::try_from(asking.len()).unwrap_or(u32::MAX);
        let from = asking.iter().map(|(_, from)| *from).max().unwrap_or(self.until);
        let turns = match self.turns(limit, asked.place, count, from).await {
            Ok(turns) => turns,
            Err(error) => {
                // The others try for themselves.
                let others = asking.into_iter().filter(|(other, _)| *other != question);
                self.hold().asking.entry(asked).or_default().extend(others);
                return Err(error);
            }
        };
        let mut gathering = self.hold();
        gathering.turns.extend(asking.into_iter().map(|(question, _)| question).zip(turns));
        Ok(gathering.turns.remove(&question).unwrap_or(Turn::Later(self.until)))
    }

    /// So many turns under one limit, as far as there are any; for the others, when to come again.
    async fn turns(
        &self,
        limit: &Limit,
        place: bool,
        count: u32,
        from: Timestamp,
    ) -> Result<impl Iterator<Item = Turn> + use<>, StoreError> {
        let leased = if place {
            Leased::Later(self.until)
        } else {
            self.lease(limit, count, from.max(self.sender.clock.precise_now() + CLAIM)).await?
        };
        let (slots, later) = match leased {
            Leased::Slots(slots) => (slots.each().collect(), self.until),
            Leased::Later(later) => (Vec::new(), later),
        };
        let left = count.saturating_sub(u32::try_from(slots.len()).unwrap_or(u32::MAX));
        let (places, end) = if limit.of.shop.is_some() && left > 0 {
            self.places(limit, left).await?
        } else {
            (Vec::new(), Turn::Later(later))
        };
        let turns = slots.into_iter().map(Turn::At).chain(places.into_iter().map(Turn::InLine));
        Ok(turns.chain(std::iter::repeat(end)))
    }

    /// So many places in line, as far as the queue can keep a message waiting; for the others, the end of the line.
    async fn places(&self, limit: &Limit, count: u32) -> Result<(Vec<Timestamp>, Turn), StoreError> {
        let now = self.sender.clock.precise_now();
        let until = now + SignedDuration::from_secs(LONGEST_DELAY.into());
        let wanted = Wanted { count, from: now + AWAY, until, cap: limit.cap, now };
        Ok(match self.sender.store.line_up(&limit.of, wanted).await? {
            Leased::Slots(places) => (places.each().collect(), Turn::InLine(until)),
            Leased::Later(end) => (Vec::new(), Turn::InLine(end)),
        })
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

    async fn lease(&self, limit: &Limit, count: u32, from: Timestamp) -> Result<Leased, StoreError> {
        let now = self.sender.clock.precise_now();
        if limit.of.channel == Channel::Email && limit.of.shop.is_none() {
            self.learn_quota(&limit.of, now).await?;
        }
        let wanted = Wanted { count, from, until: self.latest(limit), cap: limit.cap, now };
        self.sender.store.lease_slots(&limit.of, wanted).await
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
    fn ask(&mut self, asked: Question, from: Timestamp) -> u64 {
        self.next_question += 1;
        self.asking.entry(asked).or_default().push_back((self.next_question, from));
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
