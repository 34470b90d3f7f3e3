//! A customer: what the facts say, folded, and what was decided, recorded.

use crate::channel::Channel;
use crate::fact::{Event, Fact, Reaction, ReactionKind};
use crate::id::{CustomerId, MessageId, OrderId, ShopId, run_digest};
use crate::message::{Message, MessageState, NextAction, QUEUED_CHECK};
use crate::order_book::{OrderBook, RecountNeeded};
use crate::permissions::Permissions;
use crate::policy::{Calendar, Condition, NpsGroup, Policy};
use crate::profile::Profile;
use crate::reactions::Reactions;
use crate::reason::Reason;
use crate::referral::{Claim, Referrals};
use crate::register::{Register, apply};
use crate::run::Run;
use crate::stage::Stage;
use jiff::fmt::serde::timestamp::millisecond;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A customer of a shop.
///
/// The first half is a fold of facts: the same facts give the same values in any order, any number of
/// times. The second half is a record of decisions, which no replay takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// The shop.
    pub shop: ShopId,
    /// The customer, as the shop names them.
    pub id: CustomerId,
    /// How often the customer was written; 0 for one that is not stored yet.
    pub version: u64,
    /// The instant at which the engine looks at the customer next, as stored.
    pub due_at: Option<Timestamp>,
    /// The stage as last recorded.
    pub stage: Stage,
    /// Since when.
    pub stage_since: Option<Timestamp>,
    /// What the facts say.
    pub folded: Folded,
    /// What was decided.
    pub decided: Decided,
}

/// What the facts say about a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Folded {
    /// Who they are.
    #[serde(rename = "pr")]
    pub profile: Profile,
    /// What they agreed to.
    #[serde(rename = "pe")]
    pub permissions: Permissions,
    /// What they bought.
    #[serde(rename = "or")]
    pub orders: OrderBook,
    /// How they reacted lately.
    #[serde(rename = "re", skip_serializing_if = "Reactions::is_empty")]
    pub reactions: Reactions,
    /// Their last answer to the NPS question.
    #[serde(rename = "np", skip_serializing_if = "Option::is_none")]
    pub nps: Option<Register<LastNpsAnswer>>,
    /// When the latest tasks about them were closed; at most [`MAX_CLOSED_TASKS`].
    #[serde(rename = "ta", skip_serializing_if = "BTreeMap::is_empty")]
    pub closed_tasks: BTreeMap<MessageId, Timestamp>,
    /// The referral code of their latest visit with one.
    #[serde(rename = "iv", skip_serializing_if = "Option::is_none")]
    pub invited: Option<Register<String>>,
    /// Their first order with a referral code.
    #[serde(rename = "cl", skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// Where their latest order went, as a digest.
    #[serde(rename = "sh", skip_serializing_if = "Option::is_none")]
    pub ship_to: Option<Register<String>>,
    /// Friends who ordered with their code.
    #[serde(rename = "rf", skip_serializing_if = "Referrals::is_empty")]
    pub referrals: Referrals,
}

/// An answer to the NPS question.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LastNpsAnswer {
    /// 0 to 10.
    #[serde(rename = "s")]
    pub score: u8,
    /// The message that asked, or whatever else tells this survey from others.
    #[serde(rename = "m")]
    pub survey: String,
}

/// Closed tasks that are remembered of one customer.
pub const MAX_CLOSED_TASKS: usize = 4;

/// What was decided about a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Decided {
    /// The latest run of each journey, by the journey's id.
    #[serde(rename = "ru", skip_serializing_if = "BTreeMap::is_empty")]
    pub runs: BTreeMap<String, Run>,
    /// Messages that are open or that the frequency cap still counts, oldest first.
    #[serde(rename = "co", skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// What was decided about the referral code that the customer came with.
    #[serde(rename = "cl", skip_serializing_if = "Option::is_none")]
    pub claim: Option<ReportedClaim>,
    /// What was decided about the friends they brought, by the friend.
    #[serde(rename = "rf", skip_serializing_if = "BTreeMap::is_empty")]
    pub judged: BTreeMap<String, Judged>,
    /// Until when a customer who came with old orders only is kept out of journeys.
    #[serde(rename = "ac", skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    pub activates_at: Option<Timestamp>,
    /// The next instant at which anything can change, not counting checks of open messages.
    #[serde(rename = "ne", skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    pub next_at: Option<Timestamp>,
}

/// What the referrer's side was told of this customer's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedClaim {
    /// The code.
    #[serde(rename = "c")]
    pub code: String,
    /// The order; none if there was nothing to tell because the customer was not new.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderId>,
    /// When it was placed.
    #[serde(rename = "a", with = "millisecond::required")]
    pub at: Timestamp,
    /// The referrer's side knows that it does not count any more.
    #[serde(rename = "u", default, skip_serializing_if = "std::ops::Not::not")]
    pub undone: bool,
}

/// What was decided about a friend's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// When.
    #[serde(rename = "a", with = "millisecond::required")]
    pub at: Timestamp,
    /// Whether it earned a reward.
    #[serde(rename = "r")]
    pub rewarded: bool,
}

/// A message that counts towards the frequency cap or is still under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The message.
    #[serde(rename = "i")]
    pub message: MessageId,
    /// Its channel.
    #[serde(rename = "c")]
    pub channel: Channel,
    /// When the provider took it over; while it is open, when it was created.
    #[serde(rename = "a", with = "millisecond::required")]
    pub at: Timestamp,
    /// While it is open: when to look what became of it.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    pub check_at: Option<Timestamp>,
}

impl Customer {
    /// A customer of whom nothing is known yet.
    #[must_use]
    pub fn new(shop: ShopId, id: CustomerId) -> Self {
        Self {
            shop,
            id,
            version: 0,
            due_at: None,
            stage: Stage::Prospect,
            stage_since: None,
            folded: Folded::default(),
            decided: Decided::default(),
        }
    }

    /// Takes in where a message stands now: an open one keeps its place under the frequency cap and is
    /// checked in time, one that the provider took over counts from then, one that was withdrawn gives its
    /// place back. Says whether this is news: the customer may know already, or have forgotten the message.
    pub fn settle(&mut self, message: &Message, now: Timestamp) -> bool {
        let Some(index) = self.decided.contacts.iter().position(|contact| contact.message == message.id) else {
            return false;
        };
        let contact = &mut self.decided.contacts[index];
        let before = contact.clone();
        if message.state.is_open() {
            contact.check_at = Some(match message.next_action(now, None) {
                NextAction::Wait(until) => until,
                _ => QUEUED_CHECK.after(now),
            });
            return *contact != before;
        }
        if message.state.was_accepted() || message.state == MessageState::Unconfirmed {
            contact.at = message.accepted_at.or(message.unknown_since).unwrap_or(now);
            contact.check_at = None;
            if *contact == before {
                return false;
            }
        } else {
            self.decided.contacts.remove(index);
        }
        // A step that waits for a place under the cap may know better now when it gets one.
        if self.decided.runs.values().any(|run| run.held_by == Some(Reason::FrequencyCap)) {
            self.decided.next_at = Some(self.decided.next_at.map_or(now, |next| next.min(now)));
        }
        true
    }

    /// Puts off the check of an open message. Says whether this is news.
    pub fn check_again(&mut self, message: &MessageId, at: Timestamp) -> bool {
        let contact = self.decided.contacts.iter_mut().find(|contact| contact.message == *message);
        contact.filter(|contact| contact.check_at.is_some_and(|check_at| check_at != at)).is_some_and(|contact| {
            contact.check_at = Some(at);
            true
        })
    }

    /// When the customer has to be looked at next, given the decisions so far: the next change or the
    /// first check of an open message.
    #[must_use]
    pub fn needs_attention_at(&self) -> Option<Timestamp> {
        let checks = self.decided.contacts.iter().filter_map(|contact| contact.check_at);
        checks.chain(self.decided.next_at).min()
    }
}

impl Folded {
    /// Takes in one fact.
    ///
    /// # Errors
    /// [`RecountNeeded`], and nothing was changed: fold the whole history with [`Folded::recount`].
    pub fn apply(&mut self, fact: &Fact, calendar: &Calendar) -> Result<(), RecountNeeded> {
        self.orders.add(fact, calendar)?;
        self.apply_except_orders(fact);
        Ok(())
    }

    /// Folds a whole history, in any order, from nothing.
    #[must_use]
    pub fn recount(facts: &[Fact], calendar: &Calendar) -> Self {
        let mut folded = Self { orders: OrderBook::count(facts, calendar), ..Self::default() };
        for fact in facts {
            folded.apply_except_orders(fact);
        }
        folded
    }

    fn apply_except_orders(&mut self, fact: &Fact) {
        self.profile.apply(&fact.traits, fact.at);
        self.permissions.apply_traits(&fact.traits, fact.at);
        match &fact.event {
            Event::Consent(consent) => self.permissions.apply(consent, fact.at),
            Event::Suppressed(closed) => self.permissions.closures_mut().close(closed.channel, closed.cause, fact.at),
            Event::Unsuppressed(opened) => self.permissions.closures_mut().open(opened.channel, fact.at),
            Event::SoftBounce(bounce) => self.permissions.closures_mut().bounce(bounce.channel, fact.at),
            Event::Reaction(reaction) => self.reactions.apply(reaction, fact.at),
            Event::Pause(pause) => self.permissions.pause(pause.until, fact.at),
            Event::NpsAnswer(answer) => {
                apply(&mut self.nps, LastNpsAnswer { score: answer.score, survey: fact.id.clone() }, fact.at);
            }
            Event::TaskClosed(closed) => self.close_task(&closed.task, fact.at),
            Event::Invited(invited) => {
                apply(&mut self.invited, invited.code.clone(), fact.at);
                let visit = Reaction { how: ReactionKind::Visit, message: None, run: None, link: None };
                self.reactions.apply(&visit, fact.at);
            }
            Event::Referred(referred) => self.referrals.apply(referred),
            Event::Order(order) => {
                if let Some(ship_to) = &order.ship_to {
                    apply(&mut self.ship_to, ship_to.clone(), fact.at);
                }
                let claims = [self.claim.take(), Claim::of(fact)];
                self.claim = claims.into_iter().flatten().min();
            }
            Event::Refund(_) | Event::Identified | Event::Other { .. } => {}
        }
    }

    /// Of several closings of one task the first holds.
    fn close_task(&mut self, task: &MessageId, at: Timestamp) {
        let known = self.closed_tasks.entry(task.clone()).or_insert(at);
        *known = at.min(*known);
        while self.closed_tasks.len() > MAX_CLOSED_TASKS {
            let oldest = self.closed_tasks.iter().min_by_key(|(task, at)| (**at, *task)).map(|(task, _)| task.clone());
            let Some(oldest) = oldest else { return };
            self.closed_tasks.remove(&oldest);
        }
    }

    /// Until when nothing is offered to a customer whose last answer to the NPS question was that of a detractor.
    #[must_use]
    pub fn unhappy_until(&self, policy: &Policy) -> Option<Timestamp> {
        let said = self.nps.as_ref().filter(|said| NpsGroup::of(said.value.score) == NpsGroup::Detractor)?;
        Some(policy.nps.detractor_pause.after(said.at))
    }

    /// The instant to note for something the customer says at `now` themselves: later than anything that is
    /// known of their wishes, so that their last word holds even if the clock of whoever told the other
    /// was ahead, or two acts fall into one millisecond.
    #[must_use]
    pub fn next_statement_at(&self, now: Timestamp) -> Timestamp {
        let answered = self.nps.as_ref().map(|said| said.at);
        let latest = [self.permissions.latest(), self.profile.latest(), answered].into_iter().flatten().max();
        let after = latest.and_then(|latest| latest.saturating_add(SignedDuration::from_millis(1)).ok());
        after.map_or(now, |after| after.max(now))
    }

    /// Whether a condition has come true in a run of a journey that started at `since`.
    #[must_use]
    pub fn holds(
        &self,
        condition: Condition,
        (journey, run, since): (&str, &str, Timestamp),
        calendar: &Calendar,
        now: Timestamp,
    ) -> bool {
        let clicked = || self.reactions.clicked_in(&run_digest(journey, run), now);
        match condition {
            Condition::Ordered => self.orders.last_counted(now).is_some_and(|order| {
                order.ordered_at() > since && calendar.day(order.ordered_at()) > calendar.day(since)
            }),
            Condition::Clicked => clicked(),
            Condition::Replied => self.reactions.replied_since(since, now),
            Condition::Reacted => {
                clicked() || self.reactions.replied_since(since, now) || self.reactions.visited_since(since, now)
            }
            Condition::Answered => self.nps.as_ref().is_some_and(|said| since < said.at && said.at <= now),
        }
    }
}
