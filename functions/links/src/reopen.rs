//! Storing what a customer states, where their yes is a way back: an address that a complaint or a STOP put on the shop's
//! list and on the provider's is taken off both first. So an answer that the yes is saved is true: the next message goes out.

use crate::Links;
use crate::error::LinksError;
use crate::visit::Visit;
use jiff::Timestamp;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::facts::{Event, Fact, SuppressionCause};
use rekindle_messaging::ReleaseError;

impl Links {
    /// Stores statements of the customer, which have taken effect when this returns. Returns the channels that the customer
    /// wants and whose provider does not take the address off its list now; what concerns these is not stored. A stop in
    /// between leaves the channel closed, and a repetition does the rest.
    pub(crate) async fn store_statements(&self, visit: &Visit, facts: Vec<Fact>) -> Result<Vec<Channel>, LinksError> {
        let mut not_reopened = Vec::new();
        for channel in Channel::KNOWN {
            let yes = facts.iter().filter(|fact| is_own_yes(fact, channel)).map(|fact| fact.at).max();
            let Some(yes_at) = yes else { continue };
            match self.reopen(visit, channel, yes_at).await {
                Ok(()) => {}
                Err(LinksError::Provider(ReleaseError::TooSoon)) => not_reopened.push(channel),
                Err(error) => return Err(error),
            }
        }
        let kept: Vec<Fact> =
            facts.into_iter().filter(|fact| !not_reopened.iter().any(|channel| is_own_yes(fact, *channel))).collect();
        if !kept.is_empty() {
            visit.say(self, &kept).await?;
        }
        Ok(not_reopened)
    }

    /// Takes the customer's address off the provider's list and then off the shop's, if the customer's own act put it there.
    async fn reopen(&self, visit: &Visit, channel: Channel, yes_at: Timestamp) -> Result<(), LinksError> {
        let folded = &visit.customer.folded;
        let Some(address) = folded.profile.address(channel) else { return Ok(()) };
        let (shop, fingerprint) = (&visit.key.shop, self.link_keys.address_fingerprint(&address));
        let listed = self.store.suppression(shop, channel, &fingerprint).await?;
        let listed = listed.filter(|listed| is_own_act(listed.cause) && listed.at <= yes_at);
        let is_closed = folded.suppressed(channel, visit.now).is_some_and(is_own_act);
        if listed.is_none() && !is_closed {
            return Ok(());
        }
        self.provider_lists.release(&address).await?;
        if listed.is_some() {
            self.store.remove_suppression(shop, channel, &fingerprint).await?;
        }
        Ok(())
    }
}

/// Whether a fact is the customer's own yes to a channel.
fn is_own_yes(fact: &Fact, channel: Channel) -> bool {
    matches!(&fact.event, Event::Consent(consent) if consent.channel == channel && consent.granted && consent.own)
}

fn is_own_act(cause: SuppressionCause) -> bool {
    matches!(cause, SuppressionCause::Complaint | SuppressionCause::Stop)
}
