//! The refused events of a shop for its people: how many of which kind, with a sample of each; and each of them.
//!
//! One call reads a limited number of pages and says where the next one continues, newest days first. A group that goes on there is in
//! both answers, and its counts add up.

use super::event_id::{event_id, parse_event_id};
use super::filter::{Filter, parse_place, place_to_text};
use super::sample;
use crate::Admin;
use jiff::civil::Date;
use rekindle_admin_api::{Call, Problem};
use rekindle_platform::Scope;
use rekindle_store::activity::quarantine::Refused;
use rekindle_store::customers::refused_place::RefusedPlace;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Most pages (of up to one megabyte) that one call reads.
const MAX_PAGES: usize = 12;
/// Most groups that come with a sample in one answer.
const MAX_SAMPLES: usize = 200;

/// Events that were refused on the same day for the same reason.
struct Group {
    count: u64,
    code: Option<String>,
    /// The first of them that was found.
    id: String,
    sample: Refused,
}

/// The refused events by day, field and reason. Callers who may not read people see a sample's form only.
pub(crate) async fn list(admin: &Admin, call: &Call) -> Result<Value, Problem> {
    let filter = Filter::parse(|name| call.parameter(name))?;
    let from = call.after()?.map(parse_place).transpose()?;
    let mut days = filter.days(admin.store.refused_days(&call.shop, admin.clock.now()).await?);
    days.retain(|day| from.as_ref().is_none_or(|from| *day <= from.day));
    let mut groups = BTreeMap::new();
    let next = collect(admin, call, &filter, &days, from, &mut groups).await?;
    let may_see_people = call.scopes.contains(Scope::ReadPeople);
    let groups = groups.into_iter().rev().enumerate().map(|(number, ((day, field, reason), group))| {
        let body = |body: &str| if may_see_people { sample::whole(body) } else { sample::without_people(body) };
        let sample = (number < MAX_SAMPLES).then(
            || json!({ "id": group.id, "received_at": group.sample.received_at, "body": body(&group.sample.body) }),
        );
        json!({
            "day": day, "field": field, "reason": reason, "code": group.code, "count": group.count, "sample": sample,
        })
    });
    let groups: Vec<Value> = groups.collect();
    Ok(json!({ "groups": groups, "next_after": next.as_ref().map(place_to_text) }))
}

type Groups = BTreeMap<(Date, String, String), Group>;

/// Reads the days from the newest on; where the next call continues, if the pages were not enough.
async fn collect(
    admin: &Admin,
    call: &Call,
    filter: &Filter,
    days: &[Date],
    mut from: Option<RefusedPlace>,
    groups: &mut Groups,
) -> Result<Option<RefusedPlace>, Problem> {
    let mut pages = 0;
    for day in days.iter().rev() {
        let mut after = from.take().filter(|from| from.day == *day).and_then(|from| from.after);
        loop {
            if pages == MAX_PAGES {
                return Ok(Some(RefusedPlace { day: *day, after }));
            }
            let (page, next) = admin.store.refused_items_on(&call.shop, *day, after).await?;
            // A day without any costs next to nothing.
            pages += usize::from(!page.is_empty());
            for (sk, refused) in page.into_iter().filter(|(_, refused)| filter.has(refused)) {
                let key = (*day, refused.field.clone(), refused.reason.clone());
                let group = groups.entry(key).or_insert_with(|| Group {
                    count: 0,
                    code: refused.code.clone(),
                    id: event_id(*day, &sk),
                    sample: refused,
                });
                group.count += 1;
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(None)
}

/// One refused event, whole.
pub(crate) async fn show(admin: &Admin, call: &Call, id: &str) -> Result<Value, Problem> {
    let unknown = || Problem::missing("There is no refused event with this id; they are kept for 90 days.");
    let (day, digest) = parse_event_id(id).ok_or_else(unknown)?;
    let found = admin.store.refused_event(&call.shop, day, digest).await?;
    let Refused { received_at, field, reason, code, body, call } = found.ok_or_else(unknown)?;
    Ok(json!({
        "id": id, "received_at": received_at, "field": field, "reason": reason, "code": code, "body": body, "call": call,
    }))
}
