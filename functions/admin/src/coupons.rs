//! Coupons: what a code is worth and whether it was used; the pools that codes are taken from.

use crate::Admin;
use rekindle_admin_api::{Call, Problem};
use rekindle_lifecycle::coupon_code;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::rules::CouponSource;
use rekindle_lifecycle::short_code;
use rekindle_messaging::KeyRing;
use rekindle_store::activity::item::Activity;
use rekindle_store::offers::coupons::{Coupon, Redemption};
use rekindle_store::{CustomerKey, keys};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The longest code of a pool, in characters. People type it.
const MAX_CODE_CHARS: usize = 64;
/// Most codes in one upload: what can be stored within the time of one call.
const MAX_CODES: usize = 50_000;

/// Returns a code's value, end, owner and use: of a coupon's code, or of a referral code as a friend may use it. A code
/// that a policy gives to all customers is only in the policy and is not found here.
pub(crate) async fn show(admin: &Admin, call: &Call, code: &str) -> Result<Value, Problem> {
    let code = code.trim();
    let now = admin.clock.now();
    if let Some((coupon, used)) = admin.store.coupon(&call.shop, code).await? {
        return Ok(to_json(&coupon, used.as_ref(), now));
    }
    let code = short_code::normalise(code);
    let owner = if short_code::is_valid(&code) { admin.store.referral_owner(&code).await? } else { None };
    if let Some(owner) = owner.filter(|owner| owner.shop == call.shop) {
        let policy = admin.store.policy(&call.shop, now).await?;
        let percent = policy.referral.friend_percent;
        return Ok(json!({
            "code": code,
            "kind": "referral",
            "percent": percent,
            "issued_to": owner.customer,
            // Each new customer may use it once, on the first order.
            "redeemed": null,
            "usable": percent > 0,
        }));
    }
    Err(Problem::missing("The shop has no coupon with this code."))
}

fn to_json(coupon: &Coupon, used: Option<&Redemption>, now: jiff::Timestamp) -> Value {
    json!({
        "code": coupon.code,
        "kind": "coupon",
        "percent": coupon.percent,
        "issued_to": coupon.customer,
        "issued_at": coupon.issued_at,
        "expires_at": coupon.expires_at,
        "redeemed": used,
        "usable": used.is_none() && now < coupon.expires_at,
    })
}

/// The coupons that were issued to a customer.
pub(crate) async fn for_customer(admin: &Admin, key: &CustomerKey) -> Result<Vec<Value>, Problem> {
    let (store, now) = (&admin.store, admin.clock.now());
    let (messages, notes) =
        futures::try_join!(store.activity_in(key, keys::MESSAGE), store.activity_in(key, keys::COUPON_NOTE))?;
    let mut found = Vec::new();
    for activity in messages.iter().chain(&notes) {
        let codes = match activity {
            Activity::Message(message) => generated_codes(&admin.link_keys, &key.shop, message),
            Activity::Coupon(code) => vec![code.clone()],
            _ => Vec::new(),
        };
        // Nearly always the first one: a later one only if the code before was taken by chance.
        for code in codes {
            let Some((coupon, used)) = store.coupon(&key.shop, &code).await? else { break };
            if coupon.customer == key.customer {
                found.push(to_json(&coupon, used.as_ref(), now));
                break;
            }
        }
    }
    Ok(found)
}

/// How many codes a pool has left.
pub(crate) async fn pool(admin: &Admin, call: &Call, name: &str) -> Result<Value, Problem> {
    check_name(name)?;
    Ok(json!({ "pool": name, "left": admin.store.pool_size(&call.shop, name).await? }))
}

/// Adds codes to a pool, one a line. A line that is no code, or differs from an earlier one only in how it is typed, is reported
/// with its number; the others are added. Uploading the same list again changes nothing.
pub(crate) async fn fill(admin: &Admin, call: &Call, name: &str) -> Result<Value, Problem> {
    check_name(name)?;
    let (mut codes, mut forms, mut rejected) = (BTreeSet::new(), BTreeMap::new(), Vec::new());
    for (number, line) in (1_u64..).zip(call.body.lines()) {
        let code = line.trim();
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if code.is_empty() {
            continue;
        }
        let form = coupon_code::stored_form(code);
        let mut reject = |reason: String| rejected.push(json!({ "line": number, "field": "code", "reason": reason }));
        if code.len() > MAX_CODE_CHARS || !code.chars().all(fits) || form.is_empty() {
            reject(format!("must be 1 to {MAX_CODE_CHARS} letters, digits, hyphens, underscores or dots"));
        } else if *forms.entry(form).or_insert(code) == code {
            codes.insert(code.to_owned());
        } else {
            reject(
                "differs from another line only in capital letters or punctuation, which customers type as they like"
                    .to_owned(),
            );
        }
    }
    if codes.len() > MAX_CODES {
        return Err(Problem::too_large(format!("The list has more than {MAX_CODES} codes. Send it in parts.")));
    }
    let codes: Vec<String> = codes.into_iter().collect();
    admin.store.add_to_pool(&call.shop, name, &codes).await?;
    let left = admin.store.pool_size(&call.shop, name).await?;
    Ok(json!({ "success": rejected.is_empty(), "accepted": codes.len(), "left": left, "rejected": rejected }))
}

/// The codes that the coupon of a message may have, if its code was generated for the customer.
pub(crate) fn generated_codes(keys: &KeyRing, shop: &ShopId, message: &Message) -> Vec<String> {
    match message.coupon.as_ref().map(|offer| &offer.source) {
        Some(CouponSource::Generated(prefix)) => keys.coupon_codes(prefix, shop, &message.id).collect(),
        Some(CouponSource::Fixed(_) | CouponSource::Pool(_)) | None => Vec::new(),
    }
}

fn check_name(name: &str) -> Result<(), Problem> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (1..=40).contains(&name.len()) && name.chars().all(fits) {
        Ok(())
    } else {
        Err(Problem::bad_request("The name of a pool is 1 to 40 lower-case letters, digits and hyphens."))
    }
}
