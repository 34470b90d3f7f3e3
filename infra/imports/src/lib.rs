//! Reads a shop's existing data, order histories and exports of Amazon Pinpoint, and posts it to a running endpoint.
//!
//! - [`history`] reads files of orders and customers, [`import`] posts them. Below it: [`file`](mod@file) reads rows, [`columns`] says
//!   which column is which field, [`values`] what their texts mean, [`presets`] what is known of shop systems' exports; `orders`
//!   and `people` make events;
//! - [`products`] reads product feeds;
//! - [`pinpoint`] parses what Amazon Pinpoint exported.

pub mod columns;
pub mod file;
pub mod history;
pub mod import;
mod orders;
mod people;
pub mod pinpoint;
pub mod presets;
pub mod products;
pub mod values;

#[cfg(test)]
mod tests;

pub use orders::Question;
