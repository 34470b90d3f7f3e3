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
//! | `email`, `phone` | address; number in international form |
//! | `firstName`, `first_name`, or the first word of `name` | how to address the customer |
//! | `language`, `locale` (also `context.locale`) | BCP 47 language |
//! | `timezone`, `time_zone` (also `context.timezone`) | IANA time zone |
//! | `anonymousId` of the event | the browser or device |
//! | `email_marketing_consent`, `sms_marketing_consent` | `true` or `false`: whether marketing is allowed |
mod alias;
mod clock_skew;
mod event;
mod fields;
mod kind;
mod limits;
mod order;
mod referral;
mod rejection;
#[cfg(test)]
mod tests;
mod traits;
mod whose;

pub use event::{Parsed, Received, parse};
pub use fields::Fields;
pub use kind::Kind;
pub use limits::MAX_EVENT_BYTES;
pub use rejection::Rejection;
pub use whose::Whose;
