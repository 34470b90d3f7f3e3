//! The mailboxes of a household: what its customers share.

use crate::identifiers::fingerprint;
use jiff::Timestamp;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::customer::{Customer, Folded};
use rekindle_lifecycle::decide::Verdict;
use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::id::MessageId;
use rekindle_lifecycle::mailbox::{Fate, Mailbox, Place, news_for_mailbox, place_for, stale, step_digest};
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::policy::Policy;
use std::collections::BTreeMap;

/// The mailboxes of a household, by channel and fingerprint of the address.
#[derive(Default)]
pub(crate) struct Mailboxes(BTreeMap<(Channel, String), Mailbox>);

impl Mailboxes {
    /// Notes at a customer's mailboxes what new facts say.
    pub(crate) fn note(&mut self, before: &Folded, folded: &Folded, facts: &[Fact]) {
        for channel in Channel::with_addresses() {
            let said = news_for_mailbox(Some(before), folded, facts, channel);
            if !said.is_empty()
                && let Some(mailbox) = self.of_mut(folded, channel)
            {
                mailbox.said.join(&said);
            }
        }
    }

    /// A customer with what holds for their address on a channel.
    pub(crate) fn applied_to(&self, customer: &Customer, channel: Channel, now: Timestamp) -> Customer {
        match self.of(&customer.folded, channel) {
            Some(mailbox) => mailbox.applied_to(customer, channel, now),
            None => customer.clone(),
        }
    }

    /// A customer with what holds for all of their addresses.
    pub(crate) fn all_applied_to(&self, customer: &Customer, now: Timestamp) -> Customer {
        Channel::with_addresses().fold(customer.clone(), |applied, channel| self.applied_to(&applied, channel, now))
    }

    /// Takes a place for a message that may go out otherwise, unless it may not keep it beside the others. `fate` says what became
    /// of a message of another customer. A channel without addresses has no mailboxes.
    pub(crate) fn take_place(
        &mut self,
        policy: &Policy,
        customer: &Customer,
        message: &Message,
        fate: impl Fn(&MessageId) -> Option<Fate>,
        now: Timestamp,
    ) -> Verdict {
        let Some(mailbox) = self.of_mut(&customer.folded, message.channel) else { return Verdict::Send };
        let places = mailbox.places_beside(policy, message, &customer.id, now);
        let known: Vec<(&Place, Fate)> = places
            .into_iter()
            .filter_map(|place| {
                // Their own messages keep the cap already.
                let fate = if place.customer == customer.id { Some(Fate::Sent) } else { fate(&place.message) };
                fate.map(|fate| (place, fate))
            })
            .collect();
        let found = place_for(policy, message, &customer.id, &known, now).for_message(message);
        if found == Verdict::Send {
            let old: Vec<MessageId> = stale(policy, &mailbox.places, now).map(|place| place.message.clone()).collect();
            mailbox.places.retain(|place| !old.contains(&place.message));
            mailbox.places.push(Place {
                message: message.id.clone(),
                revision: message.revision,
                customer: customer.id.clone(),
                step: step_digest(message),
                at: now,
            });
        }
        found
    }

    fn of(&self, folded: &Folded, channel: Channel) -> Option<&Mailbox> {
        let address = folded.profile.address(channel)?;
        self.0.get(&(channel, fingerprint(&address)))
    }

    fn of_mut(&mut self, folded: &Folded, channel: Channel) -> Option<&mut Mailbox> {
        let address = folded.profile.address(channel)?;
        Some(self.0.entry((channel, fingerprint(&address))).or_default())
    }
}
