//! Learning from a history of orders without a running stack: events become orders by the engine's own rules, and the orders the
//! occasions that [`rekindle_insight`] looks at.

mod order_history;

pub use order_history::OrderHistory;
