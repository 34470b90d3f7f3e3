//! Mailboxes: an e-mail address or a phone number of a shop, whichever customers have it.
//!
//! What a person says about an address, and what is counted for them, holds for the address. Two customers with one address
//! are one recipient: they share the frequency cap, and of one step they get one message. A message takes a *place* in its
//! mailbox before it is claimed; [`place_for`] is the rule by which it may keep it.

use crate::channel::Channel;
use crate::contact::Address;
use crate::customer::{Contact, Customer, Folded, Permissions};
use crate::decide::{Verdict, free_at};
use crate::facts::{Fact, SuppressionCause};
use crate::id::{CustomerId, MessageId, ShopId, short_digest};
use crate::message::{Message, MessageState};
use crate::policy::{Journey, Policy};
use crate::reason::Reason;
use crate::time::Period;
use crate::triggers::Repeat;
use jiff::Timestamp;

/// How soon a message is looked at again that waits for another one, of the same mailbox, whose outcome is open.
const OPEN_CHECK: Period = Period::seconds(15 * 60);

/// Which mailbox.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailboxKey {
    /// The shop.
    pub shop: ShopId,
    /// The channel on which messages go to it.
    pub channel: Channel,
    /// The keyed fingerprint of the address or number.
    pub fingerprint: String,
}

/// What is known of a mailbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mailbox {
    /// What was said about it, under any id.
    pub said: Permissions,
    /// That it is on the shop's list.
    pub listed: Option<Listed>,
    /// The messages that have, or had, a place in it.
    pub places: Vec<Place>,
}

/// That an address is on a shop's list of those that must not be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Why.
    pub cause: SuppressionCause,
    /// Since when.
    pub at: Timestamp,
    /// Until when; absent means for good.
    pub until: Option<Timestamp>,
}

/// A message that has, or had, a place in a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The message.
    pub message: MessageId,
    /// The revision of the message at which it took the place.
    pub revision: u64,
    /// Whose message it is.
    pub customer: CustomerId,
    /// Which step it is, as [`step_digest`] names it.
    pub step: String,
    /// When it took the place.
    pub at: Timestamp,
}

/// What became of a message that has a place. One that did not go out has none any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It may still go out, or be withdrawn.
    Open,
    /// It went out, or it is not known that it did not.
    Sent,
}

impl Fate {
    /// What became of a message; none if it did not go out and never will.
    #[must_use]
    pub fn of_message(message: &Message) -> Option<Self> {
        match message.state {
            MessageState::Cancelled | MessageState::Failed => None,
            state if state.is_open() => Some(Self::Open),
            _ => Some(Self::Sent),
        }
    }
}

/// Whether a message may keep its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceVerdict {
    /// It may go out.
    Keep,
    /// The mailbox is full: it waits, without a place, until then.
    Wait(Timestamp),
    /// The mailbox got this step for another customer.
    Duplicate,
}

impl Mailbox {
    /// Returns what a customer allows with what holds for their address on a channel, whichever customer said it.
    #[must_use]
    pub fn with(&self, own: &Permissions, channel: Channel, now: Timestamp) -> Permissions {
        let mut all = own.clone();
        all.join(&self.said);
        let listed = self.listed.filter(|listed| listed.until.is_none_or(|until| now < until));
        if let Some(listed) = listed {
            all.closures_mut().list(channel, listed.cause, listed.at);
        }
        all
    }

    /// Returns a customer as [`Mailbox::with`] has their permissions, to be asked and never stored.
    #[must_use]
    pub fn applied_to(&self, customer: &Customer, channel: Channel, now: Timestamp) -> Customer {
        let mut applied = customer.clone();
        applied.folded.permissions = self.with(&customer.folded.permissions, channel, now);
        applied
    }

    /// The places of other messages that a message has to do with; none if no other customer has a place here. What became of
    /// each is what [`place_for`] asks.
    #[must_use]
    pub fn places_beside(
        &self,
        policy: &Policy,
        message: &Message,
        customer: &CustomerId,
        now: Timestamp,
    ) -> Vec<&Place> {
        let others: Vec<&Place> = self.places.iter().filter(|place| place.message != message.id).collect();
        if others.iter().all(|place| place.customer == *customer) {
            return Vec::new();
        }
        relevant(policy, message, &others, now).collect()
    }

    /// Whether the shop's list says no more than the person took back: they listed themselves, and said yes later.
    #[must_use]
    pub fn is_off_the_list(&self, channel: Channel) -> bool {
        let own_yes = self.said.last_own_yes(channel);
        self.listed.is_some_and(|listed| listed.cause.is_customers_own() && own_yes.is_some_and(|yes| listed.at < yes))
    }
}

impl PlaceVerdict {
    /// What becomes of the message.
    #[must_use]
    pub fn for_message(self, message: &Message) -> Verdict {
        match self {
            Self::Keep => Verdict::Send,
            Self::Wait(until) => Verdict::Later(until.min(message.not_after)),
            Self::Duplicate => Verdict::Withdraw(Reason::SameMailbox),
        }
    }
}

/// What is to be noted at the mailbox of a customer's present address once `facts` are folded: what these facts say, or, of an
/// address that is new, everything that they ever said. `before` is what was folded before, none if the whole history is
/// counted again.
#[must_use]
pub fn news_for_mailbox(before: Option<&Folded>, folded: &Folded, facts: &[Fact], channel: Channel) -> Permissions {
    let address = folded.profile.address(channel);
    let is_news = before.is_none_or(|before| {
        before.profile.address(channel) != address
            || folded.permissions.shop_reports_other_refusals(&before.permissions, channel)
    });
    match address {
        None => Permissions::default(),
        Some(_) if is_news => folded.of_address(channel),
        Some(address) => said_in(facts, channel, &address),
    }
}

/// What facts about a customer say about an address of theirs on a channel.
#[must_use]
pub fn said_in(facts: &[Fact], channel: Channel, address: &Address) -> Permissions {
    let mut said = Permissions::default();
    facts.iter().for_each(|fact| said.apply_fact(fact));
    said.of_address(channel, Some(&address.digest()))
}

/// The name of a message's step among the places of a mailbox.
#[must_use]
pub fn step_digest(message: &Message) -> String {
    short_digest(&["step", &message.journey, &message.step], 10)
}

/// Whether a message of `customer` may keep its place, given the other places of its mailbox and what became of their messages.
///
/// A customer who has the mailbox alone always keeps it: their own cap was judged when the message was created. Others make
/// a message wait as it would for its own customer's cap, or are the reason why it does not come: one welcome for ever; of
/// another step one within the time in which one customer would not get it twice.
#[must_use]
pub fn place_for(
    policy: &Policy,
    message: &Message,
    customer: &CustomerId,
    others: &[(&Place, Fate)],
    now: Timestamp,
) -> PlaceVerdict {
    if others.iter().all(|(place, _)| place.customer == *customer) {
        return PlaceVerdict::Keep;
    }
    let step = step_digest(message);
    let same = others.iter().filter(|(place, _)| place.customer != *customer && place.step == step);
    let repeated = same.filter(|(place, _)| !may_repeat(policy, message, place.at, now));
    if let Some(fate) = repeated.map(|(_, fate)| *fate).max_by_key(|fate| *fate == Fate::Sent) {
        return match fate {
            Fate::Sent => PlaceVerdict::Duplicate,
            Fate::Open => PlaceVerdict::Wait(OPEN_CHECK.after(now)),
        };
    }
    let contacts: Vec<Contact> = others
        .iter()
        .map(|(place, fate)| Contact {
            message: place.message.clone(),
            channel: message.channel,
            at: place.at,
            check_at: (*fate == Fate::Open).then_some(place.at),
        })
        .collect();
    match free_at(&policy.frequency_cap, &contacts, message.channel, now) {
        at if at <= now => PlaceVerdict::Keep,
        // Messages that are open fill it: which of them go out is known soon.
        at if at == Timestamp::MAX => PlaceVerdict::Wait(OPEN_CHECK.after(now)),
        at => PlaceVerdict::Wait(at),
    }
}

/// The places that can matter to a message: within the window of the cap, or of the same step.
fn relevant<'p>(
    policy: &Policy,
    message: &Message,
    places: &[&'p Place],
    now: Timestamp,
) -> impl Iterator<Item = &'p Place> {
    let (window, step) = (counted(policy), step_digest(message));
    places.iter().copied().filter(move |place| window.after(place.at) > now || place.step == step)
}

/// How long a place counts towards the cap or the gap.
fn counted(policy: &Policy) -> Period {
    policy.frequency_cap.window.max(policy.frequency_cap.min_gap)
}

/// The places that no rule asks about any more: out of the window of the cap, and not the latest of their step.
pub fn stale<'p>(policy: &Policy, places: &'p [Place], now: Timestamp) -> impl Iterator<Item = &'p Place> {
    let window = counted(policy);
    let is_superseded = |place: &Place| {
        places.iter().any(|other| other.step == place.step && (other.at, &other.message) > (place.at, &place.message))
    };
    places.iter().filter(move |place| window.after(place.at) <= now && is_superseded(place))
}

/// Whether a mailbox that got a step at `at` may get the step of this message now.
fn may_repeat(policy: &Policy, message: &Message, at: Timestamp, now: Timestamp) -> bool {
    let Some(journey) = policy.journey(&message.journey) else { return true };
    match journey.trigger.repeats() {
        Repeat::Never => false,
        Repeat::AfterTheRun => journey.at_most_every.unwrap_or_else(|| length(journey)).after(at) <= now,
        Repeat::AtOnce => true,
    }
}

/// How long a run of a journey takes at most, tasks that are waited for aside.
fn length(journey: &Journey) -> Period {
    let seconds = journey.steps.iter().map(|step| step.delay.as_seconds() + step.not_after.as_seconds()).max();
    Period::seconds(seconds.unwrap_or_default())
}
