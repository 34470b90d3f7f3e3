//! What the facts say about a customer, folded.

use super::order_book::{OrderBook, RecountNeeded};
use super::permissions::Permissions;
use super::profile::Profile;
use super::reactions::Reactions;
use super::referrals::{Claim, Referrals};
use super::register::{Register, apply};
use super::uncounted::Uncounted;
use crate::channel::Channel;
use crate::facts::{Event, Fact, KNOWN_CODES, Reaction, ReactionKind, SuppressionCause, Traits};
use crate::id::{MessageId, run_digest};
use crate::identity::{Identifiers, Links};
use crate::nps::NpsGroup;
use crate::rules::{Condition, NpsRules};
use crate::time::Calendar;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the facts say about a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Folded {
    /// Their name, contacts, language and zone.
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
    /// Which other ids may belong to the same customer, as far as the facts of this id say.
    #[serde(rename = "jo", skip_serializing_if = "Links::is_empty")]
    pub links: Links,
    /// The addresses and devices that came with this id, where that is not what the profile says: for most customers it is,
    /// and the item is so much shorter. See [`Folded::identifiers`].
    #[serde(rename = "ev", skip_serializing_if = "Option::is_none")]
    identifiers: Option<Identifiers>,
    /// That there are facts which could not be counted.
    #[serde(rename = "un", skip_serializing_if = "Option::is_none")]
    pub uncounted: Option<Uncounted>,
}

/// An answer to the NPS question.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LastNpsAnswer {
    /// 0 to 10.
    #[serde(rename = "s")]
    pub score: u8,
    /// The message that asked, or another text by which this survey differs from others.
    #[serde(rename = "m")]
    pub survey: String,
}

/// How many closed tasks of one customer are kept: the latest.
pub const MAX_CLOSED_TASKS: usize = 4;

impl Folded {
    /// Whether this version can count facts that an earlier one could not: recount the whole history.
    #[must_use]
    pub fn can_count_more(&self) -> bool {
        self.uncounted.is_some_and(|uncounted| uncounted.codes < KNOWN_CODES)
    }

    /// Whether something that the customer allowed or refused may not be counted yet.
    #[must_use]
    pub fn lacks_permissions(&self) -> bool {
        self.uncounted.is_some_and(|uncounted| uncounted.permission)
    }

    /// Applies one fact.
    ///
    /// # Errors
    /// [`RecountNeeded`], and nothing was changed: fold the whole history with [`Folded::recount`].
    pub fn apply(&mut self, fact: &Fact, calendar: &Calendar) -> Result<(), RecountNeeded> {
        self.orders.add(fact, calendar)?;
        let mut identifiers = self.identifiers();
        self.apply_except_orders(fact);
        self.apply_identity(fact, &mut identifiers);
        self.keep(identifiers);
        Ok(())
    }

    /// Applies a fact of another id of the same customer: all of it counts, but it says nothing about this id's own links.
    ///
    /// # Errors
    /// As [`Folded::apply`].
    pub fn apply_of_member(&mut self, fact: &Fact, calendar: &Calendar) -> Result<(), RecountNeeded> {
        self.orders.add(fact, calendar)?;
        let identifiers = self.identifiers();
        self.apply_except_orders(fact);
        self.keep(identifiers);
        Ok(())
    }

    /// Folds a whole history, in any order, from nothing.
    #[must_use]
    pub fn recount(facts: &[Fact], calendar: &Calendar) -> Self {
        Self::recount_joined(facts, &[], calendar)
    }

    /// Folds the whole history of a customer with several ids: the facts of the main one and those of the others.
    #[must_use]
    pub fn recount_joined(own: &[Fact], of_members: &[Fact], calendar: &Calendar) -> Self {
        let all = || own.iter().chain(of_members);
        let mut folded = Self { orders: OrderBook::count(all(), calendar), ..Self::default() };
        all().for_each(|fact| folded.apply_except_orders(fact));
        let mut identifiers = Identifiers::default();
        own.iter().for_each(|fact| folded.apply_identity(fact, &mut identifiers));
        folded.keep(identifiers);
        folded
    }

    /// What is known of an id behind which several people stand: its links and what came with it, and nothing about a person.
    #[must_use]
    pub fn without_person(&self) -> Self {
        let mut without = Self { links: self.links.clone(), ..Self::default() };
        without.keep(self.identifiers());
        without
    }

    /// The addresses and devices that came with this id.
    #[must_use]
    pub fn identifiers(&self) -> Identifiers {
        self.identifiers.clone().unwrap_or_else(|| self.identifiers_of_profile())
    }

    fn identifiers_of_profile(&self) -> Identifiers {
        let Profile { email, phone, first_name, .. } = &self.profile;
        let mut identifiers = Identifiers::default();
        identifiers.apply(&Traits {
            email: email.as_ref().map(|known| known.value.clone()),
            phone: phone.as_ref().map(|known| known.value.clone()),
            first_name: first_name.as_ref().map(|known| known.value.clone()),
            ..Traits::default()
        });
        identifiers
    }

    fn keep(&mut self, identifiers: Identifiers) {
        self.identifiers = (identifiers != self.identifiers_of_profile()).then_some(identifiers);
    }

    fn apply_identity(&mut self, fact: &Fact, identifiers: &mut Identifiers) {
        match &fact.event {
            Event::Unrecognised(_) => return,
            Event::Joined(joined) if joined.cause.is_recognised() => {
                self.links.join(&joined.with, joined.cause, fact.at);
            }
            Event::Parted(parted) => self.links.part(&parted.with, fact.at),
            _ => {}
        }
        identifiers.apply(&fact.traits);
    }

    fn apply_except_orders(&mut self, fact: &Fact) {
        if let Some(uncountable) = fact.uncountable() {
            self.uncounted = Some(Uncounted::with(self.uncounted, uncountable));
        }
        if matches!(fact.event, Event::Unrecognised(_)) {
            // Nothing of it counts, not even its traits, until all of it does.
            return;
        }
        self.profile.apply(&fact.traits, fact.at);
        self.permissions.apply_traits(&fact.traits, fact.at);
        match &fact.event {
            Event::Consent(_)
            | Event::Suppressed(_)
            | Event::Unsuppressed(_)
            | Event::SoftBounce(_)
            | Event::Pause(_) => self.permissions.apply_fact(fact),
            Event::Reaction(reaction) => self.reactions.apply(reaction, fact.at),
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
            Event::Order(order) if order.status.is_recognised() => {
                if let Some(ship_to) = &order.ship_to {
                    apply(&mut self.ship_to, ship_to.clone(), fact.at);
                }
                let claims = [self.claim.take(), Claim::from_fact(fact)];
                self.claim = claims.into_iter().flatten().min();
            }
            Event::Shopping(event) if event.action.is_recognised() && !event.by_program => {
                let visit = Reaction { how: ReactionKind::Visit, message: None, run: None, link: None };
                self.reactions.apply(&visit, fact.at);
            }
            Event::Joined(_) | Event::Parted(_) => {}
            Event::Order(_)
            | Event::Refund(_)
            | Event::Identified
            | Event::Other(_)
            | Event::Shopping(_)
            | Event::Unrecognised(_) => {}
        }
    }

    /// Notes that a task was closed. Of several closings of one task the first holds.
    fn close_task(&mut self, task: &MessageId, at: Timestamp) {
        let known = self.closed_tasks.entry(task.clone()).or_insert(at);
        *known = at.min(*known);
        while self.closed_tasks.len() > MAX_CLOSED_TASKS {
            let oldest = self.closed_tasks.iter().min_by_key(|(task, at)| (**at, *task)).map(|(task, _)| task.clone());
            let Some(oldest) = oldest else { return };
            self.closed_tasks.remove(&oldest);
        }
    }

    /// Returns until when nothing is offered to a customer whose last answer to the NPS question was that of a detractor.
    #[must_use]
    pub fn unhappy_until(&self, rules: NpsRules) -> Option<Timestamp> {
        let answer =
            self.nps.as_ref().filter(|answer| NpsGroup::from_score(answer.value.score) == NpsGroup::Detractor)?;
        Some(rules.detractor_pause.after(answer.at))
    }

    /// Why a channel is closed for the customer's present address, if it is.
    #[must_use]
    pub fn suppressed(&self, channel: Channel, now: Timestamp) -> Option<SuppressionCause> {
        let address = self.profile.address(channel).map(|address| address.digest());
        self.permissions.closed_by(channel, address.as_deref(), now)
    }

    /// What holds for the customer's present address on a channel, whichever customer has it.
    #[must_use]
    pub fn of_address(&self, channel: Channel) -> Permissions {
        let address = self.profile.address(channel).map(|address| address.digest());
        self.permissions.of_address(channel, address.as_deref())
    }

    /// Returns the instant to note for a statement that the customer makes at `now`: later than anything that is
    /// known of their wishes, so that their latest statement holds even if the clock behind an earlier one
    /// was ahead, or two acts fall into one millisecond.
    #[must_use]
    pub fn next_statement_at(&self, now: Timestamp) -> Timestamp {
        let answered = self.nps.as_ref().map(|answer| answer.at);
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
            Condition::Answered => self.nps.as_ref().is_some_and(|answer| since < answer.at && answer.at <= now),
            // Never true here; a message with such a condition is not attempted by this version at all.
            Condition::Unrecognised(_) => false,
        }
    }
}
