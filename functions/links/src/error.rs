//! Why a page could not be given.

use rekindle_messaging::ReleaseError;
use rekindle_store::StoreError;
use rekindle_store::customers::apply::ApplyError;

/// Why a page could not be given. The visitor gets a page that asks them to try again later.
#[derive(Debug, thiserror::Error)]
pub enum LinksError {
    /// The database failed.
    #[error("the customer could not be read or written")]
    Store(#[from] StoreError),
    /// What the customer did is stored, but has not taken effect yet.
    #[error("what the customer did has not taken effect")]
    Apply(#[from] ApplyError),
    /// A provider did not take the customer's address off its list.
    #[error("the customer's address is still on a provider's list")]
    Provider(#[from] ReleaseError),
    /// The shop has no brand.
    #[error("the shop has no valid brand: store its name, sender, postal address and URL first")]
    NoBrand,
    /// A page could not be filled.
    #[error("a page could not be filled")]
    Page(#[from] minijinja::Error),
}
