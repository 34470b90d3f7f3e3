//! Events that were refused and can be told to be about a customer: they name the customer's id or one of the addresses.
//!
//! Refused events are kept by day and not by customer, for 90 days, so all of the shop's are read: half a read unit for each four
//! kilobytes.

use crate::Admin;
use jiff::ToSpan;
use jiff::tz::TimeZone;
use rekindle_admin_api::Problem;
use rekindle_lifecycle::contact::{Address, PhoneNumber};
use rekindle_store::CustomerKey;
use rekindle_store::activity::quarantine::{RETENTION_DAYS, Refused};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The fields that name a customer by the shop's id.
const ID_FIELDS: [&str; 6] = ["userId", "user_id", "customerId", "customer_id", "previousId", "anonymousId"];

/// The refused events of a customer, oldest first.
pub(crate) async fn list(
    admin: &Admin,
    key: &CustomerKey,
    addresses: &BTreeSet<Address>,
) -> Result<Vec<Value>, Problem> {
    let found = find(admin, key, addresses).await?;
    let shown = |(_, refused): &(String, Refused)| {
        let Refused { received_at, field, reason, body } = refused;
        json!({ "received_at": received_at, "field": field, "reason": reason, "body": body })
    };
    Ok(found.iter().flat_map(|(_, page)| page).map(shown).collect())
}

/// Removes the refused events of a customer, and returns how many. Removing them twice is harmless.
pub(crate) async fn remove(admin: &Admin, key: &CustomerKey, addresses: &BTreeSet<Address>) -> Result<u32, Problem> {
    let mut removed = 0;
    for (day, found) in find(admin, key, addresses).await? {
        let sks: Vec<String> = found.into_iter().map(|(sk, _)| sk).collect();
        removed += u32::try_from(sks.len()).unwrap_or(u32::MAX);
        admin.store.remove_refused(&key.shop, day, &sks).await?;
    }
    Ok(removed)
}

type OfDay = (jiff::civil::Date, Vec<(String, Refused)>);

async fn find(admin: &Admin, key: &CustomerKey, addresses: &BTreeSet<Address>) -> Result<Vec<OfDay>, Problem> {
    let today = admin.clock.now().to_zoned(TimeZone::UTC).date();
    let mut found = Vec::new();
    for back in (0..=RETENTION_DAYS).rev() {
        let day = today.saturating_sub(back.days());
        let (mut of_day, mut after) = (Vec::new(), None);
        loop {
            let (page, next) = admin.store.refused_items_on(&key.shop, day, after).await?;
            of_day.extend(page.into_iter().filter(|(_, refused)| is_about(&refused.body, key, addresses)));
            after = next;
            if after.is_none() {
                break;
            }
        }
        if !of_day.is_empty() {
            found.push((day, of_day));
        }
    }
    Ok(found)
}

/// Whether a body names a customer. One that is not JSON, or was cut, is searched as text.
fn is_about(body: &str, key: &CustomerKey, addresses: &BTreeSet<Address>) -> bool {
    match serde_json::from_str::<Value>(body) {
        Ok(value) => names(&value, key, addresses),
        Err(_) => {
            let body = body.to_lowercase();
            let id = Value::from(key.customer.as_str()).to_string().to_lowercase();
            let fields = ID_FIELDS.map(|field| format!("\"{}\":", field.to_lowercase()));
            let named = |field: &String| {
                body.split(field.as_str()).skip(1).any(|rest| rest.trim_start().starts_with(id.as_str()))
            };
            fields.iter().any(named) || addresses.iter().any(|address| contains(&body, address))
        }
    }
}

fn contains(body: &str, address: &Address) -> bool {
    match address {
        Address::Email(email) => body.contains(&email.as_str().to_lowercase()),
        Address::Phone(number) => body.contains(number.as_str()),
    }
}

fn names(value: &Value, key: &CustomerKey, addresses: &BTreeSet<Address>) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(name, value)| {
            let is_id = ID_FIELDS.contains(&name.as_str());
            is_id && text(value).is_some_and(|id| id == key.customer.as_str()) || names(value, key, addresses)
        }),
        Value::Array(items) => items.iter().any(|item| names(item, key, addresses)),
        Value::String(text) => addresses.iter().any(|address| match address {
            Address::Email(email) => text.trim().eq_ignore_ascii_case(email.as_str()),
            Address::Phone(number) => PhoneNumber::parse(text).is_ok_and(|typed| typed == *number),
        }),
        _ => false,
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
