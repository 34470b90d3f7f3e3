//! Which other ids may belong to the same customer, folded from the facts stored under one id.

use crate::customer::Register;
use crate::facts::JoinCause;
use crate::id::CustomerId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Most links that one id keeps: the first by id.
pub const MAX_LINKS: usize = 64;

/// The links of one id. Folding is a join: any order, any number of times.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Links(BTreeMap<CustomerId, Link>);

/// What is known about another id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Link {
    /// What the engine found.
    #[serde(rename = "f", skip_serializing_if = "BTreeSet::is_empty")]
    found: BTreeSet<JoinCause>,
    /// What the shop or its people stated last: whether the two are to be kept apart.
    #[serde(rename = "s", skip_serializing_if = "Option::is_none")]
    apart: Option<Register<bool>>,
}

/// What the shop or its people stated about two ids. Of two statements of one instant the larger one holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Statement {
    /// They are one customer.
    Joined,
    /// They are not.
    Apart,
}

impl Links {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Applies that another id may belong to the same customer.
    pub fn join(&mut self, with: &CustomerId, cause: JoinCause, at: Timestamp) {
        let link = self.0.entry(with.clone()).or_default();
        if cause.is_stated() {
            link.state(false, at);
        } else {
            link.found.insert(cause);
        }
        while self.0.len() > MAX_LINKS {
            self.0.pop_last();
        }
    }

    /// Applies that another id does not belong to the same customer.
    pub fn part(&mut self, with: &CustomerId, at: Timestamp) {
        self.0.entry(with.clone()).or_default().state(true, at);
        while self.0.len() > MAX_LINKS {
            self.0.pop_last();
        }
    }

    /// The other ids.
    pub fn candidates(&self) -> impl Iterator<Item = &CustomerId> {
        self.0.keys()
    }

    /// What was last stated about the two, and when.
    #[must_use]
    pub fn stated(&self, id: &CustomerId) -> Option<(Timestamp, Statement)> {
        let apart = self.0.get(id)?.apart.as_ref()?;
        Some((apart.at, if apart.value { Statement::Apart } else { Statement::Joined }))
    }

    /// The other ids that the engine found for a cause, those that are kept apart left out.
    pub fn found(&self, cause: JoinCause) -> impl Iterator<Item = &CustomerId> {
        self.0.iter().filter(move |(_, link)| !link.is_apart() && link.found.contains(&cause)).map(|(id, _)| id)
    }
}

impl Link {
    fn state(&mut self, apart: bool, at: Timestamp) {
        let at = Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at);
        let newer = self.apart.as_ref().is_none_or(|held| (held.at, held.value) < (at, apart));
        if newer {
            self.apart = Some(Register { value: apart, at });
        }
    }

    fn is_apart(&self) -> bool {
        self.apart.as_ref().is_some_and(|apart| apart.value)
    }
}
