//! Which ids are one customer.
//!
//! An id *holds on to* others:
//! - every id to those that the shop or its people stated to be the same customer;
//! - a guest or a device also to one owner: the first, by kind and id, of those with the same e-mail address, else with the same
//!   phone number, else named together with the device. So an address or a device that several customers share joins no two
//!   of them. A number or a device with three owners or more identifies no customer: a placeholder, a computer in a shop;
//! - where the policy asks for it, an id of the shop to all others of the shop with the same e-mail address.
//!
//! Ids that hold on to each other, in either direction and over any number of ids, are one customer; the main id is the first by
//! kind and id. An id behind which several people stand holds on to no other, and no other to it. All of it follows from the set of
//! facts, not from their order.

use super::id_kind::IdKind;
use super::links::{Links, Statement};
use crate::facts::JoinCause;
use crate::id::CustomerId;
use crate::rules::IdentityRules;
use std::collections::{BTreeMap, BTreeSet};

/// Most ids of one customer. Ids beyond are not joined.
pub const MAX_MEMBERS: usize = 32;

/// Customers with one phone number or device from which on it identifies no customer.
const MANY_OWNERS: usize = 3;

/// What must be known of an id to say which others belong to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownId {
    /// Its links.
    pub links: Links,
    /// Several people stand behind it.
    pub is_shared: bool,
}

/// The ids of one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// The id under which everything is counted and decided.
    pub main: CustomerId,
    /// The other ids.
    pub members: BTreeSet<CustomerId>,
}

impl Component {
    /// Finds the ids that are one customer with `start`.
    ///
    /// # Errors
    /// The ids that have to be known first: ask again with them.
    pub fn find(
        start: &CustomerId,
        known: &BTreeMap<CustomerId, KnownId>,
        rules: IdentityRules,
    ) -> Result<Self, BTreeSet<CustomerId>> {
        let mut found = BTreeSet::from([start.clone()]);
        let (mut waiting, mut missing) = (vec![start.clone()], BTreeSet::new());
        while let Some(id) = waiting.pop() {
            let Some(own) = known.get(&id) else {
                missing.insert(id);
                continue;
            };
            let held = held_by(&id, known, rules).unwrap_or_else(|unknown| {
                missing.extend(unknown);
                BTreeSet::new()
            });
            for other in own.links.candidates() {
                let holds_back = match held_by(other, known, rules) {
                    Ok(held) => held.contains(&id),
                    Err(unknown) => {
                        missing.extend(unknown);
                        false
                    }
                };
                let joined =
                    (held.contains(other) || holds_back) && stated(&id, other, known) != Some(Statement::Apart);
                if joined && found.len() <= MAX_MEMBERS && found.insert(other.clone()) {
                    waiting.push(other.clone());
                }
            }
        }
        if !missing.is_empty() {
            return Err(missing);
        }
        let main = found.iter().min_by_key(|id| (IdKind::from_id(id), *id)).unwrap_or(start).clone();
        found.remove(&main);
        Ok(Self { main, members: found })
    }
}

/// Whether what two ids have in common may make them one customer: a guest or a device belongs to somebody, two ids of the shop with
/// one address are one customer only where the policy says so.
#[must_use]
pub fn may_be_one_customer(one: &CustomerId, other: &CustomerId, cause: JoinCause, rules: IdentityRules) -> bool {
    let (one, other) = (IdKind::from_id(one), IdKind::from_id(other));
    match cause {
        JoinCause::Device => (one == IdKind::Device) != (other == IdKind::Device),
        JoinCause::Email if one == IdKind::Shop && other == IdKind::Shop => rules.one_customer_per_address,
        _ => one != other,
    }
}

/// What was last stated about two ids, under either of them: what one knows already the other may not have counted yet.
fn stated(one: &CustomerId, other: &CustomerId, known: &BTreeMap<CustomerId, KnownId>) -> Option<Statement> {
    let under = |id: &CustomerId, about: &CustomerId| known.get(id)?.links.stated(about);
    [under(one, other), under(other, one)].into_iter().flatten().max().map(|(_, statement)| statement)
}

/// The ids that an id holds on to; or those that have to be known first.
fn held_by(
    id: &CustomerId,
    known: &BTreeMap<CustomerId, KnownId>,
    rules: IdentityRules,
) -> Result<BTreeSet<CustomerId>, BTreeSet<CustomerId>> {
    let Some(own) = known.get(id) else { return Err(BTreeSet::from([id.clone()])) };
    let unknown: BTreeSet<_> = own.links.candidates().filter(|other| !known.contains_key(*other)).cloned().collect();
    if !unknown.is_empty() {
        return Err(unknown);
    }
    if own.is_shared {
        return Ok(BTreeSet::new());
    }
    let is_open = |other: &&CustomerId| {
        known.get(*other).is_none_or(|other| !other.is_shared) && stated(id, other, known) != Some(Statement::Apart)
    };
    let is_joined = |other: &&CustomerId| stated(id, other, known) == Some(Statement::Joined);
    let mut held: BTreeSet<CustomerId> = own.links.candidates().filter(is_joined).filter(is_open).cloned().collect();
    let kind = IdKind::from_id(id);
    let same_address = own.links.found(JoinCause::Email).filter(is_open);
    if kind == IdKind::Shop {
        let others = same_address.filter(|other| IdKind::from_id(other) == IdKind::Shop);
        held.extend(others.filter(|_| rules.one_customer_per_address).cloned());
    } else {
        let owner = |cause| {
            let higher = || own.links.found(cause).filter(|other| IdKind::from_id(other) < kind);
            if cause != JoinCause::Email && higher().count() >= MANY_OWNERS {
                return None;
            }
            higher().filter(is_open).min_by_key(|other| (IdKind::from_id(other), *other)).cloned()
        };
        held.extend([JoinCause::Email, JoinCause::Phone, JoinCause::Device].into_iter().find_map(owner));
    }
    Ok(held)
}
