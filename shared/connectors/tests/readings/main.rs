//! What deliveries of shop systems become.
//!
//! Payloads of real shops are read from the directory in `REKINDLE_CASES`; without it their tests are skipped. The repository's own are
//! in `events/webhooks`.
#![allow(clippy::unwrap_used, reason = "tests")]

mod generated;
mod hostile_mappings;
mod kept_shopify;
mod kept_stripe;
mod kept_woocommerce;
mod mappings;
mod own;
mod signatures;
mod support;
