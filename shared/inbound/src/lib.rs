//! An event as shops send it, read into the fact that is stored.
//!
//! [`parse`] reads one event of Segment's HTTP tracking API: its kind, whose event it is, when it happened (corrected for the
//! sender's clock), what it says about an order, and the traits of the customer. It answers with a fact, or with the field that
//! is wrong and why. Nothing here reads a clock or a network: what the call says beside the event comes in as [`Received`].
//!
//! # Names of traits
//! Read from `traits` of an identify call, from `context.traits` of any call, and `email` and `phone` also from `properties` of
//! an order:
//!
//! | names | meaning |
//! |---|---|
//! | `email`, `phone` | address; number, in international form or as it is dialled in the shop's country |
//! | `firstName`, `first_name`, or the first name in `name` | how to address the customer |
//! | `language`, `locale` (also `context.locale`) | BCP 47 language |
//! | `timezone`, `time_zone` (also `context.timezone`) | time zone: an IANA or Windows name, an offset |
//! | `anonymousId` of the event | the browser or device |
//!
//! Consent is read from all fields of the event whose names speak of it, `email_marketing_consent` and `sms_marketing_consent`
//! and the names of many systems among them: see `consent`. A value that cannot be used is left out with a warning, and is kept
//! with the fact ([`rekindle_lifecycle::facts::LeftOut`]), so that people see it.

mod alias;
mod clock_skew;
mod consent;
mod contact;
mod context;
mod event;
mod event_name;
mod fields;
mod first_name;
mod instant;
mod kind;
mod lenient;
mod limits;
mod needs;
mod occurrence;
mod order;
mod properties;
mod public;
mod received;
mod referral;
mod rejection;
mod rejection_kind;
mod shopping;
#[cfg(test)]
mod tests;
mod time_zone;
mod traits;
mod whose;

pub use contact::{parse_email, parse_phone};
pub use event::{Parsed, parse};
pub use fields::Fields;
pub use kind::Kind;
pub use limits::{MAX_EVENT_BYTES, MAX_ORDER_BYTES};
pub use needs::needs_shop;
pub use public::{device_named, parse_public};
pub use received::Received;
pub use rejection::Rejection;
pub use rejection_kind::RejectionKind;
pub use whose::Whose;
