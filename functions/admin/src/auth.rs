//! Whose shop it is: the Bearer token must be an admin key.

use crate::problem::Problem;
use lambda_http::http::{HeaderMap, header};
use rekindle_lifecycle::id::ShopId;
use rekindle_store::Store;
use rekindle_store::api_keys::Role;

/// The shop of the request's key.
pub(crate) async fn shop(store: &Store, headers: &HeaderMap) -> Result<ShopId, Problem> {
    let text = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, key) = text.and_then(|text| text.trim().split_once(' ')).ok_or_else(Problem::no_key)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Problem::no_key());
    }
    match store.authenticate(key.trim()).await? {
        Some((shop, Role::Admin)) => Ok(shop),
        Some((_, Role::Write)) => Err(Problem::write_key()),
        None => Err(Problem::unknown_key()),
    }
}
