//! What the other files of Olist's data set say about its orders: what was paid, and who the customer is.

use crate::file::{Row, Table};
use crate::history::ReadError;
use crate::values::Decimal;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const PAYMENTS: &str = "olist_order_payments_dataset.csv";
const ITEMS: &str = "olist_order_items_dataset.csv";
const CUSTOMERS: &str = "olist_customers_dataset.csv";

/// Amounts and customers by the ids of the data set. Its ids are 128-bit numbers, so an order takes some 50 bytes and a customer 40.
#[derive(Debug)]
pub(crate) struct Join {
    paid: HashMap<u128, Decimal>,
    customers: HashMap<u128, u128>,
}

impl Join {
    /// The columns that the join adds.
    pub(crate) const COLUMNS: [&'static str; 1] = ["payment_value"];

    /// Reads the files beside a file of orders.
    ///
    /// # Errors
    /// A file that is needed is missing, or cannot be read.
    pub(crate) fn beside(orders: &Path) -> Result<Self, ReadError> {
        let beside = |name: &str| {
            [format!("{name}.gz"), name.to_owned()]
                .map(|name| orders.with_file_name(name))
                .into_iter()
                .find(|path| path.exists())
        };
        let lacks = |what: &str| ReadError::Columns {
            path: orders.to_owned(),
            reason: format!("the orders of Olist's data set name no {what} of the data set; put it beside this file"),
        };
        let customers = beside(CUSTOMERS).ok_or_else(|| {
            lacks(&format!("person, but a new customer_id for each order: the people are in {CUSTOMERS}"))
        })?;
        let (amounts, columns): (PathBuf, &[&str]) = match (beside(PAYMENTS), beside(ITEMS)) {
            (Some(payments), _) => (payments, &["payment_value"]),
            (None, Some(items)) => (items, &["price", "freight_value"]),
            (None, None) => return Err(lacks(&format!("amount: amounts are in {PAYMENTS}, or {ITEMS},"))),
        };
        let mut paid: HashMap<u128, Decimal> = HashMap::new();
        each_row(&amounts, |row| {
            let Some(order) = row.id("order_id") else { return };
            for column in columns {
                if let Some(amount) = row.text(column).and_then(Decimal::parse) {
                    let sum = paid.entry(order).or_default();
                    *sum = sum.plus(amount).unwrap_or(*sum);
                }
            }
        })?;
        let mut people = HashMap::new();
        each_row(&customers, |row| {
            if let (Some(customer), Some(person)) = (row.id("customer_id"), row.id("customer_unique_id")) {
                people.insert(customer, person);
            }
        })?;
        Ok(Self { paid, customers: people })
    }

    /// Adds what an order cost, and puts the person in the place of the order's own customer id.
    pub(crate) fn apply(&self, row: &mut Row) {
        let paid = row.id("order_id").and_then(|order| self.paid.get(&order));
        let person = row.id("customer_id").map(|customer| self.customers.get(&customer));
        for (name, value) in &mut row.cells {
            if &**name == "customer_id" && person.is_some() {
                *value = person.flatten().map_or(Value::Null, |person| json!(format!("{person:032x}")));
            }
        }
        let paid = paid.map_or(Value::Null, |paid| json!(paid.to_string()));
        row.cells.push((Arc::from(Self::COLUMNS[0]), paid));
    }
}

impl Row {
    fn text(&self, column: &str) -> Option<&str> {
        self.cells.iter().find(|(name, _)| &**name == column)?.1.as_str()
    }

    /// An id of 32 hexadecimal digits.
    fn id(&self, column: &str) -> Option<u128> {
        let text = self.text(column)?.trim();
        u128::from_str_radix(text, 16).ok().filter(|_| text.len() == 32)
    }
}

fn each_row(path: &Path, mut each: impl FnMut(&Row)) -> Result<(), ReadError> {
    let mut table = Table::open(path, None)?;
    table.by_ref().flatten().for_each(|row| each(&row));
    table.finish()
}
