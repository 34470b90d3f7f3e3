//! The days with an order of some customers of a shop, as bytes: what a segment gives to a shop's reports.
//!
//! The version of the form, then of each customer the hash, the length of the days in two bytes, and the days as they are stored with
//! the customer.

use rekindle_lifecycle::customer::OrderDays;

/// The version of the form.
const VERSION: u8 = 1;
const HASH_LEN: usize = 8;
const LENGTH_LEN: usize = 2;

/// A piece that is being made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece(Vec<u8>);

impl Piece {
    pub(crate) fn new() -> Self {
        Self(vec![VERSION])
    }

    /// Adds a customer by the hash of shop and customer.
    pub(crate) fn add(&mut self, hash: u64, days: &OrderDays) {
        let days = days.to_bytes();
        // At most 256 days of at most 18 bytes each.
        let length = u16::try_from(days.len()).unwrap_or(u16::MAX);
        self.0.extend_from_slice(&hash.to_be_bytes());
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(&days[..usize::from(length)]);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// The customers of a piece. What cannot be read ends it.
pub(crate) fn customers(piece: &[u8]) -> impl Iterator<Item = (u64, OrderDays)> {
    let mut rest = piece.strip_prefix(&[VERSION]).unwrap_or_default();
    std::iter::from_fn(move || {
        let (hash, after) = rest.split_at_checked(HASH_LEN)?;
        let (length, after) = after.split_at_checked(LENGTH_LEN)?;
        let length = u16::from_be_bytes(length.try_into().ok()?);
        let (days, after) = after.split_at_checked(usize::from(length))?;
        rest = after;
        Some((u64::from_be_bytes(hash.try_into().ok()?), OrderDays::from_bytes(days)?))
    })
}
