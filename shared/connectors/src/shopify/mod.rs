//! Shopify: webhooks that a merchant creates in the store's settings, and those of apps.
//!
//! | topic | becomes |
//! |---|---|
//! | `orders/*` | the order, and its refunds ([`order`]) |
//! | `refunds/create` | the refund ([`refund`]) |
//! | `customers/create`, `update`, `enable`, `disable` | the person, and what they say about consent ([`customer`]) |
//! | the topics of consent | the consent ([`consent`]) |
//! | `carts/*`, `checkouts/*` | the cart ([`cart`]) |
//! | `products/*`, `inventory_levels/*` | products and stock ([`product`]) |
//! | `fulfillments/*`, `fulfillment_events/*` | shipments ([`fulfilment`]) |
//! | `customers/data_request`, `customers/redact`, `shop/redact`, `app/uninstalled` | requests ([`privacy`]) |
//!
//! Deliveries come late, twice and in any order. A fact is dated by the time in the body, never by its arrival.

mod answer;
mod buyer;
mod cart;
mod connector;
mod consent;
mod customer;
mod fulfilment;
mod line;
mod money;
mod order;
mod privacy;
mod product;
mod refund;
mod visit;

pub(crate) use connector::CONNECTOR;
