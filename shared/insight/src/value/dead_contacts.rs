//! Contacts that cannot be reached any more, by how long ago they were last heard of.

use crate::day::Day;
use crate::estimate::Estimate;
use crate::history::History;
use crate::language::Language;
use crate::statistics::wilson;
use crate::stored::{Kind, Stored};
use crate::summary::Mismatch;
use serde::{Deserialize, Serialize};

/// Years since the last contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AgeBand {
    /// Less than two years.
    UnderTwo,
    /// Two to three.
    TwoToThree,
    /// Three to five.
    ThreeToFive,
    /// More than five.
    OverFive,
}

const BANDS: [AgeBand; 4] = [AgeBand::UnderTwo, AgeBand::TwoToThree, AgeBand::ThreeToFive, AgeBand::OverFive];

/// Contacts and dead ones by the age of the last contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadContacts {
    history: History,
    bands: [(u64, u64); BANDS.len()],
}

/// The dead among contacts of one age.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DeadShare {
    /// Years since the last contact.
    pub band: AgeBand,
    /// The shop's own share of dead contacts: bounced, or without any reaction.
    pub dead: Estimate,
    /// What is published for such bases, from and to; absent for less than two years.
    pub published: Option<(f64, f64)>,
}

impl DeadContacts {
    /// An empty summary of this history.
    #[must_use]
    pub fn new(history: History) -> Self {
        Self { history, bands: Default::default() }
    }

    /// Adds a contact.
    pub fn add(&mut self, last_contact: Day, is_dead: bool) {
        let years = f64::from(self.history.through.since(last_contact)) / 365.25;
        let band = [2.0, 3.0, 5.0].iter().filter(|limit| years >= **limit).count();
        self.bands[band].0 += 1;
        self.bands[band].1 += u64::from(is_dead);
    }

    /// Adds the contacts of another.
    ///
    /// # Errors
    /// The other summary looks at another history.
    pub fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
        Mismatch::unless_equal(&self.history, &other.history)?;
        for (mine, other) in self.bands.iter_mut().zip(other.bands) {
            *mine = (mine.0 + other.0, mine.1 + other.1);
        }
        Ok(())
    }

    /// The dead by age, beside what is published.
    #[must_use]
    pub fn shares(&self) -> Vec<DeadShare> {
        let share = |(band, (contacts, dead)): (AgeBand, (u64, u64))| DeadShare {
            band,
            dead: wilson(dead, contacts),
            published: match band {
                AgeBand::UnderTwo => None,
                AgeBand::TwoToThree => Some((0.3, 0.3)),
                AgeBand::ThreeToFive => Some((0.5, 0.6)),
                AgeBand::OverFive => Some((0.9, 0.9)),
            },
        };
        BANDS.into_iter().zip(self.bands).map(share).collect()
    }
}

impl DeadShare {
    /// The shop's own share beside what is published.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let Some(dead) = self.dead.numbers() else { return self.dead.shown.sentence(language).unwrap_or_default() };
        let dead = language.percent_between(dead);
        let text = match (self.band, language) {
            (AgeBand::UnderTwo, Language::English) => {
                format!("Of contacts last heard of less than two years ago {dead} are dead")
            }
            (AgeBand::TwoToThree, Language::English) => {
                format!("Of contacts last heard of two to three years ago {dead} are dead")
            }
            (AgeBand::ThreeToFive, Language::English) => {
                format!("Of contacts last heard of three to five years ago {dead} are dead")
            }
            (AgeBand::OverFive, Language::English) => {
                format!("Of contacts last heard of more than five years ago {dead} are dead")
            }
            (AgeBand::UnderTwo, Language::Russian) => format!("Среди контактов моложе двух лет мёртвых {dead}"),
            (AgeBand::TwoToThree, Language::Russian) => format!("Среди контактов от двух до трёх лет мёртвых {dead}"),
            (AgeBand::ThreeToFive, Language::Russian) => format!("Среди контактов от трёх до пяти лет мёртвых {dead}"),
            (AgeBand::OverFive, Language::Russian) => format!("Среди контактов старше пяти лет мёртвых {dead}"),
        };
        let published = self.published.map(|(lo, hi)| {
            let (lo, hi) = (language.decimal(lo * 100.0, 0), language.decimal(hi * 100.0, 0));
            let range = if lo == hi { lo } else { format!("{lo}–{hi}") };
            match language {
                Language::English => format!("; elsewhere it is {range}\u{a0}%"),
                Language::Russian => format!("; у других — {range}\u{a0}%"),
            }
        });
        format!("{text}{}.", published.unwrap_or_default())
    }
}

impl Stored for DeadContacts {
    const KIND: Kind = Kind::DeadContacts;
    const VERSION: u8 = 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_are_told_apart_by_their_age() {
        let through = Day::from_number(10_000);
        let mut contacts = DeadContacts::new(History::from_the_beginning(through));
        for (days, dead) in
            [(0, 0), (730, 1), (731, 20), (1_095, 21), (1_096, 30), (1_826, 31), (1_827, 40), (9_000, 40)]
        {
            (0..40).for_each(|n| contacts.add(through.plus(-days), n < dead));
        }
        let found: Vec<_> = contacts.shares().iter().map(|share| (share.dead.n, share.dead.value)).collect();
        assert_eq!(found, [(80, Some(1.0 / 80.0)), (80, Some(41.0 / 80.0)), (80, Some(61.0 / 80.0)), (80, Some(1.0))]);
        assert_eq!(
            contacts.shares()[2].sentence(Language::English).replace('\u{a0}', " "),
            "Of contacts last heard of three to five years ago 76.2 % (65.9–84.2) are dead; elsewhere it is 50–60 %."
        );
        assert!(contacts.shares()[3].sentence(Language::Russian).ends_with("; у других — 90\u{a0}%."));
        assert!(contacts.shares()[0].sentence(Language::English).ends_with("are dead."));
    }

    #[test]
    fn parts_are_added_and_other_histories_refused() {
        let (one, other) = (Day::from_number(1), Day::from_number(2));
        let mut contacts = DeadContacts::new(History::from_the_beginning(one));
        let mut more = contacts.clone();
        more.add(one, true);
        contacts.merge(&more).expect("the same history");
        assert_eq!(contacts, more);
        assert_eq!(contacts.merge(&DeadContacts::new(History::from_the_beginning(other))), Err(Mismatch));
        assert_eq!(DeadContacts::from_bytes(&contacts.to_bytes().expect("bytes")), Ok(contacts));
    }
}
