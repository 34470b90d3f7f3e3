//! Facts: what happened, once and for all. A fact holds nothing about its arrival, so that storing it
//! twice stores the same bytes. A fact of another version of the engine is kept as it is (see [`Fact::parse`]).

mod class;
mod event;
mod fact;
mod identity;
mod known_codes;
mod orders;
mod permissions;
mod reactions;
mod referrals;
mod traits;
mod unrecognised;

pub use class::FactClass;
pub use event::Event;
pub use fact::{Fact, Uncountable};
pub use identity::{JoinCause, Joined, Parted};
pub use known_codes::KNOWN_CODES;
pub use orders::{OrderEvent, OrderStatus, RefundEvent, ship_to_digest};
pub use permissions::{ConsentEvent, Pause, SoftBounce, Suppression, SuppressionCause, Unsuppression};
pub use reactions::{NpsAnswer, Reaction, ReactionKind, TaskClosed};
pub use referrals::{Invited, Marks, Referred};
pub use traits::Traits;
pub use unrecognised::UnrecognisedFact;
