//! Which messages of a batch may still ask for a turn, and what the others asked for. The first that asks waits for all, and
//! then asks the database once for the whole batch.

use super::share::Share;
use super::{CLAIM_LEAD, Pace};
use crate::limits::Limits;
use jiff::Timestamp;
use rekindle_store::StoreError;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What the messages of a batch asked for.
#[derive(Default)]
pub(super) struct Requests {
    state: Mutex<State>,
    /// Notified whenever a message has asked or left.
    changed: Notify,
    /// Held by the message that asks the database for all.
    leader: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    /// Messages that may still ask.
    arriving: usize,
    asking: Vec<Request>,
    /// Answers that another message got for this one, by the number of the request.
    shares: HashMap<u64, Share>,
    next_number: u64,
}

/// What one message asks for.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) number: u64,
    pub(super) limits: Limits,
    /// The earliest slot that it can use.
    pub(super) from: Timestamp,
    /// The shop's own limit is known to be used up: only a retry time is wanted.
    pub(super) wants_retry_time: bool,
}

/// A message that may ask for a turn. The other messages of the batch wait until it has asked or is dropped.
pub struct Arrival<'p> {
    pub(super) pace: &'p Pace<'p>,
    counted: bool,
}

impl<'p> Arrival<'p> {
    pub(super) fn new(pace: &'p Pace<'p>) -> Self {
        let mut arrival = Self { pace, counted: false };
        arrival.begin();
        arrival
    }

    /// Counts the message as one that may still ask, again after a race that it lost.
    pub fn begin(&mut self) {
        if !std::mem::replace(&mut self.counted, true) {
            self.pace.requests.state().arriving += 1;
        }
    }

    fn end(&mut self) {
        if std::mem::replace(&mut self.counted, false) {
            self.pace.requests.state().arriving -= 1;
            self.pace.requests.changed.notify_waiters();
        }
    }

    /// Asks for a share of the slots, together with all other messages of the batch that ask.
    pub(super) async fn ask(&mut self, limits: &Limits, wants_retry_time: bool) -> Result<Share, StoreError> {
        let (pace, requests) = (self.pace, &self.pace.requests);
        let from = pace.sender.clock.precise_now() + CLAIM_LEAD;
        let number = requests.state().add(limits, wants_retry_time, from);
        self.end();
        requests.wait_for_batch().await;
        let _leading = requests.leader.lock().await;
        let asking = {
            let mut state = requests.state();
            if let Some(share) = state.shares.remove(&number) {
                return Ok(share);
            }
            let alike = |other: &mut Request| other.limits.account.of == limits.account.of;
            state.asking.extract_if(.., alike).collect::<Vec<_>>()
        };
        let shares = match pace.share_out(&limits.account, &asking).await {
            Ok(shares) => shares,
            Err(error) => {
                // The others ask for themselves.
                requests.state().asking.extend(asking.into_iter().filter(|other| other.number != number));
                return Err(error);
            }
        };
        let mut state = requests.state();
        state.shares.extend(shares);
        Ok(state.shares.remove(&number).unwrap_or_else(|| pace.nothing_left()))
    }
}

impl Drop for Arrival<'_> {
    fn drop(&mut self) {
        self.end();
    }
}

impl Requests {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until every message of the batch has asked or left.
    async fn wait_for_batch(&self) {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            if self.state().arriving == 0 {
                return;
            }
            changed.await;
        }
    }
}

impl State {
    fn add(&mut self, limits: &Limits, wants_retry_time: bool, from: Timestamp) -> u64 {
        self.next_number += 1;
        self.asking.push(Request { number: self.next_number, limits: limits.clone(), from, wants_retry_time });
        self.next_number
    }
}
