//! Erasing a customer.
//!
//! The order, and what a stop at any point leaves:
//! 1. *The mark.* From here on old facts are no longer applied, wherever they still are, and are removed where they come again.
//! 2. *The addresses* of the profile go on the suppression list as fingerprints, so that an import of the same address
//!    is not written to; the answer to the NPS question is kept as a number; the referral code leads nowhere any more. The first two need the
//!    profile, so they come before
//! 3. *the customer's item* goes: no message can be claimed and nothing decided any more, because both name its version.
//!    A message that is just being handed to the provider may still arrive; nothing about it is stored afterwards.
//!    Before that go the bodies that shop systems delivered about the person, by the fingerprints of the id and of the addresses;
//! 4. *Refused events* that name the person go, under every address of the parts of the activity that this call is to remove. A
//!    place in the table says how far this has come; it is forgotten before the first of those parts is removed, so that a call
//!    after a stop looks for the addresses of what is left from the beginning.
//! 5. *The activity* goes, part by part. Of each part, first what it leads to (addresses, tasks, look-ups) is dealt with
//!    and what reports count is kept without the person; then the part is removed. A stop in between repeats one part.
//! 6. *The mark is completed*, once nothing is left.
//!
//! Each step may run again or concurrently: another call continues where the last one stopped.

use crate::coupons;
use crate::erasure_report::{Removed, Report};
use crate::ids::Ids;
use crate::refused::{self, Search};
use jiff::Timestamp;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::Address;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::facts::{Event, SuppressionCause};
use rekindle_messaging::KeyRing;
use rekindle_store::activity::item::Activity;
use rekindle_store::sending::suppressions::SuppressedAddress;
use rekindle_store::shop::{data_requests, text_tasks};
use rekindle_store::{CustomerKey, Store, StoreError};
use std::collections::{BTreeSet, HashSet};

/// Most parts of the activity that one call removes. A part is up to 400 items, and this is what fits into the time of a call.
const MAX_PARTS: usize = 25;

/// Erases customers, with the keys of the functions. Operators use it as well, where a restore brought customers back.
#[derive(Debug, Clone, Copy)]
pub struct Eraser<'a> {
    /// The tables.
    pub store: &'a Store,
    /// The keys that make fingerprints.
    pub link_keys: &'a KeyRing,
    /// The time.
    pub now: Timestamp,
    /// The instant of the erasure: nothing from before it comes back.
    pub at: Timestamp,
}

/// How much of an erasure one call does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) parts: usize,
    pub(crate) refused_pages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { parts: MAX_PARTS, refused_pages: refused::MAX_PAGES }
    }
}

/// An erasure under way.
struct Erasure<'a> {
    eraser: Eraser<'a>,
    key: &'a CustomerKey,
    /// Fingerprints and coupons that are done: most facts repeat the same address.
    done: HashSet<String>,
    removed: Removed,
}

/// Erases a customer under all of their ids, as much as fits into a call; `None` for an unknown customer.
pub(crate) async fn all_ids(eraser: Eraser<'_>, key: &CustomerKey) -> Result<Option<Report>, StoreError> {
    let ids = Ids::load(eraser.store, key).await?;
    let mut erased: Option<Report> = None;
    for id in ids.to_erase(key) {
        let Some(report) = eraser.erase_part(&id, Limits::default()).await? else { continue };
        let report = erased.unwrap_or_default().and(report);
        let is_complete = report.is_complete();
        erased = Some(report);
        if !is_complete {
            break;
        }
    }
    Ok(erased)
}

impl Eraser<'_> {
    /// Erases everything that is stored under one id of a customer, however much it is; whether there was anything.
    ///
    /// # Errors
    /// The database refused or did not answer: something may be left. Call again.
    pub async fn erase_id(&self, key: &CustomerKey) -> Result<bool, StoreError> {
        while let Some(report) = self.erase_part(key, Limits::default()).await? {
            if report.is_complete() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Erases one id of a customer, as much as the limits allow; `None` for an unknown id.
    pub(crate) async fn erase_part(&self, key: &CustomerKey, limits: Limits) -> Result<Option<Report>, StoreError> {
        let Self { store, link_keys, at, .. } = *self;
        let fingerprint = link_keys.customer_fingerprint(&key.shop, &key.customer);
        let customer = match store.customer(key).await {
            // Addresses and answers are in the facts too; an item that cannot be read is removed like any other.
            Err(StoreError::Unreadable { .. }) => None,
            customer => Some(customer?),
        };
        if customer.as_ref().is_some_and(|customer| customer.version == 0)
            && store.erasure_mark(&fingerprint).await?.is_none()
            && store.activity_of(key, None).await?.0.is_empty()
        {
            return Ok(None);
        }
        let mut erasure = Erasure { eraser: *self, key, done: HashSet::new(), removed: Removed::default() };
        store.mark_erased(&fingerprint, at, false).await?;
        if let Some(customer) = &customer {
            erasure.forget_profile(customer).await?;
            if let Some(answer) = &customer.folded.nps {
                store.keep_answer(&key.shop, &fingerprint, answer.value.score, answer.at).await?;
            }
        }
        erasure.removed.deliveries += store.remove_mentioned(&key.shop, &fingerprint).await?;
        for code in link_keys.referral_codes(&key.shop, &key.customer) {
            store.forget_referral_code(&code, key).await?;
        }
        store.remove_customer(key).await?;
        let (addresses, last) = erasure.addresses(customer.as_ref(), limits.parts).await?;
        let mut pending = Vec::new();
        if !erasure.remove_refused(addresses, &fingerprint, limits.refused_pages).await? {
            pending.push("refused");
        }
        // The addresses under which refused events are looked for are in the activity.
        if !pending.is_empty() || !erasure.remove_activity(last.as_deref()).await? {
            pending.push("activity");
        }
        if pending.is_empty() {
            // A function that looked for the mark just before it was made may have written the customer anew meanwhile.
            store.remove_customer(key).await?;
            store.mark_erased(&fingerprint, at, true).await?;
        }
        tracing::info!(complete = pending.is_empty(), "a customer was erased");
        Ok(Some(Report { pending, removed: erasure.removed }))
    }
}

impl Erasure<'_> {
    /// The addresses of the profile and of the first parts of the activity, and the sort key of the last item of these.
    async fn addresses(
        &self,
        customer: Option<&Customer>,
        parts: usize,
    ) -> Result<(BTreeSet<Address>, Option<String>), StoreError> {
        let profile = customer.map(|customer| &customer.folded.profile);
        let known = profile.into_iter().flat_map(|profile| Channel::KNOWN.map(|channel| profile.address(channel)));
        let (mut addresses, mut last) = (known.flatten().collect::<BTreeSet<_>>(), None);
        for _ in 0..parts {
            let (part, next) = self.eraser.store.activity_of(self.key, last.as_deref()).await?;
            addresses.extend(part.iter().flat_map(|(_, activity)| activity.addresses()));
            last = part.into_iter().next_back().map(|(sk, _)| sk).or(last);
            if next.is_none() {
                break;
            }
        }
        Ok((addresses, last))
    }

    /// Removes the refused events that name the customer, from where an earlier call stopped. Returns whether all were looked at.
    async fn remove_refused(
        &mut self,
        addresses: BTreeSet<Address>,
        fingerprint: &str,
        max_pages: usize,
    ) -> Result<bool, StoreError> {
        let Eraser { store, now, .. } = self.eraser;
        let ids = BTreeSet::from([self.key.customer.as_str()]);
        let search = Search { store, shop: &self.key.shop, now, ids, addresses };
        let (removed, is_done) = search.remove_all(fingerprint, max_pages).await?;
        self.removed.refused += removed;
        Ok(is_done)
    }

    /// Removes the activity part by part from its beginning through the item with this sort key. Returns whether nothing is left.
    async fn remove_activity(&mut self, last: Option<&str>) -> Result<bool, StoreError> {
        let (store, key) = (self.eraser.store, self.key);
        loop {
            let (mut part, _) = store.activity_of(key, None).await?;
            if part.is_empty() {
                return Ok(true);
            }
            part.retain(|(sk, _)| last.is_some_and(|last| sk.as_str() <= last));
            if part.is_empty() {
                return Ok(false);
            }
            let orders: Vec<String> = part.iter().filter_map(|(_, activity)| self.order_mark(activity)).collect();
            store.mark_all_erased(&orders, self.eraser.at).await?;
            for (_, activity) in &part {
                self.forget_what_it_leads_to(activity).await?;
            }
            let name = |id: &str| self.eraser.link_keys.fingerprint("erased", id);
            store.keep_counts(&key.shop, &part, name).await?;
            let sks: Vec<String> = part.into_iter().map(|(sk, _)| sk).collect();
            store.remove_activity(key, &sks).await?;
        }
    }

    /// The mark of the order that a fact is about: whatever comes about it later is from before the erasure.
    fn order_mark(&self, activity: &Activity) -> Option<String> {
        let Activity::Fact(fact) = activity else { return None };
        let order = match &fact.event {
            Event::Order(order) => &order.order_id,
            Event::Refund(refund) => &refund.order_id,
            _ => return None,
        };
        Some(self.eraser.link_keys.erased_order_fingerprint(&self.key.shop, order))
    }

    async fn forget_what_it_leads_to(&mut self, activity: &Activity) -> Result<(), StoreError> {
        match activity {
            Activity::Fact(fact) => {
                self.removed.facts += 1;
                self.forget_addresses(fact.traits.addresses(), |_| None).await?;
                if let Some(device) = &fact.traits.device {
                    self.forget_device(device).await?;
                }
                let asked_for = data_requests::task_of(self.key, fact).map(|task| task.id);
                for task in asked_for.into_iter().chain(text_tasks::id_of(self.key, fact)) {
                    self.removed.tasks += 1;
                    self.eraser.store.remove_task(&self.key.shop, &task).await?;
                }
                if let Event::Order(order) = &fact.event {
                    if self.done.insert(format!("order {}", order.order_id)) {
                        self.eraser.store.forget_placed(&self.key.shop, &order.order_id).await?;
                    }
                    if let Some(code) = &order.coupon {
                        self.forget_coupon(code).await?;
                    }
                }
            }
            Activity::Message(message) => {
                self.removed.messages += 1;
                for code in coupons::generated_codes(self.eraser.link_keys, &self.key.shop, message) {
                    self.forget_coupon(&code).await?;
                }
                if message.channel.row().opens_task {
                    self.removed.tasks += 1;
                    self.eraser.store.remove_task(&self.key.shop, &message.id).await?;
                }
            }
            Activity::Decision(..) => self.removed.decisions += 1,
            Activity::Coupon(code) => {
                self.removed.other += 1;
                self.forget_coupon(code).await?;
            }
            Activity::Unreadable(_) => self.removed.other += 1,
        }
        Ok(())
    }

    /// Removes the customer from those who came with a device.
    async fn forget_device(&mut self, name: &str) -> Result<(), StoreError> {
        let fingerprint = self.eraser.link_keys.device_fingerprint(name);
        if self.done.insert(format!("device {fingerprint}")) {
            self.eraser.store.forget_holder(&self.key.shop, &fingerprint, &self.key.customer).await?;
        }
        Ok(())
    }

    async fn forget_coupon(&mut self, code: &str) -> Result<(), StoreError> {
        if !self.done.insert(format!("coupon {code}")) {
            return Ok(());
        }
        let name = self.eraser.link_keys.fingerprint("erased", code);
        self.eraser.store.forget_in_coupon(self.key, code, &name).await
    }

    async fn forget_profile(&mut self, customer: &Customer) -> Result<(), StoreError> {
        let folded = &customer.folded;
        let profile = &folded.profile;
        let addresses = Channel::KNOWN.into_iter().filter_map(|channel| Some((channel, profile.address(channel)?)));
        let now = self.eraser.now;
        self.forget_addresses(addresses, |channel| folded.suppressed(channel, now)).await
    }

    /// Puts the fingerprints of addresses on the suppression list, with the cause of a suppression that is known.
    async fn forget_addresses(
        &mut self,
        addresses: impl Iterator<Item = (Channel, Address)>,
        cause: impl Fn(Channel) -> Option<SuppressionCause>,
    ) -> Result<(), StoreError> {
        let Eraser { store, link_keys, .. } = self.eraser;
        for (channel, address) in addresses {
            let fingerprint = link_keys.address_fingerprint(&address);
            if !self.done.insert(format!("{channel} {fingerprint}")) {
                continue;
            }
            store.forget_holder(&self.key.shop, &fingerprint, &self.key.customer).await?;
            let mark = link_keys.erased_address_fingerprint(&self.key.shop, &address);
            store.mark_erased(&mark, self.eraser.at, true).await?;
            if matches!(address, Address::Phone(_)) {
                store.forget_number(&fingerprint, self.key).await?;
            }
            self.removed.deliveries += store.remove_mentioned(&self.key.shop, &fingerprint).await?;
            let entry = SuppressedAddress {
                channel,
                fingerprint,
                cause: cause(channel).unwrap_or(SuppressionCause::Erased),
                at: self.eraser.at,
                until: None,
                address: None,
                customer: None,
                erased: true,
            };
            store.put_suppression(&self.key.shop, &entry).await?;
            // After the list, which the mailbox repeats: a message under another id of the person, which is not erased yet, would find
            // neither what was sent nor that it may not go out.
            let mailbox = link_keys.mailbox_of(&self.key.shop, channel, &address);
            store.forget_in_mailbox(&mailbox, &self.key.customer).await?;
        }
        Ok(())
    }
}
