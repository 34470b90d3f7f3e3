//! WooCommerce: the webhooks that a merchant adds in its settings.
//!
//! | topic | becomes |
//! |---|---|
//! | `order.*` | the order, its refunds, and a consent if the shop names a field for it ([`order`]) |
//! | `customer.*` | the person ([`customer`]) |
//! | `product.*` | the product ([`product`]) |
//! | `coupon.*`, `action.*` | nothing |
//! | the unsigned form that is posted when a webhook is switched on | a test |
//!
//! Bodies show the state at delivery, made with the rights of the user who created the webhook: without them WooCommerce signs and
//! sends its error instead.

mod answer;
mod connector;
mod customer;
mod meta;
mod order;
mod product;

pub(crate) use connector::CONNECTOR;
