//! A customer's profile, stage and permissions, as the platform team reads them.

use crate::ids::Ids;
use crate::{Admin, consents, coupons, next};
use rekindle_admin_api::Problem;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::customer::{Customer, Register};
use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::money::Money;
use rekindle_lifecycle::policy::Policy;
use rekindle_store::activity::timeline::Happening;
use rekindle_store::{CustomerKey, StoreError};
use serde_json::{Map, Value, json};
use std::cmp::Reverse;

/// Most happenings that are searched for what is shown of the latest.
const MAX_HAPPENINGS: u16 = 250;

/// Everything that is stored of the customer to whom an id belongs, under their main id, beside the timeline; `None` for an unknown customer.
///
/// # Errors
/// The store did not answer.
pub async fn describe(admin: &Admin, key: &CustomerKey) -> Result<Option<Value>, Problem> {
    let customer = match admin.store.main_customer(key).await {
        Err(StoreError::Unreadable { .. }) => {
            return Ok(Some(json!({ "id": key.customer, "shop": key.shop, "kind": "unknown" })));
        }
        customer => customer?,
    };
    if customer.version == 0 {
        return Ok(None);
    }
    let ids = Ids::from(&customer);
    let key = &ids.main;
    let now = admin.clock.now();
    let policy = admin.store.policy(&key.shop, now).await?;
    let mailboxes = admin.link_keys.mailboxes(&key.shop, &customer.folded.profile);
    let customer = admin.store.with_mailboxes(&customer, &mailboxes, now).await?;
    let runs: Map<String, Value> = customer
        .decided
        .runs
        .iter()
        .map(|(journey, run)| {
            let run = json!({
                "run": run.id,
                "started_at": run.started_at,
                "done": run.done,
                "last_message_at": run.last_message_at,
                "held_by": run.held_by.map(|reason| json!({ "reason": reason, "sentence": reason.sentence() })),
                "ended": run.ended,
            });
            (journey.clone(), run)
        })
        .collect();
    let facts = latest_facts(admin, key).await?;
    Ok(Some(json!({
        "id": customer.id,
        "shop": customer.shop,
        "other_ids": customer.decided.standing.members,
        "shared_since": customer.decided.standing.shared_since,
        "stage": customer.stage,
        "since": customer.stage_since,
        "due_at": customer.due_at,
        "profile": profile(&customer),
        "permissions": permissions(&customer, &policy, now),
        "paused_until": customer.folded.permissions.paused_until(now),
        "consents": consents::latest(&facts),
        "unclear_consents": consents::unclear(&facts),
        "left_out": facts.iter().map(|fact| fact.traits.left_out.len()).sum::<usize>(),
        "nps": customer.folded.nps.as_ref().map(|said| json!({ "score": said.value.score, "at": said.at })),
        "coupons": coupons::for_customer(admin, key).await?,
        "referral": referral(admin, key, &customer, now).await?,
        "last_reaction_at": customer.folded.reactions.latest(),
        "orders": orders(&customer, &policy, now),
        "runs": runs,
        "next": next::forecast(&policy, &customer, now),
        "activates_at": customer.decided.activates_at,
        "version": customer.version,
    })))
}

fn profile(customer: &Customer) -> Value {
    fn to_json<T: serde::Serialize>(register: Option<&Register<T>>) -> Value {
        register.map_or(Value::Null, |register| json!({ "value": register.value, "at": register.at }))
    }
    let profile = &customer.folded.profile;
    json!({
        "email": to_json(profile.email.as_ref()),
        "phone": to_json(profile.phone.as_ref()),
        "first_name": to_json(profile.first_name.as_ref()),
        "language": to_json(profile.language.as_ref()),
        "time_zone": to_json(profile.time_zone.as_ref()),
    })
}

/// The latest facts, newest first: 250 that are not about orders, and the orders among the latest 250 happenings. Older ones hold
/// as well, and an export has all.
async fn latest_facts(admin: &Admin, key: &CustomerKey) -> Result<Vec<Fact>, Problem> {
    let mut facts = admin.store.facts_since(key, jiff::Timestamp::UNIX_EPOCH).await?.facts;
    let timeline = admin.store.timeline(key, MAX_HAPPENINGS).await?;
    facts.extend(timeline.happenings.into_iter().filter_map(|happening| match happening {
        Happening::Fact(fact) if fact.order_id().is_some() => Some(fact),
        _ => None,
    }));
    facts.sort_by_key(|fact| Reverse(fact.at));
    Ok(facts)
}

/// The customer's referral code, if they have one, and how it was used.
async fn referral(
    admin: &Admin,
    key: &CustomerKey,
    customer: &Customer,
    now: jiff::Timestamp,
) -> Result<Option<Value>, Problem> {
    for code in admin.link_keys.referral_codes(&key.shop, &key.customer) {
        match admin.store.referral_owner(&code).await? {
            Some(owner) if owner == *key => {
                let rewarded = customer.decided.judged.values().filter(|judged| judged.rewarded).count();
                let visits = admin.store.referral_visits(&code, now).await?;
                return Ok(Some(json!({ "code": code, "visits": visits, "rewarded": rewarded })));
            }
            // Another customer's by chance: theirs would be the next one.
            Some(_) => {}
            None => return Ok(None),
        }
    }
    Ok(None)
}

/// By channel: whether each purpose is allowed, and why the channel is closed, if it is.
fn permissions(customer: &Customer, policy: &Policy, now: jiff::Timestamp) -> Value {
    let permissions = &customer.folded.permissions;
    let channel = |channel: Channel| {
        let allowed =
            |purpose: Purpose| (purpose.code().to_owned(), permissions.allow(&policy.consent, channel, purpose).into());
        let mut row: Map<String, Value> = Purpose::KNOWN.map(allowed).into_iter().collect();
        let waits = permissions.unconfirmed_since(&policy.consent, channel);
        row.insert("unconfirmed_since".to_owned(), json!(waits));
        row.insert("closed_by".to_owned(), json!(customer.folded.suppressed(channel, now)));
        (channel.code().to_owned(), Value::Object(row))
    };
    Value::Object(Channel::KNOWN.map(channel).into_iter().collect())
}

fn orders(customer: &Customer, policy: &Policy, now: jiff::Timestamp) -> Value {
    let book = &customer.folded.orders;
    let purchases = book.purchases(&policy.calendar, now);
    let value = book.value().into_iter().map(|(currency, minor)| Money { minor, currency }.to_string());
    let latest = book.recent().iter().rev().map(|order| {
        json!({
            "order_id": order.id,
            "ordered_at": order.ordered_at(),
            "amount": order.value().map(|money| money.to_string()),
            "counts": order.counts(),
            "disputed": order.disputed,
            "amount_reported": order.amount_reported().map(|(at, status)| json!({ "at": at, "as": status })),
            "because": order.remark(),
        })
    });
    json!({
        "counted": purchases.orders,
        "occasions": purchases.occasions,
        "first_at": purchases.first_at,
        "last_at": purchases.last_at,
        "value": value.collect::<Vec<_>>(),
        "latest": latest.collect::<Vec<_>>(),
    })
}

/// 404: the shop has no such customer.
pub(crate) fn unknown() -> Problem {
    Problem::missing("Nothing is known of this customer.")
}
