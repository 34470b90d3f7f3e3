//! How a customer reacted lately, folded from facts. Clicks of programs that check mails do not count.

use crate::clicks::are_at_once;
use crate::facts::{Reaction, ReactionKind};
use crate::id::MessageId;
use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

/// How many clicks are kept: the latest. A mail has fewer links that a person follows one after the other.
const MAX_CLICKS: usize = 8;

/// How a customer reacted lately.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reactions {
    #[serde(rename = "v", skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    visited_at: Option<Timestamp>,
    #[serde(rename = "r", skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    replied_at: Option<Timestamp>,
    /// In order of time; the latest [`MAX_CLICKS`].
    #[serde(rename = "c", skip_serializing_if = "Vec::is_empty")]
    clicks: Vec<Click>,
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
                let click = Click { at, message, run, link };
                if let Err(place) = self.clicks.binary_search(&click) {
                    self.clicks.insert(place, click);
                }
                if self.clicks.len() > MAX_CLICKS {
                    self.clicks.remove(0);
                }
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

    /// Clicks of which none on another link came at once, be it in the same message or in another one. The shop may report
    /// in its own words, without a message, a click that the provider reports too.
    fn clicks_of_people(&self) -> impl Iterator<Item = &Click> {
        let are_two_links = |one: &Click, other: &Click| {
            one.message.is_some() == other.message.is_some()
                && (&one.message, &one.link) != (&other.message, &other.link)
                && are_at_once(one.at, other.at)
        };
        self.clicks.iter().filter(move |click| !self.clicks.iter().any(|other| are_two_links(click, other)))
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
    fn the_links_of_several_messages_at_once_are_followed_by_a_program() {
        let mut reactions = Reactions::default();
        for (second, message) in [(10, "a"), (12, "b"), (13, "c"), (17, "a")] {
            let message = MessageId::parse(&message.repeat(26)).ok();
            let reaction =
                Reaction { how: ReactionKind::Click, message, run: Some("run".to_owned()), link: Some("l".to_owned()) };
            reactions.apply(&reaction, Timestamp::from_second(second).expect("an instant"));
        }
        assert_eq!(reactions.latest(), None);
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
        assert_eq!(first.clicks.len(), MAX_CLICKS);
    }
}
