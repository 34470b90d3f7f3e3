//! The days with an order and the draws of some customers of a shop, as bytes: what a segment gives to a shop's reports.
//!
//! The version of the form, then of each customer the hash, the days as they are stored with the customer, nothing if they are not known, and
//! the draws as JSON, nothing if there are none; before each of the latter two its length in two bytes.

use rekindle_lifecycle::customer::{Draw, OrderDays};

/// The version of the form.
const VERSION: u8 = 1;
const HASH_LEN: usize = 8;
const LENGTH_LEN: usize = 2;

/// What a pass needs to know of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gatherable {
    /// The hash of shop and customer.
    pub(crate) hash: u64,
    /// The days with an order; `None` for a customer who has yet to be counted by a version that keeps them.
    pub(crate) days: Option<OrderDays>,
    /// In which arms of which experiments they are.
    pub(crate) draws: Vec<Draw>,
}

/// A piece that is being made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece(Vec<u8>);

impl Piece {
    pub(crate) fn new() -> Self {
        Self(vec![VERSION])
    }

    /// Adds a customer.
    pub(crate) fn add(&mut self, hash: u64, days: Option<&OrderDays>, draws: &[Draw]) {
        self.0.extend_from_slice(&hash.to_be_bytes());
        // At most 256 days of at most 18 bytes each, and 40 draws of at most 130.
        self.add_part(&days.map(OrderDays::to_bytes).unwrap_or_default());
        let draws = if draws.is_empty() { Vec::new() } else { serde_json::to_vec(draws).unwrap_or_default() };
        self.add_part(&draws);
    }

    fn add_part(&mut self, part: &[u8]) {
        let length = u16::try_from(part.len()).unwrap_or(0);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(&part[..usize::from(length)]);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// The customers of a piece. What cannot be read ends it.
pub(crate) fn customers(piece: &[u8]) -> impl Iterator<Item = Gatherable> {
    let mut rest = piece.strip_prefix(&[VERSION]).unwrap_or_default();
    std::iter::from_fn(move || {
        let (hash, after) = rest.split_at_checked(HASH_LEN)?;
        let (days, after) = take_part(after)?;
        let (draws, after) = take_part(after)?;
        rest = after;
        Some(Gatherable {
            hash: u64::from_be_bytes(hash.try_into().ok()?),
            days: if days.is_empty() { None } else { Some(OrderDays::from_bytes(days)?) },
            draws: if draws.is_empty() { Vec::new() } else { serde_json::from_slice(draws).ok()? },
        })
    })
}

fn take_part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, after) = bytes.split_at_checked(LENGTH_LEN)?;
    after.split_at_checked(usize::from(u16::from_be_bytes(length.try_into().ok()?)))
}
