//! Whose shop it is: the Bearer token must be an admin key. It is looked up by its hash and compared with nothing, see
//! [`rekindle_store::shop::api_keys`].

use crate::Problem;
use http::{HeaderMap, header};
use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
use rekindle_platform::{Throttle, spans};
use rekindle_store::Store;
use rekindle_store::shop::api_keys::Role;

/// How much of a key's hash names it in records; the whole hash is in the list of the shop's keys.
const NAMED_BY: usize = 12;

/// Somebody with a good key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The shop of the key: the only one whose records they reach.
    pub shop: ShopId,
    /// How they are called in records: never by the key itself.
    pub name: String,
}

impl Caller {
    /// Who sends a request with these headers, which counts towards what their key may ask for.
    ///
    /// # Errors
    /// There is no admin key, or none that opens anything; it asked for too much lately; or the store did not answer.
    pub async fn of(headers: &HeaderMap, store: &Store, throttle: &Throttle, now: Timestamp) -> Result<Self, Problem> {
        let text = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let (scheme, key) = text.and_then(|text| text.trim().split_once(' ')).ok_or_else(Problem::no_key)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Problem::no_key());
        }
        let holder = store.holder_of(key.trim(), now).await?.ok_or_else(Problem::unknown_key)?;
        spans::note_shop(&holder.shop);
        if holder.role != Role::Admin {
            return Err(Problem::write_key());
        }
        throttle.admit(&holder.hash, holder.limits, now)?;
        Ok(Self { shop: holder.shop, name: format!("admin key {}", &holder.hash[..NAMED_BY]) })
    }
}
