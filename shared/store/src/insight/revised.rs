//! Items of the table `shops` that hold one state as JSON and are only written by who saw the latest one.

use crate::store::Store;
use crate::table::attributes::{json, number};
use crate::table::calls::{Item, key};
use crate::table::error::StoreError;
use crate::table::tables::EXPIRES_AT;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

const STATE: &str = "state";
const REVISION: &str = "revision";

/// A state as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Revised<T> {
    /// The state.
    pub state: T,
    /// Grows with every write; 0 before it is stored.
    pub revision: u64,
}

impl Store {
    /// A state, as it is after every write that was acknowledged before; the default one if there is none.
    pub(super) async fn revised<T: DeserializeOwned + Default>(
        &self,
        pk: &str,
        sk: &str,
    ) -> Result<Revised<T>, StoreError> {
        match self.get(&self.tables.shops, pk.to_owned(), Some(sk.to_owned())).await? {
            Some(item) => parse(&item),
            None => Ok(Revised::default()),
        }
    }

    /// The states whose sort keys begin so, each with the rest of its sort key, in the order of these. Strongly consistent.
    pub(super) async fn all_revised<T: DeserializeOwned>(
        &self,
        pk: &str,
        beginning: &str,
    ) -> Result<Vec<(String, Revised<T>)>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk AND begins_with(sk, :beginning)")
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
            .expression_attribute_values(":beginning", AttributeValue::S(beginning.to_owned()))
            .consistent_read(true);
        let one = |item: &Item| {
            let sk = item.get("sk").and_then(|sk| sk.as_s().ok()).and_then(|sk| sk.strip_prefix(beginning));
            let rest = sk.ok_or_else(|| unreadable("sk"))?.to_owned();
            Ok((rest, parse(item)?))
        };
        self.all(query).await?.iter().map(one).collect()
    }

    /// Stores a state if the stored one is still the one that was read; whether it was.
    pub(super) async fn put_revised<T: Serialize>(
        &self,
        pk: &str,
        sk: &str,
        Revised { state, revision }: &Revised<T>,
        expires_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let mut item = key(pk.to_owned(), Some(sk.to_owned()));
        item.insert(STATE.to_owned(), json(state));
        item.insert(REVISION.to_owned(), number(revision + 1));
        if let Some(at) = expires_at {
            item.insert(EXPIRES_AT.to_owned(), number(at.as_second()));
        }
        let put = self.client.put_item().table_name(&self.tables.shops).set_item(Some(item));
        let put = match revision {
            0 => put.condition_expression("attribute_not_exists(pk)"),
            seen => put
                .condition_expression("#revision = :seen")
                .expression_attribute_names("#revision", REVISION)
                .expression_attribute_values(":seen", number(seen)),
        };
        self.put_if(put).await
    }
}

fn parse<T: DeserializeOwned>(item: &Item) -> Result<Revised<T>, StoreError> {
    let state = item.get(STATE).and_then(|state| state.as_s().ok());
    let state = state.and_then(|state| serde_json::from_str(state).ok()).ok_or_else(|| unreadable(STATE))?;
    let revision = item.get(REVISION).and_then(|revision| revision.as_n().ok()?.parse().ok());
    Ok(Revised { state, revision: revision.ok_or_else(|| unreadable(REVISION))? })
}

fn unreadable(attribute: &'static str) -> StoreError {
    StoreError::Unreadable { family: "insight", attribute }
}
