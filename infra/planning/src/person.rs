//! One customer in virtual time: the engine's own, with the facts that are still to come.

use crate::household::OneCustomer;
use jiff::Timestamp;
use rekindle_lifecycle::customer::{Customer, Folded};
use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::id::{MessageId, ShopId};
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::time::{Calendar, first_sweep_from};
use std::collections::BTreeMap;

/// One customer in virtual time.
pub(crate) struct Person {
    pub(crate) customer: Customer,
    /// Their messages.
    pub(crate) messages: BTreeMap<MessageId, Message>,
    /// All facts in the order of time, and of each whether it is of the main id.
    facts: Vec<(Fact, bool)>,
    /// How many of them have happened.
    happened: usize,
}

/// What the facts of an instant changed; nothing, if there are none.
#[derive(Default)]
pub(crate) struct News {
    /// The facts.
    pub(crate) facts: Vec<Fact>,
    /// What was folded before.
    pub(crate) before: Folded,
    /// Whether they changed anything.
    pub(crate) changes: bool,
}

impl Person {
    pub(crate) fn new(shop: &ShopId, known: OneCustomer) -> Self {
        let OneCustomer { id, facts } = known;
        let customer = Customer::new(shop.clone(), id);
        Self { customer, messages: BTreeMap::new(), facts, happened: 0 }
    }

    /// When the next fact happens.
    pub(crate) fn next_fact_at(&self) -> Option<Timestamp> {
        self.facts.get(self.happened).map(|(fact, _)| fact.at)
    }

    /// The sweep after `now` that finds the customer.
    pub(crate) fn next_sweep_at(&self, now: Timestamp) -> Option<Timestamp> {
        let soon = now + jiff::SignedDuration::from_secs(1);
        self.customer.due_at.map(|due_at| first_sweep_from(due_at.max(soon)))
    }

    /// Whether the customer is known to the shop at all.
    pub(crate) fn is_known(&self) -> bool {
        self.customer.version > 0
    }

    /// Folds the facts that happened by `now`, and by `before` at the latest.
    pub(crate) fn fold(&mut self, now: Timestamp, before: Timestamp, calendar: &Calendar) -> News {
        let coming = self.facts[self.happened..].iter();
        let count = coming.take_while(|(fact, _)| fact.at <= now && fact.at < before).count();
        let (from, to) = (self.happened, self.happened + count);
        self.happened = to;
        let facts: Vec<Fact> = self.facts[from..to].iter().map(|(fact, _)| fact.clone()).collect();
        let mut folded = self.customer.folded.clone();
        let mut new = self.facts[from..to].iter();
        let is_folded = new.all(|(fact, is_own)| {
            let applied = if *is_own { folded.apply(fact, calendar) } else { folded.apply_of_member(fact, calendar) };
            applied.is_ok()
        });
        if !is_folded {
            let of = |own: bool| {
                let happened = self.facts[..to].iter().filter(move |(_, is_own)| *is_own == own);
                happened.map(|(fact, _)| fact.clone()).collect::<Vec<Fact>>()
            };
            folded = Folded::recount_joined(&of(true), &of(false), calendar);
        }
        let before = std::mem::replace(&mut self.customer.folded, folded);
        let changes = before != self.customer.folded;
        News { facts, before, changes }
    }
}
