//! How a customer reacted lately, folded from facts. Clicks of programs that check mails do not count.

use crate::clicks::are_at_once;
use crate::facts::{Reaction, ReactionKind};
use crate::id::MessageId;
use jiff::fmt::serde::timestamp::millisecond;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How many clicks are kept: the latest. A burst of a program is one.
const MAX_CLICKS: usize = 8;

/// How a customer reacted lately.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Reactions {
    visited_at: Option<Timestamp>,
    replied_at: Option<Timestamp>,
    /// In order of time; the latest [`MAX_CLICKS`].
    clicks: Vec<Seen>,
}

/// What is kept of clicks.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    /// A click that a person may have made.
    Click(Click),
    /// Clicks of a program: from when to when. Which links they were on does not matter any more, so a burst takes no more
    /// room than two instants.
    Burst { from: Timestamp, to: Timestamp },
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Click {
    #[serde(rename = "a", with = "millisecond::required")]
    at: Timestamp,
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    message: Option<MessageId>,
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    run: Option<String>,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

/// The form in a customer's item. An earlier version kept the clicks of programs in full; it reads no bursts.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    #[serde(rename = "v", skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    visited_at: Option<Timestamp>,
    #[serde(rename = "r", skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    replied_at: Option<Timestamp>,
    #[serde(rename = "c", skip_serializing_if = "Vec::is_empty")]
    clicks: Vec<Click>,
    /// The beginning of each burst and its length, in milliseconds.
    #[serde(rename = "p", skip_serializing_if = "Vec::is_empty")]
    bursts: Vec<(i64, i64)>,
}

impl From<Reactions> for Stored {
    fn from(reactions: Reactions) -> Self {
        let Reactions { visited_at, replied_at, clicks: seen } = reactions;
        let (mut clicks, mut bursts) = (Vec::new(), Vec::new());
        for seen in seen {
            match seen {
                Seen::Click(click) => clicks.push(click),
                Seen::Burst { from, to } => {
                    bursts.push((from.as_millisecond(), to.as_millisecond() - from.as_millisecond()));
                }
            }
        }
        Self { visited_at, replied_at, clicks, bursts }
    }
}

impl From<Stored> for Reactions {
    fn from(stored: Stored) -> Self {
        let Stored { visited_at, replied_at, clicks, bursts } = stored;
        let bursts = bursts.into_iter().filter_map(|(from, length)| {
            let from = Timestamp::from_millisecond(from).ok()?;
            Some(Seen::Burst { from, to: from.checked_add(SignedDuration::from_millis(length)).ok()? })
        });
        let clicks = clicks.into_iter().map(Seen::Click).chain(bursts).collect();
        Self { visited_at, replied_at, clicks: latest(with_bursts(clicks)) }
    }
}

impl Seen {
    fn begins_at(&self) -> Timestamp {
        match self {
            Self::Click(click) => click.at,
            Self::Burst { from, .. } => *from,
        }
    }

    fn ends_at(&self) -> Timestamp {
        match self {
            Self::Click(click) => click.at,
            Self::Burst { to, .. } => *to,
        }
    }
}

/// Finds the bursts: clicks each of which follows the one before it at once, and which are on different links, of one message
/// or of several. A burst takes in what is close to it. The result does not depend on the order in which clicks came.
fn with_bursts(mut seen: Vec<Seen>) -> Vec<Seen> {
    seen.sort_by(|one, other| (one.begins_at(), click_of(one)).cmp(&(other.begins_at(), click_of(other))));
    seen.dedup();
    let mut found: Vec<Seen> = Vec::with_capacity(seen.len());
    let mut rest = seen.into_iter().peekable();
    while let Some(first) = rest.next() {
        let (from, mut to) = (first.begins_at(), first.ends_at());
        let mut together = vec![first];
        while let Some(next) = rest.next_if(|next| next.begins_at() <= to || are_at_once(to, next.begins_at())) {
            to = to.max(next.ends_at());
            together.push(next);
        }
        let link = |seen: &Seen| click_of(seen).map(|click| (click.message.clone(), click.link.clone()));
        let first_link = together.first().and_then(link);
        if together.iter().all(|seen| matches!(seen, Seen::Click(_)) && link(seen) == first_link) {
            found.append(&mut together);
        } else {
            found.push(Seen::Burst { from, to });
        }
    }
    found
}

fn click_of(seen: &Seen) -> Option<&Click> {
    match seen {
        Seen::Click(click) => Some(click),
        Seen::Burst { .. } => None,
    }
}

fn latest(mut seen: Vec<Seen>) -> Vec<Seen> {
    seen.split_off(seen.len().saturating_sub(MAX_CLICKS))
}

impl Reactions {
    /// Adds a reaction. The same reactions in any order, any number of times, give the same result.
    pub fn apply(&mut self, reaction: &Reaction, at: Timestamp) {
        match reaction.how {
            ReactionKind::Visit => self.visited_at = self.visited_at.max(Some(at)),
            ReactionKind::Reply => self.replied_at = self.replied_at.max(Some(at)),
            // Left to the version that knows what the customer did.
            ReactionKind::Unrecognised(_) => {}
            ReactionKind::Click => {
                let Reaction { message, run, link, .. } = reaction.clone();
                let mut clicks = std::mem::take(&mut self.clicks);
                clicks.push(Seen::Click(Click { at, message, run, link }));
                self.clicks = latest(with_bursts(clicks));
            }
        }
    }

    /// Whether the customer never reacted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns when the customer last clicked, visited or replied.
    #[must_use]
    pub fn latest(&self) -> Option<Timestamp> {
        self.clicks_of_people().map(|click| click.at).chain(self.visited_at).chain(self.replied_at).max()
    }

    /// Whether the customer followed a link of a message of the run (as [`crate::id::run_digest`] names it).
    #[must_use]
    pub fn clicked_in(&self, run: &str, now: Timestamp) -> bool {
        self.clicks_of_people().any(|click| click.run.as_deref() == Some(run) && click.at <= now)
    }

    /// Whether the customer came to the shop after `since`, or followed a link that belongs to no message of ours.
    #[must_use]
    pub fn visited_since(&self, since: Timestamp, now: Timestamp) -> bool {
        let elsewhere = self.clicks_of_people().filter(|click| click.run.is_none()).map(|click| click.at);
        elsewhere.chain(self.visited_at).any(|at| since < at && at <= now)
    }

    /// Whether the customer wrote back after `since`.
    #[must_use]
    pub fn replied_since(&self, since: Timestamp, now: Timestamp) -> bool {
        self.replied_at.is_some_and(|at| since < at && at <= now)
    }

    fn clicks_of_people(&self) -> impl Iterator<Item = &Click> {
        self.clicks.iter().filter_map(click_of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reactions(clicks: &[(i64, &str)]) -> Reactions {
        let mut reactions = Reactions::default();
        for (second, link) in clicks {
            let reaction = Reaction {
                how: ReactionKind::Click,
                message: MessageId::parse(&"a".repeat(26)).ok(),
                run: Some("run".to_owned()),
                link: Some((*link).to_owned()),
            };
            reactions.apply(&reaction, Timestamp::from_second(*second).expect("an instant"));
        }
        reactions
    }

    const LATER: Timestamp = Timestamp::MAX;

    #[test]
    fn a_visitor_who_follows_every_link_at_once_is_a_program() {
        assert!(reactions(&[(10, "a")]).clicked_in("run", LATER));
        assert!(reactions(&[(10, "a"), (11, "a")]).clicked_in("run", LATER), "the same link twice is a double click");
        assert!(!reactions(&[(10, "a"), (12, "b"), (13, "c")]).clicked_in("run", LATER));
        assert!(reactions(&[(10, "a"), (12, "b"), (90, "a")]).clicked_in("run", LATER), "a person came after it");
        assert_eq!(reactions(&[(10, "a"), (12, "b")]).latest(), None);
    }

    #[test]
    fn the_links_of_several_messages_at_once_are_followed_by_a_program_and_leave_two_instants() {
        let mut reactions = Reactions::default();
        for (second, message) in [(10, "a"), (12, "b"), (13, "c"), (17, "a")] {
            let message = MessageId::parse(&message.repeat(26)).ok();
            let reaction =
                Reaction { how: ReactionKind::Click, message, run: Some("run".to_owned()), link: Some("l".to_owned()) };
            reactions.apply(&reaction, Timestamp::from_second(second).expect("an instant"));
        }
        assert_eq!(reactions.latest(), None);
        let stored = serde_json::to_string(&reactions).expect("JSON");
        assert_eq!(stored, r#"{"p":[[10000,7000]]}"#);
        assert_eq!(serde_json::from_str::<Reactions>(&stored).expect("JSON"), reactions);
    }

    #[test]
    fn clicks_of_programs_that_an_earlier_version_kept_become_bursts() {
        let stored =
            r#"{"c":[{"a":1000,"r":"run","l":"x"},{"a":2000,"r":"run","l":"y"},{"a":90000,"r":"run","l":"y"}]}"#;
        let reactions: Reactions = serde_json::from_str(stored).expect("JSON");
        assert_eq!(reactions.latest(), Timestamp::from_second(90).ok());
        let stored = serde_json::to_string(&reactions).expect("JSON");
        assert_eq!(stored, r#"{"c":[{"a":90000,"r":"run","l":"y"}],"p":[[1000,1000]]}"#);
    }

    #[test]
    fn the_latest_of_clicks_visits_and_replies_is_the_last_reaction() {
        let second = |number| Timestamp::from_second(number).expect("an instant");
        let mut reactions = reactions(&[(10, "a"), (90, "b")]);
        assert_eq!(reactions.latest(), Some(second(90)));
        let mut apply = |how, at| {
            reactions.apply(&Reaction { how, message: None, run: None, link: None }, second(at));
            reactions.latest()
        };
        assert_eq!(apply(ReactionKind::Visit, 50), Some(second(90)));
        assert_eq!(apply(ReactionKind::Visit, 100), Some(second(100)));
        assert_eq!(apply(ReactionKind::Reply, 110), Some(second(110)));
    }

    #[test]
    fn two_links_followed_five_seconds_apart_were_followed_by_a_person() {
        assert!(reactions(&[(10, "a"), (15, "b")]).clicked_in("run", LATER));
        assert!(!reactions(&[(10, "a"), (14, "b")]).clicked_in("run", LATER));
    }

    #[test]
    fn a_click_counts_for_its_own_run_only() {
        assert!(!reactions(&[(10, "a")]).clicked_in("another", LATER));
        assert!(!reactions(&[(10, "a")]).visited_since(Timestamp::UNIX_EPOCH, LATER));
    }

    #[test]
    fn the_order_of_arrival_does_not_matter() {
        let mut clicks: Vec<(i64, String)> = (0..20).map(|n| (n * 7 % 60, format!("l{}", n % 3))).collect();
        let told = |clicks: &[(i64, String)]| {
            reactions(&clicks.iter().map(|(at, link)| (*at, link.as_str())).collect::<Vec<_>>())
        };
        let first = told(&clicks);
        clicks.reverse();
        assert_eq!(first, told(&clicks));
        clicks.rotate_left(7);
        assert_eq!(first, told(&clicks));
        let apart: Vec<(i64, String)> = (0..20).map(|n| (n * 60, format!("l{}", n % 3))).collect();
        assert_eq!(told(&apart).clicks.len(), MAX_CLICKS);
    }
}
