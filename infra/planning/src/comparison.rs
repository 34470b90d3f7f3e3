//! What another policy changes over the same history, and for whom.

use crate::outcome::Outcome;
use rekindle_lifecycle::id::CustomerId;
use rekindle_lifecycle::stage::Stage;
use std::collections::BTreeMap;

/// Most customers of whom it is kept what differs. All are counted.
pub const MAX_DIFFERENCES: usize = 10_000;

/// What another policy changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Customers in another stage at the end, by the stages under the one policy and the other.
    pub moves: BTreeMap<(Stage, Stage), u64>,
    /// Customers who get other messages: how many more of each step, or fewer.
    pub customers_with_other_messages: u64,
    /// Customers of whom anything differs.
    pub customers: u64,
    /// The first of them, at most 10,000.
    pub first: Vec<Difference>,
}

/// What differs for one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The customer.
    pub id: CustomerId,
    /// The stages under the one policy and the other; none if they do not have this customer, because ids are joined otherwise.
    pub stages: [Option<Stage>; 2],
    /// The messages whose number differs, by journey and step, with both numbers.
    pub messages: BTreeMap<(String, String), [u64; 2]>,
}

impl Comparison {
    /// Takes in what became of the customers of a household under both policies.
    pub fn add(&mut self, outcomes: [Vec<Outcome>; 2]) {
        let mut by_id: BTreeMap<CustomerId, [Option<Outcome>; 2]> = BTreeMap::new();
        for (column, outcomes) in outcomes.into_iter().enumerate() {
            for outcome in outcomes {
                let id = outcome.id.clone();
                by_id.entry(id).or_default()[column] = Some(outcome);
            }
        }
        for (id, both) in by_id {
            self.add_customer(id, &both);
        }
    }

    fn add_customer(&mut self, id: CustomerId, both: &[Option<Outcome>; 2]) {
        let stages = both.each_ref().map(|outcome| outcome.as_ref().map(|outcome| outcome.stage));
        let mut messages: BTreeMap<(String, String), [u64; 2]> = BTreeMap::new();
        for (column, outcome) in both.iter().enumerate() {
            for sent in outcome.iter().flat_map(|outcome| &outcome.messages) {
                let step = (sent.journey.clone(), sent.step.clone());
                messages.entry(step).or_default()[column] += 1;
            }
        }
        messages.retain(|_, [before, after]| before != after);
        if stages[0] == stages[1] && messages.is_empty() {
            return;
        }
        self.customers += 1;
        self.customers_with_other_messages += u64::from(!messages.is_empty());
        if let [Some(before), Some(after)] = stages
            && before != after
        {
            *self.moves.entry((before, after)).or_default() += 1;
        }
        if self.first.len() < MAX_DIFFERENCES {
            self.first.push(Difference { id, stages, messages });
        }
    }

    /// How many customers are in another stage at the end.
    #[must_use]
    pub fn moved(&self) -> u64 {
        self.moves.values().sum()
    }
}
