//! Payloads of Shopify, as real shops sent them or as they are documented.

mod orders;
mod people;
mod shopping;
