//! A customer: what the facts say, folded, and what was decided, recorded.

mod answers;
mod closures;
mod customer;
mod decided;
mod folded;
mod order;
mod order_book;
mod order_fingerprints;
mod permissions;
mod profile;
mod reactions;
mod referrals;
mod refunded;
mod register;
mod run;
mod standing;
mod stored_instants;
mod uncounted;
mod unsubscribing;

pub use answers::Answer;
pub use closures::Closures;
pub use customer::Customer;
pub use decided::{Contact, Decided, Judged, ReportedClaim};
pub use folded::{Folded, LastNpsAnswer, MAX_CLOSED_TASKS};
pub use order::{MAX_REFUNDS, Order};
pub use order_book::{MAX_RECENT_ORDERS, OrderBook, RecountNeeded};
pub use order_fingerprints::MAX_REMEMBERED_ORDERS;
pub use permissions::{Consent, Permissions};
pub use profile::Profile;
pub use reactions::Reactions;
pub use referrals::{Claim, MAX_FRIENDS, Referral, Referrals};
pub use register::Register;
pub use run::Run;
pub use standing::Standing;
pub use uncounted::Uncounted;
pub use unsubscribing::{UNSUBSCRIBE_SOURCE, taken_by_unsubscribing};
