//! What `rekindle demo` is made of: an order history that is played back in the order of time, and the customers who get
//! the messages.
//!
//! - [`schedule`] keeps the history on disk, sorted by time;
//! - [`simulated_customers`] open, click, answer and order.

pub mod schedule;
pub mod simulated_customers;
