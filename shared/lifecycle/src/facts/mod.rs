//! Facts: what happened, once and for all. A fact holds nothing about its arrival, so that storing it
//! twice stores the same bytes. A fact of another version of the engine is kept as it is (see [`Fact::parse`]).

mod class;
mod consent_evidence;
mod context;
mod event;
mod fact;
mod identity;
mod known_codes;
mod left_out;
mod lines;
mod orders;
mod other;
mod permissions;
mod reactions;
mod referrals;
mod shopping;
mod traits;
mod unrecognised;

pub use class::FactClass;
pub use consent_evidence::{ConsentEvidence, OptInLevel};
pub use context::{Campaign, Context};
pub use event::Event;
pub use fact::{Fact, Uncountable};
pub use identity::{JoinCause, Joined, Parted};
pub use known_codes::KNOWN_CODES;
pub use left_out::{LeftOut, LeftOutReason};
pub use lines::{Line, Lines, Quantity};
pub use orders::{OrderDetails, OrderEvent, OrderStatus, RefundEvent, ship_to_digest};
pub use other::OtherEvent;
pub use permissions::{ConsentEvent, Pause, SoftBounce, Suppression, SuppressionCause, Unsuppression};
pub use reactions::{NpsAnswer, Reaction, ReactionKind, TaskClosed};
pub use referrals::{Invited, Marks, Referred};
pub use shopping::{ShoppingAction, ShoppingEvent};
pub use traits::{ReportedConsent, Traits};
pub use unrecognised::UnrecognisedFact;
