//! Whose shop it is: the Bearer token must be an admin key.

use crate::problem::Problem;
use lambda_http::http::{HeaderMap, header};
use rekindle_lifecycle::id::ShopId;
use rekindle_store::Store;
use rekindle_store::api_keys::{Role, hash_of};

/// How much of a key's hash names it in records; the whole hash is in the list of the shop's keys.
const NAMED_BY: usize = 12;

/// The shop of the request's key, and how the key is called in records.
pub(crate) async fn shop(store: &Store, headers: &HeaderMap) -> Result<(ShopId, String), Problem> {
    let text = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, key) = text.and_then(|text| text.trim().split_once(' ')).ok_or_else(Problem::no_key)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Problem::no_key());
    }
    let key = key.trim();
    match store.authenticate(key).await? {
        Some((shop, Role::Admin)) => Ok((shop, format!("admin key {}", &hash_of(key)[..NAMED_BY]))),
        Some((_, Role::Write)) => Err(Problem::write_key()),
        None => Err(Problem::unknown_key()),
    }
}
