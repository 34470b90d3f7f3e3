//! What was decided about a customer.

use super::draw::{self, Draw};
use super::run::Run;
use super::standing::Standing;
use crate::channel::Channel;
use crate::id::{MessageId, OrderId};
use crate::message::Message;
use crate::policy::Journey;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was decided about a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Decided {
    /// The latest run of each journey, by the journey's id.
    #[serde(rename = "ru", skip_serializing_if = "BTreeMap::is_empty")]
    pub runs: BTreeMap<String, Run>,
    /// In which arm of which experiment the customer is, the earliest draw first; at most [`MAX_DRAWS`](super::MAX_DRAWS).
    #[serde(rename = "dr", skip_serializing_if = "Vec::is_empty")]
    pub draws: Vec<Draw>,
    /// Messages that are open or that the frequency cap still counts, oldest first.
    #[serde(rename = "co", skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// What was decided about the referral code that the customer came with.
    #[serde(rename = "cl", skip_serializing_if = "Option::is_none")]
    pub claim: Option<ReportedClaim>,
    /// The decisions about the friends they referred, by the friend.
    #[serde(rename = "rf", skip_serializing_if = "BTreeMap::is_empty")]
    pub judged: BTreeMap<String, Judged>,
    /// Until when a customer who came with old orders only is kept out of journeys.
    #[serde(rename = "ac", skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    pub activates_at: Option<Timestamp>,
    /// What the id is to the customer whom it belongs to.
    #[serde(rename = "id", skip_serializing_if = "Standing::is_plain")]
    pub standing: Standing,
    /// The next instant at which anything can change, not counting checks of open messages.
    #[serde(rename = "ne", skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    pub next_at: Option<Timestamp>,
}

impl Decided {
    /// Adds what was decided under another id of the same customer, so that nothing comes again: of each journey the later run
    /// stays, with the steps of both if it is the same run, and the messages of both count towards the cap. Open ones are
    /// checked under their own id.
    pub fn join(&mut self, other: &Self) {
        for (journey, theirs) in &other.runs {
            match self.runs.get_mut(journey) {
                Some(ours) => ours.join(theirs),
                None => {
                    self.runs.insert(journey.clone(), theirs.clone());
                }
            }
        }
        for theirs in &other.draws {
            self.note_draw(theirs.clone());
        }
        for contact in &other.contacts {
            if self.contacts.iter().all(|known| known.message != contact.message) {
                self.contacts.push(Contact { check_at: None, ..contact.clone() });
            }
        }
        self.contacts.sort_by(|one, other| (one.at, &one.message).cmp(&(other.at, &other.message)));
        let claims = [self.claim.take(), other.claim.clone()].into_iter().flatten();
        self.claim = claims.min_by(|one, other| (one.at, &one.code).cmp(&(other.at, &other.code)));
        for (friend, judged) in &other.judged {
            self.judged.entry(friend.clone()).or_insert(*judged);
        }
    }

    /// Notes an arm that was drawn, unless the customer is in that trial already.
    pub(crate) fn note_draw(&mut self, draw: Draw) {
        draw::note(&mut self.draws, draw);
    }

    /// Drops the draws that are too old to say anything.
    pub(crate) fn forget_old_draws(&mut self, today: Date) {
        draw::forget_old(&mut self.draws, today);
    }

    /// Takes back that a message was created, because it is withdrawn unsent: under the id with which this one is joined, its
    /// step may come.
    pub fn take_back(&mut self, message: &Message, journey: Option<&Journey>) {
        self.contacts.retain(|contact| contact.message != message.id);
        let run = self.runs.get_mut(&message.journey).filter(|run| run.id == message.run);
        if let Some((run, journey)) = run.zip(journey) {
            run.take_back(&message.step, journey);
        }
    }
}

/// What was reported to the referrer about this customer's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedClaim {
    /// The code.
    #[serde(rename = "c")]
    pub code: String,
    /// The order; none if there was nothing to report because the customer was not new.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderId>,
    /// When it was placed.
    #[serde(rename = "a", with = "millisecond::required")]
    pub at: Timestamp,
    /// It was reported that the order does not count any more.
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
    /// While it is open: when its state is checked.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    pub check_at: Option<Timestamp>,
}
