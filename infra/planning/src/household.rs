//! Who is one customer among the ids of a household, by the engine's own rules.

use crate::history::Facts;
use crate::identifiers::{guest, identifiers};
use jiff::Timestamp;
use rekindle_lifecycle::customer::Folded;
use rekindle_lifecycle::facts::{Fact, JoinCause};
use rekindle_lifecycle::id::CustomerId;
use rekindle_lifecycle::identity::{Component, IdKind, Identifiers, KnownId, may_be_one_customer};
use rekindle_lifecycle::policy::Policy;
use std::collections::{BTreeMap, BTreeSet};

/// One customer, with all that will be known of them.
pub(crate) struct OneCustomer {
    /// The main id.
    pub(crate) id: CustomerId,
    /// The facts in the order of time, and of each whether it is of the main id.
    pub(crate) facts: Vec<(Fact, bool)>,
}

/// The customers of a household, by id.
pub(crate) fn customers(mut facts: Facts, policy: &Policy) -> Vec<OneCustomer> {
    let shared = take_apart(&mut facts, policy);
    let ids: Vec<CustomerId> = facts.keys().cloned().collect();
    if ids.len() == 1 || !any_may_be_joined(&ids, policy) {
        let alone = facts.into_iter();
        return alone.map(|(id, facts)| OneCustomer { id, facts: owned(facts) }).collect();
    }
    let known = known_ids(&facts, &shared, policy);
    let mut customers: BTreeMap<CustomerId, BTreeSet<CustomerId>> = BTreeMap::new();
    for id in &ids {
        // All ids of the household are known, so none is missing.
        if let Ok(component) = Component::find(id, &known, policy.identity) {
            customers.entry(component.main).or_insert(component.members);
        }
    }
    let mut found = Vec::new();
    for (id, members) in customers {
        let mut all = owned(facts.remove(&id).unwrap_or_default());
        for member in members {
            all.extend(facts.remove(&member).unwrap_or_default().into_iter().map(|fact| (fact, false)));
        }
        all.sort_by_key(|(fact, _)| fact.at);
        found.push(OneCustomer { id, facts: all });
    }
    found
}

fn owned(facts: Vec<Fact>) -> Vec<(Fact, bool)> {
    facts.into_iter().map(|fact| (fact, true)).collect()
}

/// Whether ids of a household can be one customer at all: most that share an address are two customers of the shop.
fn any_may_be_joined(ids: &[CustomerId], policy: &Policy) -> bool {
    policy.identity.one_customer_per_address || ids.iter().any(|id| IdKind::from_id(id) != IdKind::Shop)
}

/// What is known of each id once all facts are.
fn known_ids(facts: &Facts, shared: &BTreeSet<CustomerId>, policy: &Policy) -> BTreeMap<CustomerId, KnownId> {
    let mut holders: BTreeMap<(JoinCause, String), BTreeMap<&CustomerId, Timestamp>> = BTreeMap::new();
    let mut known: BTreeMap<CustomerId, KnownId> = BTreeMap::new();
    for (id, facts) in facts {
        let mut folded = Folded::default();
        for fact in facts {
            for identifier in identifiers(&fact.traits) {
                let at = holders.entry(identifier).or_default().entry(id).or_insert(fact.at);
                *at = fact.at.min(*at);
            }
            // What the shop said of ids itself.
            if folded.apply(fact, &policy.calendar).is_err() {
                folded = Folded::recount(facts, &policy.calendar);
                break;
            }
        }
        known.insert(id.clone(), KnownId { links: folded.links, is_shared: shared.contains(id) });
    }
    for ((cause, _), holders) in &holders {
        for (id, at) in holders {
            for other in holders.keys().filter(|other| *other != id) {
                if may_be_one_customer(id, other, *cause, policy.identity)
                    && let Some(own) = known.get_mut(*id)
                {
                    own.links.join(other, *cause, *at);
                }
            }
        }
    }
    known
}

/// Gives what came under ids behind which several people stand to the guests with the addresses; what has no address is not counted.
/// Returns these ids.
fn take_apart(facts: &mut Facts, policy: &Policy) -> BTreeSet<CustomerId> {
    let shared: BTreeSet<CustomerId> =
        facts.iter().filter(|(_, facts)| is_shared(facts, policy)).map(|(id, _)| id.clone()).collect();
    for id in &shared {
        for fact in facts.remove(id).unwrap_or_default() {
            if let Some(guest) = fact.traits.guest_address().and_then(|address| guest(&address).ok()) {
                let theirs = facts.entry(guest).or_default();
                theirs.push(fact);
                theirs.sort_by_key(|fact| fact.at);
            }
        }
    }
    shared
}

/// Whether several people stood behind an id at any time.
fn is_shared(facts: &[Fact], policy: &Policy) -> bool {
    let mut seen = Identifiers::default();
    facts.iter().for_each(|fact| seen.apply(&fact.traits));
    if !seen.may_be_shared() {
        return false;
    }
    let mut folded = Folded::default();
    for (index, fact) in facts.iter().enumerate() {
        if folded.apply(fact, &policy.calendar).is_err() {
            folded = Folded::recount(&facts[..=index], &policy.calendar);
        }
        if folded.identifiers().is_shared(folded.orders.purchases(&policy.calendar, fact.at).orders) {
            return true;
        }
    }
    false
}
