//! A shop's reports, one a name and day: JSON, compressed.

use crate::store::Store;
use crate::table::attributes::number;
use crate::table::calls::{Item, key};
use crate::table::error::StoreError;
use crate::table::keys;
use crate::table::tables::EXPIRES_AT;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::id::ShopId;
use serde_json::Value;
use std::io::{Read, Write};

/// How long a report is kept.
const RETENTION: SignedDuration = SignedDuration::from_hours(24 * 400);
/// The longest report that is read, in bytes of JSON.
const MAX_REPORT_BYTES: u64 = 8 * 1024 * 1024;
/// Most reports of a name that are listed.
const MAX_LISTED: i32 = 400;

const REPORT: &str = "report";

/// A report.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredReport {
    /// The last day that it looks at, in the shop's zone.
    pub through: Date,
    /// The report.
    pub report: Value,
}

impl Store {
    /// Stores a report in place of one of the same name and day. One write unit for each compressed KB.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn put_report(
        &self,
        shop: &ShopId,
        name: &str,
        StoredReport { through, report }: &StoredReport,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut item = key(keys::reports_pk(shop), Some(keys::report_sk(name, *through)));
        item.insert(REPORT.to_owned(), AttributeValue::B(Blob::new(compress(report))));
        if let Ok(at) = now.checked_add(RETENTION) {
            item.insert(EXPIRES_AT.to_owned(), number(at.as_second()));
        }
        self.put_items(&self.tables.shops, vec![item]).await
    }

    /// The report of a day, or the latest one.
    ///
    /// # Errors
    /// The database refused or did not answer, or the report cannot be read.
    pub async fn report(
        &self,
        shop: &ShopId,
        name: &str,
        through: Option<Date>,
    ) -> Result<Option<StoredReport>, StoreError> {
        let item = match through {
            Some(day) => self.get(&self.tables.shops, keys::reports_pk(shop), Some(keys::report_sk(name, day))).await?,
            None => {
                let query = self.reports_query(shop, name).scan_index_forward(false).limit(1);
                self.page(query).await?.items.unwrap_or_default().into_iter().next()
            }
        };
        item.as_ref().map(|item| parse(item, name)).transpose()
    }

    /// The latest report of a day before this one.
    ///
    /// # Errors
    /// The database refused or did not answer, or the report cannot be read.
    pub async fn report_before(
        &self,
        shop: &ShopId,
        name: &str,
        day: Date,
    ) -> Result<Option<StoredReport>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk AND sk BETWEEN :name AND :day")
            .expression_attribute_values(":pk", AttributeValue::S(keys::reports_pk(shop)))
            .expression_attribute_values(":name", AttributeValue::S(keys::reports_of(name)))
            .expression_attribute_values(":day", AttributeValue::S(keys::report_sk(name, day)))
            .scan_index_forward(false)
            .limit(2);
        let items = self.page(query).await?.items.unwrap_or_default();
        let earlier = items.iter().find(|item| day_of(item, name).is_some_and(|of| of < day));
        earlier.map(|item| parse(item, name)).transpose()
    }

    /// The days of which there is a report of this name, the latest first; at most 400.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn report_days(&self, shop: &ShopId, name: &str) -> Result<Vec<Date>, StoreError> {
        let query =
            self.reports_query(shop, name).scan_index_forward(false).limit(MAX_LISTED).projection_expression("sk");
        let items = self.page(query).await?.items.unwrap_or_default();
        Ok(items.iter().filter_map(|item| day_of(item, name)).collect())
    }

    fn reports_query(
        &self,
        shop: &ShopId,
        name: &str,
    ) -> aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk AND begins_with(sk, :name)")
            .expression_attribute_values(":pk", AttributeValue::S(keys::reports_pk(shop)))
            .expression_attribute_values(":name", AttributeValue::S(keys::reports_of(name)))
    }
}

fn parse(item: &Item, name: &str) -> Result<StoredReport, StoreError> {
    let packed = item.get(REPORT).and_then(|report| report.as_b().ok());
    let report = packed.and_then(|packed| uncompress(packed.as_ref())).ok_or_else(|| unreadable(REPORT))?;
    Ok(StoredReport { through: day_of(item, name).ok_or_else(|| unreadable("sk"))?, report })
}

fn day_of(item: &Item, name: &str) -> Option<Date> {
    item.get("sk")?.as_s().ok()?.strip_prefix(&keys::reports_of(name))?.parse().ok()
}

fn compress(report: &Value) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let written = serde_json::to_writer(&mut encoder, report).map_err(std::io::Error::from);
    written.and_then(|()| encoder.flush()).and_then(|()| encoder.finish()).expect("memory can be written to")
}

fn uncompress(packed: &[u8]) -> Option<Value> {
    let mut json = Vec::new();
    GzDecoder::new(packed).take(MAX_REPORT_BYTES).read_to_end(&mut json).ok()?;
    serde_json::from_slice(&json).ok()
}

fn unreadable(attribute: &'static str) -> StoreError {
    StoreError::Unreadable { family: "report", attribute }
}
