//! Takes refused events in again: after the cause was mended, in a setting or by a version that reads more.
//!
//! Each is read as it was read when it came, at the time at which it came, so trying again makes the same facts under the same
//! keys. *Stopped* after the facts are stored and before the event is removed: the next call stores the same facts. *Beside itself*:
//! likewise. *Beside an erasure* of the person: facts from before it are removed where they come again (`advance`), as those of any
//! shop that sends old events once more. A person who was erased before is looked for here, and their events are removed.

use super::event_id::parse_event_id;
use super::filter::{Filter, parse_place, place_to_text};
use crate::Admin;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::civil::Date;
use rekindle_admin_api::{Call, Problem};
use rekindle_intake::{Guests, Intake, IntakeError, ReadAgain};
use rekindle_lifecycle::facts::{Event, Fact};
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_store::activity::quarantine::Refused;
use rekindle_store::customers::refused_place::RefusedPlace;
use rekindle_store::{CustomerKey, StoreError, keys};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most events that one call takes in again.
const MAX_EVENTS: usize = 500;
/// Most pages (of up to one megabyte) that one call reads.
const MAX_PAGES: usize = 12;
/// Events that are read at once; how many of them in parallel.
const CHUNK: usize = 100;
const CONCURRENCY: usize = 8;

/// Which events a call asks for: some by their ids, or all that the other fields name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    ids: Option<Vec<String>>,
    from: Option<Date>,
    to: Option<Date>,
    reason: Option<String>,
    field: Option<String>,
    after: Option<String>,
}

/// What became of the events of a call.
#[derive(Debug, Default)]
struct Counts {
    accepted: usize,
    refused: usize,
    erased: usize,
    incomplete: usize,
    missing: usize,
}

/// Takes the events that a call names in again.
pub(crate) async fn retry(admin: &Admin, call: &Call) -> Result<Value, Problem> {
    let Asked { ids, from, to, reason, field, after } = call.json()?;
    let filter = Filter { from, to, reason, field };
    let mut retry = Retry { admin, shop: &call.shop, counts: Counts::default() };
    let next = match ids {
        Some(_) if !filter.is_empty() || after.is_some() => {
            return Err(Problem::bad_request("ids go without the other fields."));
        }
        Some(ids) if ids.len() > MAX_EVENTS => {
            return Err(Problem::bad_request(format!("ids are {}; at most {MAX_EVENTS} are allowed.", ids.len())));
        }
        Some(ids) => retry.by_id(&ids).await?,
        None => retry.by_filter(&filter, after.as_deref().map(parse_place).transpose()?).await?,
    };
    let Counts { accepted, refused, erased, incomplete, missing } = retry.counts;
    tracing::info!(accepted, refused, erased, incomplete, "refused events were taken in again");
    Ok(json!({
        "accepted": accepted, "refused": refused, "erased": erased, "incomplete": incomplete, "missing": missing,
        "next_after": next.as_ref().map(place_to_text),
    }))
}

/// What is to be done with an event.
enum Done {
    Accept(Vec<(CustomerKey, Fact)>),
    /// It stays; with the event as it is refused now, if the reason is another.
    Keep(Option<Box<Refused>>),
    Erase,
    Leave,
}

struct Retry<'a> {
    admin: &'a Admin,
    shop: &'a ShopId,
    counts: Counts,
}

impl Retry<'_> {
    async fn by_id(&mut self, ids: &[String]) -> Result<Option<RefusedPlace>, Problem> {
        let (store, shop) = (&self.admin.store, self.shop);
        // The same id twice is one event.
        let ids: BTreeSet<&String> = ids.iter().collect();
        let events = ids.iter().filter_map(|id| parse_event_id(id)).map(|(day, digest)| (day, digest.to_owned()));
        let events: Vec<(Date, String)> = events.collect();
        let found = stream::iter(events).map(|(day, digest)| async move {
            let refused = store.refused_event(shop, day, &digest).await?;
            Ok::<_, Problem>(refused.map(|refused| (day, keys::quarantine_sk(&digest), refused)))
        });
        let found: Vec<_> = found.buffered(CONCURRENCY).try_collect().await?;
        let mut days: BTreeMap<Date, Vec<(String, Refused)>> = BTreeMap::new();
        for (day, sk, refused) in found.into_iter().flatten() {
            days.entry(day).or_default().push((sk, refused));
        }
        self.counts.missing = ids.len() - days.values().map(Vec::len).sum::<usize>();
        for (day, events) in days {
            self.take(day, events).await?;
        }
        Ok(None)
    }

    /// From the oldest day on; where the next call continues, if this one did as much as it may.
    async fn by_filter(
        &mut self,
        filter: &Filter,
        mut from: Option<RefusedPlace>,
    ) -> Result<Option<RefusedPlace>, Problem> {
        let store = &self.admin.store;
        let mut days = filter.days(store.refused_days(self.shop, self.admin.clock.now()).await?);
        days.retain(|day| from.as_ref().is_none_or(|from| *day >= from.day));
        let (mut events, mut pages) = (0, 0);
        for day in days {
            let mut after = from.take().filter(|from| from.day == day).and_then(|from| from.after);
            loop {
                if pages == MAX_PAGES || events == MAX_EVENTS {
                    return Ok(Some(RefusedPlace { day, after }));
                }
                let (page, next) = store.refused_items_on(self.shop, day, after).await?;
                pages += usize::from(!page.is_empty());
                let mut of_page = page.into_iter().filter(|(_, refused)| filter.has(refused));
                let taken: Vec<_> = of_page.by_ref().take(MAX_EVENTS - events).collect();
                events += taken.len();
                let last = taken.last().map(|(sk, _)| sk.clone());
                self.take(day, taken).await?;
                if of_page.next().is_some() {
                    return Ok(Some(RefusedPlace { day, after: last }));
                }
                after = next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(None)
    }

    /// Takes some events of a day: first their facts are stored, then they are removed.
    async fn take(&mut self, day: Date, events: Vec<(String, Refused)>) -> Result<(), Problem> {
        let mut events = events.into_iter();
        loop {
            let chunk: Vec<_> = events.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                return Ok(());
            }
            self.take_chunk(day, chunk).await?;
        }
    }

    async fn take_chunk(&mut self, day: Date, chunk: Vec<(String, Refused)>) -> Result<(), Problem> {
        let Self { admin, shop, counts } = self;
        let store = &admin.store;
        let decided =
            stream::iter(chunk).map(async |(sk, refused)| Ok::<_, Problem>((sk, decide(admin, shop, refused).await?)));
        let decided: Vec<(String, Done)> = decided.buffered(CONCURRENCY).try_collect().await?;
        let (mut facts, mut gone) = (Vec::new(), Vec::new());
        for (sk, done) in decided {
            match done {
                Done::Accept(of_event) => {
                    counts.accepted += 1;
                    facts.extend(of_event);
                    gone.push(sk);
                }
                Done::Keep(changed) => {
                    counts.refused += 1;
                    if let Some(refused) = changed {
                        store.refuse_again(shop, &sk, &refused).await?;
                    }
                }
                Done::Erase => {
                    counts.erased += 1;
                    gone.push(sk);
                }
                Done::Leave => counts.incomplete += 1,
            }
        }
        store.put_facts(&facts).await?;
        Ok(store.remove_refused(shop, day, &gone).await?)
    }
}

async fn decide(admin: &Admin, shop: &ShopId, refused: Refused) -> Result<Done, Problem> {
    let intake = Intake::new(admin.store.clone(), Guests::with_ring(Arc::clone(&admin.link_keys)));
    let read = intake.read_again(shop, &refused, admin.clock.now()).await.map_err(|error| untaken(&error))?;
    Ok(match read {
        ReadAgain::Facts(facts) => match is_erased(admin, shop, &facts).await? {
            true => Done::Erase,
            false => {
                let at = |customer| CustomerKey { shop: shop.clone(), customer };
                Done::Accept(facts.into_iter().map(|(customer, fact)| (at(customer), fact)).collect())
            }
        },
        ReadAgain::Refused(rejection) => {
            let code = Some(rejection.kind.code().to_owned());
            let now = Refused { field: rejection.field, reason: rejection.reason, code, ..refused.clone() };
            Done::Keep((now != refused).then(|| Box::new(now)))
        }
        ReadAgain::Incomplete => Done::Leave,
    })
}

/// Whether one of the facts is from before an erasure of its customer, of an address in it, or of its order.
async fn is_erased(admin: &Admin, shop: &ShopId, facts: &[(CustomerId, Fact)]) -> Result<bool, StoreError> {
    for (customer, fact) in facts {
        let mut marks = vec![admin.link_keys.customer_fingerprint(shop, customer)];
        marks.extend(fact.traits.addresses().map(|(_, it)| admin.link_keys.erased_address_fingerprint(shop, &it)));
        for mark in marks {
            if admin.store.erased_at(&mark).await?.is_some_and(|erased_at| fact.at <= erased_at) {
                return Ok(true);
            }
        }
        let order = match &fact.event {
            Event::Order(order) => Some(&order.order_id),
            Event::Refund(refund) => Some(&refund.order_id),
            _ => None,
        };
        if let Some(order) = order {
            let mark = admin.link_keys.erased_order_fingerprint(shop, order);
            if admin.store.erased_at(&mark).await?.is_some() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn untaken(error: &IntakeError) -> Problem {
    tracing::error!(%error, "a refused event could not be read again");
    Problem::unavailable()
}
