//! Everything that is held about a customer, under all of their ids, as one document, or in parts where it does not fit into an answer:
//! a Lambda function answers with 6 MB at most, which is some ten thousand facts. `next_after` says how to ask for the rest.
//!
//! Requests that were refused are in it if they name one of the customer's ids or addresses; then comes what shop systems delivered
//! about them, as long as that is kept.

use crate::consents::consents;
use crate::ids::Ids;
use crate::refused::{self, Budget, Found, Search};
use crate::{Admin, coupons, customer, delivered, said, timeline};
use rekindle_admin_api::Problem;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::Address;
use rekindle_store::CustomerKey;
use rekindle_store::activity::item::Activity;
use rekindle_store::activity::quarantine::Refused;
use rekindle_store::customers::refused_place::RefusedPlace;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// After how many bytes of JSON an answer ends: in Lambda's own JSON every quote is escaped.
const MAX_ACTIVITY_BYTES: usize = 2_500_000;
/// Up to how many bytes of activity the refused events come in the same answer.
const MAX_BYTES_BEFORE_REFUSED: usize = 1_000_000;
/// A place before all refused events.
const BEFORE_REFUSED: &str = "1970-01-01/";
/// Up to how many bytes of deliveries are in one answer: the last one may be beyond, and each is escaped.
const MAX_DELIVERED_BYTES: usize = 1_000_000;
/// What a place among the deliveries begins with.
const IN_DELIVERIES: &str = "deliveries";
/// What a place in the activity begins with; a place among the refused events begins with its day.
const IN_ACTIVITY: &str = "activity";

/// Where a part of an export begins.
enum Place {
    /// After so many items of the customer's activity.
    Activity(usize),
    Refused(RefusedPlace),
    /// After this number of deliveries.
    Deliveries(usize),
}

/// Everything that is held about a customer; nothing if nothing is. With `after`, the `next_after` of the call before, only what comes
/// then.
pub(crate) async fn run(admin: &Admin, key: &CustomerKey, after: Option<&str>) -> Result<Option<Value>, Problem> {
    run_within(admin, key, after, MAX_ACTIVITY_BYTES).await
}

/// The same, with other parts.
pub(crate) async fn run_within(
    admin: &Admin,
    key: &CustomerKey,
    after: Option<&str>,
    max_bytes: usize,
) -> Result<Option<Value>, Problem> {
    let from = after.map(parse_place).transpose()?;
    let described = customer::describe(admin, key).await?;
    let ids = Ids::load(&admin.store, key).await?;
    let mut held = match &from {
        None => Held::from_item(0, max_bytes),
        Some(Place::Activity(items)) => Held::from_item(*items, max_bytes),
        // Only who is looked for.
        Some(Place::Refused(_) | Place::Deliveries(_)) => Held::from_item(usize::MAX, max_bytes),
    };
    for id in ids.all() {
        held.load(admin, id).await?;
    }
    if described.is_none() && held.items == 0 {
        return Ok(None);
    }
    let mut document = json!({ "exported_at": admin.clock.now() });
    let mut next = held.next.map(|items| format!("{IN_ACTIVITY}/{items}"));
    let is_first_or_activity = matches!(from, None | Some(Place::Activity(_)));
    let (refused_from, mut delivered_from) = match from {
        None => {
            document["customer"] = json!(described);
            document["suppressions"] = json!(suppressions(admin, key, &held).await?);
            let mut coupons = Vec::new();
            for id in ids.all() {
                coupons.extend(coupons::for_customer(admin, id).await?);
            }
            document["coupons"] = json!(coupons);
            (None, None)
        }
        Some(Place::Activity(_)) => (None, None),
        Some(Place::Refused(place)) => (Some(place), None),
        Some(Place::Deliveries(number)) => (None, Some(number)),
    };
    let is_small = held.bytes <= MAX_BYTES_BEFORE_REFUSED.min(max_bytes);
    if next.is_none() && !is_small {
        next = Some(BEFORE_REFUSED.to_owned());
    } else if next.is_none() && delivered_from.is_none() {
        let search = Search {
            store: &admin.store,
            shop: &key.shop,
            now: admin.clock.now(),
            ids: ids.all().map(|id| id.customer.as_str()).collect(),
            addresses: held.addresses.iter().map(|(_, address)| address.clone()).collect(),
        };
        let budget = Budget { pages: refused::MAX_PAGES, bytes: refused::MAX_BYTES };
        let (refused, place) = search.find_all(refused_from.clone(), budget).await?;
        document["refused"] = refused.iter().map(show_refused).collect();
        next = place.map(|place| format!("{}/{}", place.day, place.after.unwrap_or_default()));
        delivered_from = next.is_none().then_some(0);
    }
    if let (Some(number), true) = (delivered_from, is_small) {
        let of_ids = ids.all().map(|id| admin.link_keys.customer_fingerprint(&id.shop, &id.customer));
        let of_addresses = held.addresses.iter().map(|(_, address)| admin.link_keys.address_fingerprint(address));
        let whose: Vec<String> = of_ids.chain(of_addresses).collect();
        let (deliveries, rest) = delivered::load(admin, &key.shop, whose, number, MAX_DELIVERED_BYTES).await?;
        document["deliveries"] = json!(deliveries);
        next = rest.map(|number| format!("{IN_DELIVERIES}/{number}"));
    }
    document["next_after"] = json!(next);
    if is_first_or_activity {
        let mut tasks = Vec::new();
        for id in &held.tasks {
            tasks.extend(admin.store.task(&key.shop, id).await?);
        }
        document["tasks"] = json!(tasks);
        held.write_into(&mut document);
    }
    Ok(Some(document))
}

async fn suppressions(admin: &Admin, key: &CustomerKey, held: &Held) -> Result<Vec<Value>, Problem> {
    let mut suppressions = Vec::new();
    for (channel, address) in &held.addresses {
        let fingerprint = admin.link_keys.address_fingerprint(address);
        let entry = admin.store.suppression(&key.shop, *channel, &fingerprint).await?;
        suppressions.extend(entry.as_ref().map(crate::suppressions::to_json));
    }
    Ok(suppressions)
}

fn show_refused(found: &Found) -> Value {
    let Refused { received_at, field, reason, body, call, .. } = &found.refused;
    let context = call.as_ref().and_then(|call| call.context.as_ref());
    json!({ "received_at": received_at, "field": field, "reason": reason, "body": body, "context": context })
}

fn parse_place(after: &str) -> Result<Place, Problem> {
    let parse = |(first, rest): (&str, &str)| {
        if first == IN_ACTIVITY {
            return Some(Place::Activity(rest.parse().ok()?));
        }
        if first == IN_DELIVERIES {
            return Some(Place::Deliveries(rest.parse().ok()?));
        }
        let sk = Some(rest).filter(|sk| !sk.is_empty()).map(str::to_owned);
        Some(Place::Refused(RefusedPlace { day: first.parse().ok()?, after: sk }))
    };
    let place = after.split_once('/').and_then(parse);
    place.ok_or_else(|| Problem::bad_request("after must be the next_after of the call before."))
}

/// What is held of a customer's activity: of its items those from one on, until they are too many bytes.
#[derive(Default)]
struct Held {
    facts: Vec<Value>,
    consents: Vec<Value>,
    decisions: Vec<Value>,
    messages: Vec<Value>,
    /// Every address that any fact names, of all items.
    addresses: BTreeSet<(Channel, Address)>,
    tasks: Vec<rekindle_lifecycle::id::MessageId>,
    /// Items that this version cannot read, as they are stored.
    unreadable: Vec<Value>,
    /// The items so far, in the part or not.
    items: usize,
    /// The first item of the part.
    from_item: usize,
    /// Bytes of the part, and how many there may be.
    bytes: usize,
    max_bytes: usize,
    /// The first item after the part, if there is one.
    next: Option<usize>,
}

impl Held {
    fn from_item(from_item: usize, max_bytes: usize) -> Self {
        Self { from_item, max_bytes, ..Self::default() }
    }

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

    fn take(&mut self, activity: Activity) {
        if let Activity::Fact(fact) = &activity {
            self.addresses.extend(fact.traits.addresses());
        }
        // Coupons are exported with their value and use: see `coupons`.
        if matches!(activity, Activity::Coupon(_)) {
            return;
        }
        let number = self.items;
        self.items += 1;
        if number < self.from_item || self.next.is_some() {
            return;
        }
        if self.bytes >= self.max_bytes {
            self.next = Some(number);
            return;
        }
        match activity {
            Activity::Fact(fact) => {
                let consents = consents(&fact);
                self.bytes += size(&consents);
                self.consents.extend(consents);
                self.bytes += keep(&mut self.facts, said::in_full(&fact));
            }
            Activity::Message(message) => {
                if message.channel.row().opens_task {
                    self.tasks.push(message.id.clone());
                }
                self.bytes += keep(&mut self.messages, json!(message));
            }
            Activity::Decision(at, entries) => {
                for entry in &entries {
                    self.bytes += keep(&mut self.decisions, timeline::entry(entry, at));
                }
            }
            Activity::Coupon(_) => {}
            Activity::Unreadable(raw) => self.bytes += keep(&mut self.unreadable, raw),
        }
    }

    fn write_into(self, document: &mut Value) {
        document["facts"] = self.facts.into();
        document["consents"] = self.consents.into();
        document["decisions"] = self.decisions.into();
        document["messages"] = self.messages.into();
        document["unreadable"] = self.unreadable.len().into();
        document["unreadable_items"] = self.unreadable.into();
    }
}

/// Adds a value to a list, and returns how many bytes it takes.
fn keep(list: &mut Vec<Value>, value: Value) -> usize {
    let bytes = value.to_string().len();
    list.push(value);
    bytes
}

fn size(values: &[Value]) -> usize {
    values.iter().map(|value| value.to_string().len()).sum()
}
