//! Whose shop it is: the Bearer token must be an admin key. It is looked up by its hash and compared with nothing, see
//! [`rekindle_store::api_keys`].

use crate::Admin;
use crate::problem::Problem;
use http::{HeaderMap, header};
use rekindle_lifecycle::id::ShopId;
use rekindle_store::api_keys::Role;

/// How much of a key's hash names it in records; the whole hash is in the list of the shop's keys.
const NAMED_BY: usize = 12;

/// The shop of the request's key, and how the key is called in records.
pub(crate) async fn shop(admin: &Admin, headers: &HeaderMap) -> Result<(ShopId, String), Problem> {
    let text = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, key) = text.and_then(|text| text.trim().split_once(' ')).ok_or_else(Problem::no_key)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Problem::no_key());
    }
    let now = admin.clock.now();
    let holder = admin.store.holder_of(key.trim(), now).await?.ok_or_else(Problem::unknown_key)?;
    if holder.role != Role::Admin {
        return Err(Problem::write_key());
    }
    admin.throttle.admit(&holder.hash, holder.limits, now)?;
    Ok((holder.shop, format!("admin key {}", &holder.hash[..NAMED_BY])))
}
