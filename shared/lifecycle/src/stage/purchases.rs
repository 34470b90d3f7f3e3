//! What the stage rules need to know of a customer's orders.

use jiff::Timestamp;

/// A customer's purchases up to some instant, as the stage rules need them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purchases {
    /// Days with at least one counted order.
    pub occasions: u32,
    /// Counted orders.
    pub orders: u32,
    /// First counted order.
    pub first_at: Option<Timestamp>,
    /// Last counted order.
    pub last_at: Option<Timestamp>,
    /// Latest order of the second latest day with an order.
    pub second_latest_at: Option<Timestamp>,
    /// Latest order of the third latest day with an order.
    pub third_latest_at: Option<Timestamp>,
    /// Whole days from the first day with an order to the last.
    pub span_days: i32,
    /// First instant after the one asked about at which another known order begins to count (a
    /// sender's clock may run a little ahead of ours).
    pub next_at: Option<Timestamp>,
}
