//! Stripe: Checkout, Payment Links and renewals.
//!
//! | event | becomes |
//! |---|---|
//! | `checkout.session.completed`, `…async_payment_succeeded`, `…async_payment_failed` | the order ([`session`]) |
//! | `checkout.session.expired` | a checkout that was left, if it has an address ([`session`]) |
//! | `charge.refunded`, or `refund.*` if the shop decides so | a refund ([`refund`]) |
//! | `invoice.paid` of a renewal | an order ([`invoice`]) |
//!
//! **The order's id** is that of the payment (`payment_intent`): a session and its refund both name it, while a refund never names the
//! session. A session without a payment (free, or the start of a subscription) has its own id.

mod answer;
mod connector;
mod invoice;
mod money;
mod refund;
mod session;

pub(crate) use connector::CONNECTOR;
pub(crate) use money::places;
