//! `unconfirmed:…`: the shop reported consent to a channel that needs the customer's own (double opt-in). One question is
//! enough, however often the shop repeats the consent: a customer who does not answer has not consented.

use super::rule::{Found, Start, TriggerRule};
use super::situation::Situation;
use crate::channel::Channel;
use crate::customer::Run;
use crate::message::Requirement;
use crate::reason::Reason;
use jiff::civil::Date;

/// A reported consent to this channel that waits for the customer's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsentUnconfirmed(Channel);

impl TriggerRule for ConsentUnconfirmed {
    fn form() -> String {
        let channels: Vec<&str> = Channel::confirmable().map(|channel| channel.word()).collect();
        format!("unconfirmed:<{}>", channels.join("|"))
    }

    fn from_words(words: &str) -> Option<Self> {
        let channel = Channel::parse(words.strip_prefix("unconfirmed:")?)?;
        Channel::confirmable().find(|confirmable| *confirmable == channel).map(Self)
    }

    fn words(&self) -> String {
        format!("unconfirmed:{}", self.0.word())
    }

    fn start(&self, situation: &Situation<'_>, previous: Option<&Run>) -> Found {
        let permissions = &situation.customer.folded.permissions;
        let since = permissions.unconfirmed_since(situation.consent, self.0);
        let since = since.filter(|since| previous.is_none() && situation.is_fresh(*since));
        let start = since.map(|since| Start {
            id: "once".to_owned(),
            at: since,
            because: format!("the shop passed on a yes to {} on {}", self.0, situation.day(since)),
        });
        start.into()
    }

    fn end(&self, situation: &Situation<'_>, _: &Run) -> Option<Reason> {
        let since = situation.customer.folded.permissions.unconfirmed_since(situation.consent, self.0);
        since.is_none().then_some(Reason::Settled)
    }

    fn requirement(&self) -> Requirement {
        Requirement::Unconfirmed
    }

    fn sentence(&self, day: Date) -> String {
        format!("a yes to {} that the shop passed on on {day}", self.0)
    }

    fn is_in_experiments(&self) -> bool {
        false
    }

    fn only_channel(&self) -> Option<Channel> {
        Some(self.0)
    }
}
