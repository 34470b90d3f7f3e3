//! How a customer reacted lately, folded from facts. Clicks of programs that check mails do not count.

use crate::clicks::{MIN_TIME_BETWEEN_LINKS, are_at_once};
use crate::facts::{Reaction, ReactionKind};
use crate::id::MessageId;
use jiff::fmt::serde::timestamp::millisecond;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many moments with clicks are kept: the latest.
const MAX_MOMENTS: usize = 8;

/// How a customer reacted lately.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Reactions {
    visited_at: Option<Timestamp>,
    replied_at: Option<Timestamp>,
    /// Clicks by moment; the latest [`MAX_MOMENTS`].
    clicks: BTreeMap<Moment, Clicks>,
}

/// A stretch of time so short that all clicks within it are at once. Its bounds are the same for every customer, so it does
/// not depend on the order in which clicks arrive which of them share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Moment {
    /// Counted in [`MIN_TIME_BETWEEN_LINKS`] since 1970.
    number: i64,
    /// Clicks in messages and others are kept apart: the shop may report in its own words a click that the provider reports
    /// too.
    in_message: bool,
}

/// The clicks of a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Clicks {
    from: Timestamp,
    to: Timestamp,
    /// The link, if all were on one. Links that a program followed do not matter any more, so they take no room.
    link: Option<Followed>,
}

/// The link of a click, and what it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Followed {
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    message: Option<MessageId>,
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    run: Option<String>,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

/// The form in a customer's item.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    #[serde(rename = "v", skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    visited_at: Option<Timestamp>,
    #[serde(rename = "r", skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    replied_at: Option<Timestamp>,
    #[serde(rename = "c", skip_serializing_if = "Vec::is_empty")]
    clicks: Vec<StoredClick>,
    /// Clicks on several links: for each moment when the first was and how much later the last, in milliseconds, and
    /// whether they were in messages. An earlier version kept them in full, and does not read these.
    #[serde(rename = "p", skip_serializing_if = "Vec::is_empty")]
    of_programs: Vec<(i64, i64, bool)>,
}

#[derive(Serialize, Deserialize)]
struct StoredClick {
    #[serde(rename = "a", with = "millisecond::required")]
    at: Timestamp,
    #[serde(flatten)]
    link: Followed,
}

impl From<Reactions> for Stored {
    fn from(reactions: Reactions) -> Self {
        let Reactions { visited_at, replied_at, clicks: moments } = reactions;
        let (mut clicks, mut of_programs) = (Vec::new(), Vec::new());
        for (Moment { in_message, .. }, Clicks { from, to, link }) in moments {
            match link {
                Some(link) if from == to => clicks.push(StoredClick { at: from, link }),
                Some(link) => clicks.extend([from, to].map(|at| StoredClick { at, link: link.clone() })),
                None => {
                    let from = from.as_millisecond();
                    of_programs.push((from, to.as_millisecond() - from, in_message));
                }
            }
        }
        Self { visited_at, replied_at, clicks, of_programs }
    }
}

impl From<Stored> for Reactions {
    fn from(stored: Stored) -> Self {
        let Stored { visited_at, replied_at, clicks, of_programs } = stored;
        let mut reactions = Self { visited_at, replied_at, clicks: BTreeMap::new() };
        for StoredClick { at, link } in clicks {
            reactions.add(link.message.is_some(), &Clicks { from: at, to: at, link: Some(link) });
        }
        for (from, length, in_message) in of_programs {
            let Ok(from) = Timestamp::from_millisecond(from) else { continue };
            let Ok(to) = from.checked_add(SignedDuration::from_millis(length)) else { continue };
            reactions.add(in_message, &Clicks { from, to, link: None });
        }
        reactions
    }
}

impl Clicks {
    /// Whether one of these, at `at`, and those of `other` were made by one program.
    fn are_by_one_program(&self, at: Timestamp, other: &Self) -> bool {
        let is_one_link = self.link.is_some() && self.link == other.link;
        !is_one_link && (are_at_once(at, other.from) || are_at_once(at, other.to))
    }
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
                let in_message = message.is_some();
                self.add(in_message, &Clicks { from: at, to: at, link: Some(Followed { message, run, link }) });
            }
        }
    }

    fn add(&mut self, in_message: bool, clicks: &Clicks) {
        let number = clicks.from.as_second().div_euclid(MIN_TIME_BETWEEN_LINKS.as_secs());
        let known = self.clicks.entry(Moment { number, in_message }).or_insert_with(|| clicks.clone());
        known.from = known.from.min(clicks.from);
        known.to = known.to.max(clicks.to);
        if known.link != clicks.link {
            known.link = None;
        }
        if self.clicks.len() > MAX_MOMENTS {
            self.clicks.pop_first();
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
        self.clicks_of_people().map(|(at, _)| at).chain(self.visited_at).chain(self.replied_at).max()
    }

    /// Whether the customer followed a link of a message of the run (as [`crate::id::run_digest`] names it).
    #[must_use]
    pub fn clicked_in(&self, run: &str, now: Timestamp) -> bool {
        self.clicks_of_people().any(|(at, link)| link.run.as_deref() == Some(run) && at <= now)
    }

    /// Whether the customer came to the shop after `since`, or followed a link that belongs to no message of ours.
    #[must_use]
    pub fn visited_since(&self, since: Timestamp, now: Timestamp) -> bool {
        let elsewhere = self.clicks_of_people().filter(|(_, link)| link.run.is_none()).map(|(at, _)| at);
        elsewhere.chain(self.visited_at).any(|at| since < at && at <= now)
    }

    /// Whether the customer wrote back after `since`.
    #[must_use]
    pub fn replied_since(&self, since: Timestamp, now: Timestamp) -> bool {
        self.replied_at.is_some_and(|at| since < at && at <= now)
    }

    /// Clicks of which none on another link came at once, be it in the same message or in another one.
    fn clicks_of_people(&self) -> impl Iterator<Item = (Timestamp, &Followed)> {
        self.clicks.iter().flat_map(move |(moment, clicks)| {
            let are_alone = |at: Timestamp| {
                let mut others = self.clicks.iter().filter(|(other, _)| other.in_message == moment.in_message);
                !others.any(|(_, others)| clicks.are_by_one_program(at, others))
            };
            let alone = [clicks.from, clicks.to]
                .map(|at| clicks.link.as_ref().filter(|_| are_alone(at)).map(|link| (at, link)));
            alone.into_iter().flatten()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reactions(clicks: &[(i64, &str)]) -> Reactions {
        let mut reactions = Reactions::default();
        for (second, link) in clicks {
            reactions.apply(&click(link), Timestamp::from_second(*second).expect("an instant"));
        }
        reactions
    }

    fn click(link: &str) -> Reaction {
        Reaction {
            how: ReactionKind::Click,
            message: MessageId::parse(&"a".repeat(26)).ok(),
            run: Some("run".to_owned()),
            link: Some(link.to_owned()),
        }
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
    fn what_a_program_followed_weighs_two_instants_a_moment_however_many_links_it_was() {
        let mut reactions = Reactions::default();
        for number in 0..40 {
            reactions.apply(
                &click(&format!("link-{number}")),
                Timestamp::from_millisecond(10_000 + number * 200).expect("an instant"),
            );
        }
        let stored = serde_json::to_string(&reactions).expect("JSON");
        assert_eq!(stored, r#"{"p":[[10000,4800,true],[15000,2800,true]]}"#);
        assert_eq!(serde_json::from_str::<Reactions>(&stored).expect("JSON"), reactions);
    }

    #[test]
    fn what_an_earlier_version_kept_means_what_it_meant() {
        let stored =
            r#"{"c":[{"a":1000,"r":"run","l":"x"},{"a":2000,"r":"run","l":"y"},{"a":90000,"r":"run","l":"y"}]}"#;
        let reactions: Reactions = serde_json::from_str(stored).expect("JSON");
        assert_eq!(reactions.latest(), Timestamp::from_second(90).ok());
        let stored = serde_json::to_string(&reactions).expect("JSON");
        assert_eq!(stored, r#"{"c":[{"a":90000,"r":"run","l":"y"}],"p":[[1000,1000,false]]}"#);
    }

    #[test]
    fn a_click_that_the_shop_reports_too_is_not_two_links() {
        let mut reactions = reactions(&[(10, "a")]);
        let told =
            Reaction { how: ReactionKind::Click, message: None, run: None, link: Some("https://shop".to_owned()) };
        reactions.apply(&told, Timestamp::from_second(11).expect("an instant"));
        assert!(reactions.clicked_in("run", LATER) && reactions.visited_since(Timestamp::UNIX_EPOCH, LATER));
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

    proptest::proptest! {
        #[test]
        fn the_order_of_arrival_does_not_matter(
            clicks in proptest::collection::vec((0_i64..90, 0_usize..3), 0..40),
            order in proptest::collection::vec(proptest::prelude::any::<proptest::sample::Index>(), 0..80),
        ) {
            let clicks: Vec<(i64, &str)> = clicks.into_iter().map(|(at, link)| (at, ["a", "b", "c"][link])).collect();
            // Some again, then all backwards, with the item stored in between.
            let mut other = match clicks.as_slice() {
                [] => Reactions::default(),
                clicks => reactions(&order.iter().map(|index| *index.get(clicks)).collect::<Vec<_>>()),
            };
            other = serde_json::from_value(serde_json::to_value(&other).expect("JSON")).expect("JSON");
            for (second, link) in clicks.iter().rev() {
                other.apply(&click(link), Timestamp::from_second(*second).expect("an instant"));
            }
            proptest::prop_assert_eq!(reactions(&clicks), other);
        }
    }

    #[test]
    fn the_latest_moments_are_kept() {
        let apart: Vec<(i64, &str)> = (0..20).map(|number| (number * 60, "a")).collect();
        assert_eq!(reactions(&apart).clicks.len(), MAX_MOMENTS);
        assert_eq!(reactions(&apart).latest(), Timestamp::from_second(19 * 60).ok());
    }
}
