//! Which of the orders in the totals of an order book are known, in few bytes.

use crate::id::{OrderId, hash};
use base64ct::{Base64Unpadded, Encoding};
use serde::{Deserialize, Serialize};

/// How many of the rolled-up orders are remembered by a fingerprint of their id. An order older than
/// the latest `MAX_RECENT_ORDERS + MAX_REMEMBERED_ORDERS` that is reported as placed again, at a *later*
/// instant than the roll-up mark, is counted as a new one until the next recount.
pub const MAX_REMEMBERED_ORDERS: usize = 48;

/// 16 bits of the hash of each order id, in base 64 in the item. Two ids share one in 65,536 cases, which costs a
/// recount and never a wrong count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Fingerprints(Vec<u16>);

impl Fingerprints {
    fn of(id: &OrderId) -> u16 {
        let digest = hash(&["order", id.as_str()]);
        u16::from_be_bytes([digest[0], digest[1]])
    }

    pub(super) fn contains(&self, id: &OrderId) -> bool {
        self.0.contains(&Self::of(id))
    }

    pub(super) fn remember(&mut self, id: &OrderId) {
        if self.0.len() == MAX_REMEMBERED_ORDERS {
            self.0.remove(0);
        }
        self.0.push(Self::of(id));
    }
}

impl From<Fingerprints> for String {
    fn from(known: Fingerprints) -> Self {
        let bytes: Vec<u8> = known.0.iter().flat_map(|print| print.to_be_bytes()).collect();
        Base64Unpadded::encode_string(&bytes)
    }
}

impl TryFrom<String> for Fingerprints {
    type Error = base64ct::Error;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = Base64Unpadded::decode_vec(&text)?;
        Ok(Self(bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()))
    }
}
