//! The rules of Rekindle, and nothing else: no clock, no environment, no network, no random numbers.
//! Time is an argument everywhere.
//!
//! The parts:
//! - a [`facts::Fact`] is something that happened to a customer: an order, a refund, a click, a refusal;
//! - a [`customer::Customer`] holds what follows from the facts ([`customer::Folded`]) and a record of what was
//!   decided ([`customer::Decided`]);
//! - a [`policy::Policy`] holds every number and every journey, read from a documented file;
//! - [`stage::assess`] finds the stage from the orders and the time;
//! - [`decide::decide`] is the one decision: the stage, the messages to create now, why, why not, and the next
//!   instant at which anything can change;
//! - a [`triggers::Trigger`] starts and ends runs of a journey; each has a file of its own;
//! - a [`sending_rate::SendingRate`] gives how far apart sends have to be;
//! - a [`message::Message`] is a state machine from queued to delivered; [`decide::verdict`] checks it once more
//!   just before it is sent.
//!
//! What is guaranteed, and tested:
//! - the fold gives the same customer for the same facts in any order, any number of times;
//! - deciding twice at one instant decides nothing more the second time;
//! - no customer ever gets more messages in any window than the frequency cap allows, or one at night;
//! - a message's identity follows from what it is for, so the same decision makes the same message.

pub mod back_off;
pub mod bounce;
pub mod channel;
pub mod clicks;
pub mod code;
pub mod contact;
pub mod country;
pub mod coupon_code;
pub mod customer;
pub mod decide;
pub mod facts;
pub mod id;
pub mod identity;
pub mod inbound_text;
pub mod mailbox;
pub mod message;
pub mod money;
pub mod nps;
pub mod policy;
pub mod reason;
pub mod referral;
pub mod reputation;
pub mod rules;
pub mod sending_rate;
pub mod short_code;
pub mod stage;
pub mod time;
pub mod triggers;
pub mod typed_code;
