//! Who calls. A program has a key of its shop and sends it as a Bearer token; the key is looked up by its hash and compared
//! with nothing, see [`rekindle_store::shop::api_keys`].

use crate::Problem;
use http::{HeaderMap, header};
use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
use rekindle_platform::{Scope, Scopes, Throttle, spans};
use rekindle_store::Store;
use rekindle_store::shop::api_keys::Role;

/// How many digits of a key's hash name it in records. The list of the shop's keys has the whole hash.
const SHOWN_HASH_LEN: usize = 12;

/// Who calls, and what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A program with a key of the shop.
    Key {
        /// The shop of the key: the only one whose records the call reaches.
        shop: ShopId,
        /// The beginning of the key's hash, never the key itself.
        hash: String,
        /// What the key allows.
        scopes: Scopes,
    },
    /// A person who signed in.
    Session {
        /// The shop that the session is for: the only one whose records the call reaches.
        shop: ShopId,
        /// The person, as records name them.
        person: String,
        /// What the person may do.
        scopes: Scopes,
    },
}

impl Caller {
    /// Finds out who sends a request with these headers. A call with a key counts towards what the key may ask for.
    /// `accepted` are the scopes that the function's routes ask for.
    ///
    /// # Errors
    /// There is no key, or an unknown one; it has none of the accepted scopes, or asked for too much lately; or the store did
    /// not answer.
    pub async fn authenticate(
        headers: &HeaderMap,
        accepted: Scopes,
        store: &Store,
        throttle: &Throttle,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let text = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let (scheme, key) = text.and_then(|text| text.trim().split_once(' ')).ok_or_else(Problem::no_key)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Problem::no_key());
        }
        let holder = store.holder_of(key.trim(), now).await?.ok_or_else(Problem::unknown_key)?;
        spans::note_shop(&holder.shop);
        if !holder.scopes.intersects(accepted) {
            return Err(match holder.role {
                Role::Write | Role::Public => Problem::write_key(),
                Role::Admin => Problem::no_scope_here(),
            });
        }
        throttle.admit(&holder.hash, holder.limits, now)?;
        let hash = holder.hash[..SHOWN_HASH_LEN].to_owned();
        Ok(Self::Key { shop: holder.shop, hash, scopes: holder.scopes })
    }

    /// The shop: the only one whose records the call reaches.
    #[must_use]
    pub fn shop(&self) -> &ShopId {
        match self {
            Self::Key { shop, .. } | Self::Session { shop, .. } => shop,
        }
    }

    /// What the caller may do.
    #[must_use]
    pub fn scopes(&self) -> Scopes {
        let (Self::Key { scopes, .. } | Self::Session { scopes, .. }) = self;
        *scopes
    }

    /// How records name the caller.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Key { hash, .. } => format!("admin key {hash}"),
            Self::Session { person, .. } => person.clone(),
        }
    }

    /// Checks that the caller has a scope.
    ///
    /// # Errors
    /// They do not have it.
    pub fn require(&self, scope: Scope) -> Result<(), Problem> {
        if self.scopes().contains(scope) { Ok(()) } else { Err(Problem::missing_scope(scope)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_may_do_what_their_scopes_allow_and_nothing_else() {
        let shop = ShopId::parse("tea").expect("an id");
        let scopes = Scopes::new(&[Scope::Read]);
        for caller in [
            Caller::Key { shop: shop.clone(), hash: "0".repeat(SHOWN_HASH_LEN), scopes },
            Caller::Session { shop: shop.clone(), person: "anna".to_owned(), scopes },
        ] {
            assert_eq!(caller.shop(), &shop);
            let allowed: Vec<Scope> = Scope::ALL.into_iter().filter(|scope| caller.require(*scope).is_ok()).collect();
            assert_eq!(allowed, [Scope::Read], "{}", caller.name());
        }
    }
}
