//! The text files of the CDNOW data set (Fader and Hardie): customer, customer within the sample (optional), day, number of
//! CDs, dollars.

use super::RowError;
use crate::file::Cells;
use serde_json::Value;
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Parses rows and gives them order ids, which the data set lacks: an id is made of the row itself, and equal rows are
/// numbered, so that ids do not depend on the order of the rows.
#[derive(Default)]
pub(crate) struct Cdnow {
    /// How often each row was there, by its hash.
    seen: HashMap<u64, u32>,
}

impl Cdnow {
    /// Whether a file with this first line is one of the data set.
    pub(crate) fn begins_with(line: &str) -> bool {
        let words: Vec<&str> = line.split_whitespace().collect();
        is_header(&words) || ((4..=5).contains(&words.len()) && words.iter().all(|word| word.parse::<f64>().is_ok()))
    }

    /// Parses a line; `None` for the header.
    pub(crate) fn row(&mut self, line: u64, text: &str) -> Option<Result<Cells, RowError>> {
        let words: Vec<&str> = text.split_whitespace().collect();
        if is_header(&words) {
            return None;
        }
        let (customer, day, cds, dollars) = match words.as_slice() {
            [customer, day, cds, dollars] | [customer, _, day, cds, dollars] => (*customer, *day, *cds, *dollars),
            _ => {
                let reason = "does not have four or five columns".to_owned();
                return Some(Err(RowError { line, field: "the line".to_owned(), reason }));
            }
        };
        let mut order_id = format!("{customer}-{day}-{cds}-{dollars}");
        let number = self.number(&order_id);
        if number > 1 {
            order_id = format!("{order_id}-{number}");
        }
        let ordered_at = match (day.get(..4), day.get(4..6), day.get(6..)) {
            (Some(year), Some(month), Some(day)) => format!("{year}-{month}-{day}"),
            _ => day.to_owned(),
        };
        let columns = [
            ("customer_id", customer),
            ("order_id", &order_id),
            ("ordered_at", &ordered_at),
            ("amount", dollars),
            ("cds", cds),
            ("email", &format!("customer-{customer}@example.com")),
        ];
        Some(Ok(columns.into_iter().map(|(name, text)| (Arc::from(name), Value::from(text))).collect()))
    }

    fn number(&mut self, row: &str) -> u32 {
        let mut hasher = DefaultHasher::new();
        row.hash(&mut hasher);
        let number = self.seen.entry(hasher.finish()).or_insert(0);
        *number += 1;
        *number
    }
}

fn is_header(words: &[&str]) -> bool {
    words == ["customer_id", "date", "number_of_cds", "dollar_value"]
}
