//! Everything that is held about a customer, under all of their ids, as one document.
//!
//! It is complete whatever its size: all pages are read. (A Lambda function answers with 6 MB at most, which is some ten
//! thousand facts.) Requests that were refused are in it if they name the customer's id or one of the addresses.

use crate::consents::consents;
use crate::ids::Ids;
use crate::{Admin, coupons, customer, refused, timeline};
use rekindle_admin_api::Problem;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::Address;
use rekindle_store::CustomerKey;
use rekindle_store::activity::item::Activity;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Everything that is held about a customer; nothing if nothing is.
pub(crate) async fn run(admin: &Admin, key: &CustomerKey) -> Result<Option<Value>, Problem> {
    let described = customer::describe(admin, key).await?;
    let ids = Ids::load(admin, key).await?;
    let mut held = Held::default();
    for id in ids.all() {
        held.load(admin, id).await?;
    }
    if described.is_none() && held.is_empty() {
        return Ok(None);
    }
    let mut suppressions = Vec::new();
    for (channel, address) in &held.addresses {
        let fingerprint = admin.link_keys.address_fingerprint(address);
        let entry = admin.store.suppression(&key.shop, *channel, &fingerprint).await?;
        suppressions.extend(entry.as_ref().map(crate::suppressions::to_json));
    }
    let mut tasks = Vec::new();
    for id in &held.tasks {
        tasks.extend(admin.store.task(&key.shop, id).await?);
    }
    let mut coupons = Vec::new();
    for id in ids.all() {
        coupons.extend(coupons::for_customer(admin, id).await?);
    }
    let addresses = held.addresses.iter().map(|(_, address)| address.clone()).collect();
    let mut refused = Vec::new();
    for id in ids.all() {
        refused.extend(refused::list(admin, id, &addresses).await?);
    }
    Ok(Some(json!({
        "exported_at": admin.clock.now(),
        "customer": described,
        "facts": held.facts,
        "consents": held.consents,
        "decisions": held.decisions,
        "messages": held.messages,
        "suppressions": suppressions,
        "tasks": tasks,
        "coupons": coupons,
        "refused": refused,
        "unreadable": held.unreadable.len(),
        "unreadable_items": held.unreadable,
    })))
}

/// What is held of a customer's activity.
#[derive(Default)]
struct Held {
    facts: Vec<Value>,
    consents: Vec<Value>,
    decisions: Vec<Value>,
    messages: Vec<Value>,
    /// Every address that any fact names.
    addresses: BTreeSet<(Channel, Address)>,
    tasks: Vec<rekindle_lifecycle::id::MessageId>,
    /// Items that this version cannot read, as they are stored.
    unreadable: Vec<Value>,
}

impl Held {
    /// Adds what is held under one id.
    async fn load(&mut self, admin: &Admin, key: &CustomerKey) -> Result<(), Problem> {
        let mut after = None;
        loop {
            let (part, next) = admin.store.activity_of(key, after.as_deref()).await?;
            for (_, activity) in part {
                self.take(activity);
            }
            after = next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.facts.is_empty() && self.messages.is_empty() && self.decisions.is_empty() && self.unreadable.is_empty()
    }

    fn take(&mut self, activity: Activity) {
        match activity {
            Activity::Fact(fact) => {
                self.consents.extend(consents(&fact));
                self.addresses.extend(fact.traits.addresses());
                self.facts.push(json!(fact));
            }
            Activity::Message(message) => {
                if message.channel.row().opens_task {
                    self.tasks.push(message.id.clone());
                }
                self.messages.push(json!(message));
            }
            Activity::Decision(at, entries) => {
                self.decisions.extend(entries.iter().map(|entry| timeline::entry(entry, at)));
            }
            // Exported with its value and use: see `coupons`.
            Activity::Coupon(_) => {}
            Activity::Unreadable(raw) => self.unreadable.push(raw),
        }
    }
}
