//! Finding the other ids of a customer, and counting all of them under one.
//!
//! What makes it safe to stop anywhere, and to be advanced under several ids at once:
//! 1. an id is noted at its address before the others there are read, so of two that come at once at least one finds the other;
//! 2. what is found is stored as a fact under both ids before either is written;
//! 3. a member is marked before the main id counts its facts: what was stored at the member before is read by the recount, and
//!    a later writer of the member finds the mark;
//! 4. after a main id is written, its members are read again, and after a member is written, the other ids that may count it: of
//!    two that were written at the same moment at least one sees the other, and what is counted twice is counted again. A stop
//!    before that leaves the event on its stream or queue.
//!
//! Which ids are one customer follows from the facts alone ([`Component`]), so each of them comes to the same answer.

use crate::{Advance, AdvanceError};
use jiff::Timestamp;
use rekindle_lifecycle::contact::Address;
use rekindle_lifecycle::customer::{Customer, Folded, Standing};
use rekindle_lifecycle::decide::Plan;
use rekindle_lifecycle::facts::{Event, Fact, JoinCause, Joined, Traits};
use rekindle_lifecycle::id::{CustomerId, short_digest};
use rekindle_lifecycle::identity::{Component, KnownId, may_be_one_customer};
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::rules::IdentityRules;
use rekindle_store::work::AdvanceWork;
use rekindle_store::{CustomerKey, StoreError};
use std::collections::{BTreeMap, BTreeSet};

/// Most ids that are read to find those of one customer.
const MAX_IDS_READ: usize = 128;

/// What an id turned out to be.
pub(crate) enum Resolved {
    /// The customer's main id, with what is to be written.
    Main(Box<Plan>),
    /// One of the other ids; this is the main one.
    MemberOf(CustomerKey),
}

/// Whether a new fact of an id may change which others belong to it.
pub(crate) fn may_change_links(stored: &Customer, fact: &Fact) -> bool {
    is_about_ids(fact)
        || (!matches!(fact.event, Event::Unrecognised(_)) && !stored.folded.identifiers().knows(&fact.traits))
}

fn is_about_ids(fact: &Fact) -> bool {
    matches!(fact.event, Event::Joined(_) | Event::Parted(_))
}

/// Whether it has to be found out again which ids belong to the customer. Also for a fact that was counted already: what
/// follows from it may not have been done to its end.
pub(crate) fn must_resolve(stored: &Customer, folded: &Folded, facts: &[Fact], recount: bool) -> bool {
    let standing = &stored.decided.standing;
    folded.links != stored.folded.links
        || facts.iter().any(is_about_ids)
        || standing.joined_to.is_some()
        || (recount && !(folded.links.is_empty() && standing.is_plain()))
}

impl Advance {
    /// Notes the id at the addresses and devices that are new among `facts` (with `recount`, at all that ever came), stores which
    /// other ids came with them, and returns those facts of this id.
    pub(crate) async fn find_other_ids(
        &self,
        stored: &Customer,
        facts: &[Fact],
        recount: bool,
        rules: IdentityRules,
    ) -> Result<Vec<Fact>, StoreError> {
        let key = CustomerKey::from(stored);
        let known = stored.folded.identifiers();
        let mut noted: BTreeMap<(JoinCause, String), Timestamp> = BTreeMap::new();
        let mut note = |fact: &Fact| {
            if matches!(fact.event, Event::Unrecognised(_)) || (!recount && known.knows(&fact.traits)) {
                return;
            }
            for identifier in self.identifiers(&fact.traits) {
                let at = noted.entry(identifier).or_insert(fact.at);
                *at = fact.at.min(*at);
            }
        };
        facts.iter().for_each(&mut note);
        if recount {
            self.store.facts_of(&key).all().await?.iter().for_each(&mut note);
        }
        let (mut own, mut both) = (Vec::new(), Vec::new());
        for ((cause, fingerprint), at) in noted {
            for other in self.store.note_holder(&fingerprint, &key).await? {
                let is_known = stored.folded.links.found(cause).any(|known| *known == other);
                if is_known || !may_be_one_customer(&key.customer, &other, cause, rules) {
                    continue;
                }
                let ids = [key.customer.clone(), other.clone()];
                let ours = joined(&ids, &other, cause, at);
                let theirs = joined(&ids, &key.customer, cause, at);
                let other = CustomerKey { shop: key.shop.clone(), customer: other };
                both.extend([(key.clone(), ours.clone()), (other, theirs)]);
                own.push(ours);
            }
        }
        self.store.put_facts(&both).await?;
        Ok(own)
    }

    /// What identifies a person among traits, as keyed fingerprints.
    fn identifiers(&self, traits: &Traits) -> Vec<(JoinCause, String)> {
        let addresses: BTreeSet<Address> = traits.addresses().map(|(_, address)| address).collect();
        let mut found: Vec<_> = addresses
            .iter()
            .map(|address| {
                let cause = if matches!(address, Address::Email(_)) { JoinCause::Email } else { JoinCause::Phone };
                (cause, self.link_keys.address_fingerprint(address))
            })
            .collect();
        found.extend(traits.device.as_ref().map(|name| (JoinCause::Device, self.link_keys.device_fingerprint(name))));
        found
    }

    /// Finds the customer's ids, marks all but the main one, and plans what is to be written under that one. `None` if another writer
    /// was first.
    pub(crate) async fn resolve(
        &self,
        stored: Customer,
        folded: Folded,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Option<Resolved>, AdvanceError> {
        let key = CustomerKey::from(&stored);
        let (Component { main, members }, known) = self.component(&key, &folded, policy.identity).await?;
        let at = |id: CustomerId| CustomerKey { shop: key.shop.clone(), customer: id };
        if main != key.customer {
            let member = Customer { folded, ..stored.clone() };
            if !self.mark_member(member.clone(), &stored, &main, now).await? {
                return Ok(None);
            }
            self.recount_former_holders(&member, &main).await?;
            return Ok(Some(Resolved::MemberOf(at(main))));
        }
        let before = stored.decided.standing.clone();
        let mut customer = stored;
        for member in &members {
            let links = known.get(member).map(|known| known.links.clone()).unwrap_or_default();
            let Some(joined) = self.joined_member(&at(member.clone()), &main, &links, now).await? else {
                return Ok(None);
            };
            if !before.members.contains(member) {
                customer.decided.join(&self.decided_of_member(&joined, policy, now).await?);
            }
        }
        if let Some(former) = &before.joined_to {
            // What was decided while they were counted together does not come again.
            let former = self.store.customer(&at(former.clone())).await?;
            if former.decided.standing.shared_since.is_none() {
                customer.decided.join(&former.decided);
            }
        }
        let released: Vec<AdvanceWork> = before
            .members
            .difference(&members)
            .map(|id| AdvanceWork { recount: true, ..AdvanceWork::on(&at(id.clone())) })
            .collect();
        self.advance_queue.put_all(&released).await?;
        customer.decided.standing = Standing { members, ..Standing::default() };
        let is_news = customer.decided.standing != before;
        let folded = self.store.fold(&customer, &key.customer, &[], true, &policy.calendar).await?;
        self.note_in_mailboxes(&key, &[], true, &customer.folded, &folded).await?;
        Ok(Some(Resolved::Main(Box::new(self.plan(policy, customer, folded, is_news, now).await?))))
    }

    /// The ids that are one customer with this one, and what was known of all that were read. Ids that this one has links to are read; for most customers there are none.
    async fn component(
        &self,
        key: &CustomerKey,
        folded: &Folded,
        rules: IdentityRules,
    ) -> Result<(Component, BTreeMap<CustomerId, KnownId>), StoreError> {
        let own = KnownId { links: folded.links.clone(), is_shared: false };
        let mut known = BTreeMap::from([(key.customer.clone(), own)]);
        loop {
            let missing = match Component::find(&key.customer, &known, rules) {
                Ok(component) => return Ok((component, known)),
                Err(missing) => missing,
            };
            for id in missing {
                let mut links = KnownId::default();
                if known.len() < MAX_IDS_READ {
                    let other = CustomerKey { shop: key.shop.clone(), customer: id.clone() };
                    let other = self.store.customer(&other).await?;
                    let is_shared = other.decided.standing.shared_since.is_some();
                    links = KnownId { links: other.folded.links, is_shared };
                }
                known.insert(id, links);
            }
        }
    }
}

/// The fact that an id may be one customer with another. Both get the same id, however often and from whichever side it is found.
fn joined(ids: &[CustomerId; 2], with: &CustomerId, cause: JoinCause, at: Timestamp) -> Fact {
    let mut ids = ids.each_ref().map(CustomerId::as_str);
    ids.sort_unstable();
    Fact {
        at,
        id: short_digest(&["joined", ids[0], ids[1], cause.code()], 26),
        event: Event::Joined(Joined { with: with.clone(), cause }),
        traits: Traits::default(),
    }
}
