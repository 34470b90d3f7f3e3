//! Everything that is held about a customer, under all of their ids, as one document.
//!
//! It is complete whatever its size: all pages are read. (A Lambda function answers with 6 MB at most, which is some ten
//! thousand facts.) Requests that were refused are in it if they name one of the customer's ids or addresses; where a shop has very
//! many of those, `next_after` says how to ask for the rest.

use crate::consents::consents;
use crate::ids::Ids;
use crate::refused::{self, Found, Search};
use crate::{Admin, coupons, customer, timeline};
use rekindle_admin_api::Problem;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::Address;
use rekindle_store::CustomerKey;
use rekindle_store::activity::item::Activity;
use rekindle_store::activity::quarantine::Refused;
use rekindle_store::customers::refused_place::RefusedPlace;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Everything that is held about a customer; nothing if nothing is. With `after`, the `next_after` of the call before, only the refused
/// events that come then.
pub(crate) async fn run(admin: &Admin, key: &CustomerKey, after: Option<&str>) -> Result<Option<Value>, Problem> {
    let from = after.map(parse_place).transpose()?;
    let described = customer::describe(admin, key).await?;
    let ids = Ids::load(&admin.store, key).await?;
    let mut held = Held::default();
    for id in ids.all() {
        held.load(admin, id).await?;
    }
    if described.is_none() && held.is_empty() {
        return Ok(None);
    }
    let search = Search {
        store: &admin.store,
        shop: &key.shop,
        now: admin.clock.now(),
        ids: ids.all().map(|id| id.customer.as_str()).collect(),
        addresses: held.addresses.iter().map(|(_, address)| address.clone()).collect(),
    };
    let (refused, next) = search.find_all(from, refused::MAX_PAGES).await?;
    let refused: Vec<Value> = refused.iter().map(show_refused).collect();
    let next_after = next.map(|place| format!("{}/{}", place.day, place.after.unwrap_or_default()));
    if after.is_some() {
        return Ok(Some(json!({ "exported_at": search.now, "refused": refused, "next_after": next_after })));
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
    Ok(Some(json!({
        "exported_at": search.now,
        "customer": described,
        "facts": held.facts,
        "consents": held.consents,
        "decisions": held.decisions,
        "messages": held.messages,
        "suppressions": suppressions,
        "tasks": tasks,
        "coupons": coupons,
        "refused": refused,
        "next_after": next_after,
        "unreadable": held.unreadable.len(),
        "unreadable_items": held.unreadable,
    })))
}

fn show_refused(found: &Found) -> Value {
    let Refused { received_at, field, reason, body } = &found.refused;
    json!({ "received_at": received_at, "field": field, "reason": reason, "body": body })
}

fn parse_place(after: &str) -> Result<RefusedPlace, Problem> {
    let parsed = after.split_once('/').and_then(|(day, sk)| Some((day.parse().ok()?, sk)));
    let (day, sk) = parsed.ok_or_else(|| Problem::bad_request("after must be the next_after of the call before."))?;
    Ok(RefusedPlace { day, after: Some(sk).filter(|sk| !sk.is_empty()).map(str::to_owned) })
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
