//! What a pass gathered of a shop's customers, piece by piece, until its reports are made. Pieces expire after three days.

use super::pass::{Pass, expiry};
use crate::store::Store;
use crate::table::attributes::number;
use crate::table::calls::key;
use crate::table::error::StoreError;
use crate::table::keys;
use crate::table::tables::EXPIRES_AT;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use rekindle_lifecycle::id::ShopId;
use std::collections::BTreeSet;

/// Most bytes of a piece: an item has at most 400 KB.
pub const MAX_PIECE_BYTES: usize = 300 * 1024;

const PIECE: &str = "piece";

impl Store {
    /// Stores a piece of at most [`MAX_PIECE_BYTES`]. The same piece again is the same item. One write unit for each KB.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn put_piece(
        &self,
        pass: &Pass,
        shop: &ShopId,
        leg: &str,
        place: u32,
        piece: Vec<u8>,
    ) -> Result<(), StoreError> {
        let mut item = key(keys::pieces_pk(shop), Some(keys::piece_sk(pass.day, leg, place)));
        item.insert(PIECE.to_owned(), AttributeValue::B(Blob::new(piece)));
        if let Some(at) = expiry(pass) {
            item.insert(EXPIRES_AT.to_owned(), number(at.as_second()));
        }
        self.put_items(&self.tables.shops, vec![item]).await
    }

    /// Hands the pieces that these legs of a pass gathered of a shop to `each`, in the order of their keys, a page at a time. Half a read
    /// unit for each four kilobytes.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn each_piece(
        &self,
        pass: &Pass,
        shop: &ShopId,
        legs: &BTreeSet<String>,
        mut each: impl FnMut(&[u8]),
    ) -> Result<(), StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk AND begins_with(sk, :day)")
            .expression_attribute_values(":pk", AttributeValue::S(keys::pieces_pk(shop)))
            .expression_attribute_values(":day", AttributeValue::S(keys::pieces_of(pass.day)))
            .consistent_read(true);
        let mut next = None;
        loop {
            let page = self.page(query.clone().set_exclusive_start_key(next)).await?;
            for item in page.items.unwrap_or_default() {
                let leg = item.get("sk").and_then(|sk| keys::leg_of_piece(sk.as_s().ok()?));
                let piece = item.get(PIECE).and_then(|piece| piece.as_b().ok());
                if let (Some(leg), Some(piece)) = (leg, piece)
                    && legs.contains(leg)
                {
                    each(piece.as_ref());
                }
            }
            next = page.last_evaluated_key;
            if next.is_none() {
                return Ok(());
            }
        }
    }
}
