//! Facts: what happened, once and for all. A fact holds nothing about its arrival, so that storing it
//! twice stores the same bytes.

mod event;
mod fact;
mod orders;
mod permissions;
mod reactions;
mod referrals;
mod traits;

pub use event::Event;
pub use fact::Fact;
pub use orders::{OrderEvent, OrderStatus, RefundEvent, ship_to_digest};
pub use permissions::{ConsentEvent, Pause, SoftBounce, Suppression, SuppressionCause, Unsuppression};
pub use reactions::{NpsAnswer, Reaction, ReactionKind, TaskClosed};
pub use referrals::{Invited, Marks, Referred};
pub use traits::Traits;
