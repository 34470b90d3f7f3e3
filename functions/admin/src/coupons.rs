//! Coupons: what one is worth and whether it was used; the pools from which they are taken.

use crate::Admin;
use crate::call::Call;
use crate::problem::Problem;
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::policy::CouponSource;
use rekindle_messaging::KeyRing;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Longest code that is taken, in characters: what people type.
const LONGEST_CODE: usize = 64;
/// Codes in one upload: what can be stored within the time of one call.
const MOST_CODES: usize = 50_000;

/// What a code is worth, until when, whose it is and whether it was used. A code that a policy gives to everybody is in
/// the policy, not here.
pub(crate) async fn show(admin: &Admin, call: &Call, code: &str) -> Result<Value, Problem> {
    let code = code.trim();
    let now = admin.clock.now();
    if let Some((coupon, used)) = admin.store.coupon(&call.shop, code).await? {
        return Ok(json!({
            "code": coupon.code,
            "kind": "coupon",
            "percent": coupon.percent,
            "issued_to": coupon.customer,
            "issued_at": coupon.issued_at,
            "expires_at": coupon.expires_at,
            "redeemed": used,
            "usable": used.is_none() && now < coupon.expires_at,
        }));
    }
    Err(Problem::missing("The shop has no coupon with this code."))
}

/// How many codes a pool still has.
pub(crate) async fn pool(admin: &Admin, call: &Call, name: &str) -> Result<Value, Problem> {
    checked_name(name)?;
    Ok(json!({ "pool": name, "left": admin.store.pool_size(&call.shop, name).await? }))
}

/// Adds codes to a pool, one a line. A line that is no code is told with its number; the others are added. Uploading the
/// same again changes nothing.
pub(crate) async fn fill(admin: &Admin, call: &Call, name: &str) -> Result<Value, Problem> {
    checked_name(name)?;
    let (mut codes, mut rejected) = (BTreeSet::new(), Vec::new());
    for (number, line) in (1_u64..).zip(call.body.lines()) {
        let code = line.trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if code.is_empty() {
            continue;
        }
        if code.len() <= LONGEST_CODE && code.chars().all(plain) {
            codes.insert(code.to_owned());
        } else {
            let reason = format!("must be 1 to {LONGEST_CODE} letters, digits, hyphens, underscores or dots");
            rejected.push(json!({ "line": number, "field": "code", "reason": reason }));
        }
    }
    if codes.len() > MOST_CODES {
        return Err(Problem::too_large(format!("The list has more than {MOST_CODES} codes. Send it in parts.")));
    }
    let codes: Vec<String> = codes.into_iter().collect();
    admin.store.add_to_pool(&call.shop, name, &codes).await?;
    let left = admin.store.pool_size(&call.shop, name).await?;
    Ok(json!({ "success": rejected.is_empty(), "accepted": codes.len(), "left": left, "rejected": rejected }))
}

/// The code that follows from a message, if it carries one of the customer's own that is not from a pool.
pub(crate) fn generated_code(keys: &KeyRing, message: &Message) -> Option<String> {
    match &message.coupon.as_ref()?.source {
        CouponSource::Generated(prefix) => {
            Some(format!("{prefix}-{}", keys.short_code(&["coupon", message.id.as_str()])))
        }
        CouponSource::Fixed(_) | CouponSource::Pool(_) => None,
    }
}

fn checked_name(name: &str) -> Result<(), Problem> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (1..=40).contains(&name.len()) && name.chars().all(plain) {
        Ok(())
    } else {
        Err(Problem::bad_request("The name of a pool is 1 to 40 lower-case letters, digits and hyphens."))
    }
}
