//! The pace at which a batch is handed to the providers: each message has a turn, no two have the same, and all workers
//! together keep to what the provider takes ([`rekindle_store::sending::rate`]).
//!
//! A turn is asked for when nothing else is left to do but the claim, so that few are lost. The messages of a batch wait
//! for each other there: one lease serves all of them. Then each waits for its turn, is claimed just before, and goes out.
//! A worker that stops while it waits has claimed nothing: its messages come again, and only its slots are lost.
//!
//! Where a shop has a limit of its own, its messages take those of the batch's slots that its limit allows. The others
//! get a place in a line and leave: they come back then, and the workers have time for others meanwhile.

mod shares;

use crate::Sender;
use crate::limits::{Limit, Limits};
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::sending_rate::NEAR;
use rekindle_store::StoreError;
use rekindle_store::sending::rate::{Leased, SendingLimit, Wanted};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// How long a batch waits for turns at most. With the calls before and after it, it stays well below the minute that an
/// invocation has.
pub const HORIZON: SignedDuration = SignedDuration::from_secs(20);
/// How much later than it is due a message under a shop's own limit may go out when nobody else sends.
const LATE_OWN: SignedDuration = SignedDuration::from_millis(30);
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
    /// Then, if a slot is free then: the shop's own limit does not allow it before.
    Due(Timestamp),
    /// The shop's own limit is used up for the moment: then it is worth asking again.
    InLine(Timestamp),
}

/// The pace of one batch.
pub struct Pace<'s> {
    sender: &'s Sender,
    until: Timestamp,
    requests: Mutex<TurnRequests>,
    moved: Notify,
    leader: tokio::sync::Mutex<()>,
}

/// Who has come how far.
#[derive(Default)]
struct TurnRequests {
    /// Messages that may still ask for a turn.
    arriving: usize,
    /// Those that ask.
    asking: Vec<TurnRequest>,
    /// Turns that somebody else got for them.
    turns: HashMap<u64, Turn>,
    next_number: u64,
}

/// What a message asks for.
#[derive(Debug, Clone)]
struct TurnRequest {
    number: u64,
    limits: Limits,
    /// Not before.
    from: Timestamp,
    /// The shop's own limit is used up, as is known: only a place in line is wanted.
    place: bool,
}

/// A message that may ask for a turn: until it does or is dropped, the others wait for it.
pub struct ArrivalGuard<'p> {
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
            requests: Mutex::default(),
            moved: Notify::new(),
            leader: tokio::sync::Mutex::new(()),
        }
    }

    /// Enters a message that may ask for a turn.
    pub fn enter(&self) -> ArrivalGuard<'_> {
        let mut way = ArrivalGuard { pace: self, counted: false };
        way.begin();
        way
    }

    /// Asks for the turn of a message, and waits until it is time to claim the message. Slots are leased once for all
    /// messages of the batch that ask.
    ///
    /// # Errors
    /// The database refused or did not answer; the turn may be lost.
    pub async fn turn(&self, limits: &Limits, way: &mut ArrivalGuard<'_>) -> Result<Turn, StoreError> {
        let clock = &self.sender.clock;
        let mut turn = self.ask(limits, false, way).await?;
        if let (Turn::Due(due), Some(own)) = (turn, &limits.own) {
            clock.wait_until(due - CLAIM).await;
            let wanted = Wanted { count: 1, from: due, until: due + LATE_OWN, ..self.wanted(&limits.account) };
            turn = match self.sender.store.lease_slots(&limits.account.of, wanted).await? {
                Leased::Slots(slots) => Turn::At(slots.first),
                Leased::Later(_) => self.places(own, 1).await?.next().unwrap_or(Turn::InLine(due)),
            };
        }
        if let Turn::At(at) = turn {
            clock.wait_until(at - CLAIM).await;
        }
        Ok(turn)
    }

    /// Waits until the turn has come. If it is missed, because the claim took long, waits for another one: all who were
    /// held up together must not send together. Whether there was one in time.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn wait_for_turn(&self, limits: &Limits, turn: Turn) -> Result<bool, StoreError> {
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
    pub async fn known_too_late(
        &self,
        limits: &Limits,
        way: &mut ArrivalGuard<'_>,
    ) -> Result<Option<Turn>, StoreError> {
        let store = &self.sender.store;
        let now = self.sender.clock.precise_now();
        let next = store.known_next_slot(&limits.account.of).unwrap_or(now);
        if next > self.until {
            return Ok(Some(Turn::Later(next)));
        }
        let Some(own) = &limits.own else { return Ok(None) };
        let recent = store.known_recent_sends(&own.of);
        // The slots that its messages have are taken.
        let from = recent.instants().last().copied().unwrap_or(now).max(next).max(now);
        if recent.next(from, own.rate()) <= from + NEAR {
            return Ok(None);
        }
        self.ask(limits, true, way).await.map(Some)
    }

    /// Asks for a turn, with all others of the batch that ask.
    async fn ask(&self, limits: &Limits, place: bool, way: &mut ArrivalGuard<'_>) -> Result<Turn, StoreError> {
        let from = self.sender.clock.precise_now() + CLAIM;
        let number = self.hold().ask(limits, place, from);
        way.end();
        self.wait_for_batch().await;
        let _leading = self.leader.lock().await;
        let asking = {
            let mut requests = self.hold();
            if let Some(turn) = requests.turns.remove(&number) {
                return Ok(turn);
            }
            let alike = |one: &mut TurnRequest| one.limits.account.of == limits.account.of;
            requests.asking.extract_if(.., alike).collect::<Vec<_>>()
        };
        let turns = match self.share_out(&limits.account, &asking).await {
            Ok(turns) => turns,
            Err(error) => {
                // The others try for themselves.
                self.hold().asking.extend(asking.into_iter().filter(|other| other.number != number));
                return Err(error);
            }
        };
        let mut requests = self.hold();
        requests.turns.extend(turns);
        Ok(requests.turns.remove(&number).unwrap_or(Turn::Later(self.until)))
    }

    /// Waits until nobody is on the way any more.
    async fn wait_for_batch(&self) {
        loop {
            let mut moved = std::pin::pin!(self.moved.notified());
            moved.as_mut().enable();
            if self.hold().arriving == 0 {
                return;
            }
            moved.await;
        }
    }

    fn wanted(&self, limit: &Limit) -> Wanted {
        let now = self.sender.clock.precise_now();
        Wanted { count: 1, from: now + CLAIM, until: self.until, cap: limit.cap, now }
    }

    async fn lease(&self, limit: &Limit, count: u32, from: Timestamp) -> Result<Leased, StoreError> {
        let wanted = self.wanted(limit);
        if limit.of.channel == Channel::Email {
            self.learn_quota(&limit.of, wanted.now).await?;
        }
        self.sender.store.lease_slots(&limit.of, Wanted { count, from: from.max(wanted.from), ..wanted }).await
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

    fn hold(&self) -> MutexGuard<'_, TurnRequests> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TurnRequests {
    fn ask(&mut self, limits: &Limits, place: bool, from: Timestamp) -> u64 {
        self.next_number += 1;
        self.asking.push(TurnRequest { number: self.next_number, limits: limits.clone(), from, place });
        self.next_number
    }
}

impl ArrivalGuard<'_> {
    /// The message is on the way to a turn (again).
    pub fn begin(&mut self) {
        if !std::mem::replace(&mut self.counted, true) {
            self.pace.hold().arriving += 1;
        }
    }

    fn end(&mut self) {
        if std::mem::replace(&mut self.counted, false) {
            self.pace.hold().arriving -= 1;
            self.pace.moved.notify_waiters();
        }
    }
}

impl Drop for ArrivalGuard<'_> {
    fn drop(&mut self) {
        self.end();
    }
}
