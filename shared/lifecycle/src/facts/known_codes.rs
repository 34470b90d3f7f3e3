//! How much of stored facts this version of the engine can read.
//!
//! Codes are added and never changed or removed, so a version that knows more of them is a later one. A customer with
//! facts that could not be counted remembers how many were known then (see [`crate::customer::Uncounted`]).

use super::class::FactClass;
use super::consent_evidence::OptInLevel;
use super::event::Event;
use super::identity::JoinCause;
use super::left_out::LeftOutReason;
use super::orders::OrderStatus;
use super::permissions::SuppressionCause;
use super::reactions::ReactionKind;
use super::shopping::ShoppingAction;
use crate::channel::{Channel, Purpose};

/// The codes that facts are stored with. An enum that a fact holds takes its line here.
const CODES: &[&[&str]] = &[
    Channel::CODES,
    Event::KINDS,
    FactClass::CODES,
    JoinCause::CODES,
    LeftOutReason::CODES,
    OptInLevel::CODES,
    OrderStatus::CODES,
    Purpose::CODES,
    ReactionKind::CODES,
    ShoppingAction::CODES,
    SuppressionCause::CODES,
];

/// Forms of facts that this version reads and earlier versions could not, although they knew all codes in them. Raise it
/// with each such form (a number that became larger, a new form of a trait).
const NEW_FORMS: u32 = 0;

/// How much this version can read: more than every earlier version that could read less.
pub const KNOWN_CODES: u32 = count(CODES) + NEW_FORMS;

#[expect(clippy::cast_possible_truncation, reason = "lists in the source are short")]
const fn count(lists: &[&[&str]]) -> u32 {
    let (mut count, mut place) = (0, 0);
    while place < lists.len() {
        count += lists[place].len();
        place += 1;
    }
    count as u32
}
