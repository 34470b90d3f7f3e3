//! One row of an order history.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use rekindle_lifecycle::id::{CustomerId, OrderId};
use rekindle_lifecycle::money::{Currency, Money};
use serde_json::{Map, Value};

/// A row of an order history, parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderRow {
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// The customer's id, if the shop has one; an order of a guest has an e-mail address or a phone number instead.
    pub customer_id: Option<CustomerId>,
    /// The order.
    pub order_id: OrderId,
    /// When it was ordered. A day without a time counts as noon UTC, which is the same day in nearly every time zone.
    pub ordered_at: Timestamp,
    /// The paid amount.
    pub amount: Money,
    /// The state of the order.
    pub state: OrderState,
    /// The values of all other columns, by column. Empty ones are left out.
    pub extra: Map<String, Value>,
}

/// The state of an order, as far as the engine distinguishes states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderState {
    /// Not paid yet.
    Pending,
    /// Paid; shipped or not.
    Completed,
    /// Cancelled.
    Cancelled,
    /// Refunded.
    Refunded,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {field} {reason}")]
pub struct RowError {
    /// Line of the file, from 1.
    pub line: u64,
    /// The column.
    pub field: String,
    /// What is wrong with it, as the predicate of a sentence about the column.
    pub reason: String,
}

/// The columns that every row fills.
pub(super) const REQUIRED: [&str; 3] = ["order_id", "ordered_at", "amount"];
/// The columns of which every row fills one: who ordered.
pub(super) const WHO: [&str; 3] = ["customer_id", "email", "phone"];
const OPTIONAL: [&str; 3] = ["customer_id", "currency", "status"];

impl OrderRow {
    /// Parses the columns of a line. Columns that are neither required nor known go into `extra`.
    ///
    /// # Errors
    /// Names the first column that is missing or wrong.
    pub fn parse(line: u64, columns: &Map<String, Value>) -> Result<Self, RowError> {
        let refuse = |field: &str, reason: String| RowError { line, field: field.to_owned(), reason };
        let text = |field: &str| columns.get(field).map(plain).map(|text| text.trim().to_owned()).unwrap_or_default();
        for field in REQUIRED {
            if text(field).is_empty() {
                return Err(refuse(field, "is missing".to_owned()));
            }
        }
        if WHO.iter().all(|field| text(field).is_empty()) {
            return Err(refuse("customer_id", "is missing, and neither email nor phone says who ordered".to_owned()));
        }
        let currency = match text("currency") {
            none if none.is_empty() => Currency::parse("USD"),
            code => Currency::parse(&code),
        };
        let currency = currency.map_err(|error| refuse("currency", error.to_string()))?;
        let customer_id = Some(text("customer_id")).filter(|id| !id.is_empty()).map(|id| CustomerId::parse(&id));
        let order_id = OrderId::parse(&text("order_id"));
        let state = OrderState::parse(&text("status"));
        let known = |name: &String| REQUIRED.contains(&name.as_str()) || OPTIONAL.contains(&name.as_str());
        let amount = match columns.get("amount") {
            Some(Value::Number(number)) => Money::from_json_number(number, currency),
            _ => Money::parse(&text("amount"), currency),
        };
        Ok(Self {
            line,
            customer_id: customer_id.transpose().map_err(|error| refuse("customer_id", error.to_string()))?,
            order_id: order_id.map_err(|error| refuse("order_id", error.to_string()))?,
            ordered_at: instant(&text("ordered_at")).map_err(|reason| refuse("ordered_at", reason))?,
            amount: amount.map_err(|error| refuse("amount", error.to_string()))?,
            state: state.map_err(|reason| refuse("status", reason))?,
            extra: columns
                .iter()
                .filter(|(name, value)| !known(name) && !plain(value).trim().is_empty())
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        })
    }

    /// Who ordered, in one word: the customer's id, or what a guest is known by.
    #[must_use]
    pub fn who(&self) -> String {
        let known_by = || ["email", "phone"].into_iter().find_map(|name| self.extra.get(name)).map(plain);
        self.customer_id.as_ref().map(ToString::to_string).or_else(known_by).unwrap_or_default()
    }
}

impl OrderState {
    fn parse(text: &str) -> Result<Self, String> {
        match text.to_lowercase().as_str() {
            "" | "completed" | "complete" | "paid" | "processing" | "fulfilled" | "shipped" | "delivered" => {
                Ok(Self::Completed)
            }
            "pending" | "on-hold" | "unpaid" => Ok(Self::Pending),
            "cancelled" | "canceled" | "failed" | "voided" => Ok(Self::Cancelled),
            "refunded" => Ok(Self::Refunded),
            _ => Err(format!(
                "is {:?}; use pending, completed, cancelled or refunded, or leave it out",
                text.chars().take(32).collect::<String>()
            )),
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn instant(text: &str) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let day = text.parse::<Date>().ok().filter(|_| text.len() <= 10);
    let noon = day.and_then(|day| day.to_datetime(Time::midnight()).to_zoned(TimeZone::UTC).ok());
    noon.map(|day| day.timestamp() + jiff::SignedDuration::from_hours(12)).ok_or_else(|| {
        format!(
            "is {:?}; write an instant such as 2026-03-01T12:00:00Z or a day such as 2026-03-01",
            text.chars().take(40).collect::<String>()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn columns() -> Map<String, Value> {
        let row = json!({
            "customer_id": "anna", "order_id": "o1", "ordered_at": "2026-03-01", "amount": "12.50", "currency": "EUR",
            "status": "completed", "city": "Leeds", "email": " ",
        });
        row.as_object().cloned().expect("an object")
    }

    #[test]
    fn a_row_is_parsed_once_and_keeps_the_columns_that_have_no_meaning_here() {
        let row = OrderRow::parse(7, &columns()).expect("a row");
        assert_eq!((row.line, row.amount.to_string()), (7, "12.50 EUR".to_owned()));
        assert_eq!(row.state, OrderState::Completed);
        assert_eq!(row.extra.keys().collect::<Vec<_>>(), ["city"]);
    }

    #[test]
    fn each_wrong_value_is_named_with_the_expected_form() {
        for (field, value, complaint) in [
            ("customer_id", json!(""), "customer_id is missing, and neither email nor phone says who ordered"),
            ("customer_id", json!("a\u{0}b"), "customer_id contains a control character"),
            ("customer_id", json!("x".repeat(300)), "customer_id is 300 bytes long; at most 256 are allowed"),
            ("order_id", json!(null), "order_id is missing"),
            ("ordered_at", json!("01/02/2026"), "ordered_at is \"01/02/2026\"; write an instant such as"),
            ("ordered_at", json!("2026-02-30"), "ordered_at is \"2026-02-30\"; write an instant such as"),
            ("ordered_at", json!("2026-03-01 10:00:00"), "ordered_at is \"2026-03-01 10:00:00\"; write an instant"),
            ("amount", json!("12,50"), "amount is \"12,50\", which is not a decimal amount such as 12.50"),
            ("amount", json!("-1"), "amount must not be negative"),
            ("amount", json!("1.005"), "amount has 3 decimal places, but EUR has 2"),
            ("amount", json!({}), "amount is \"{}\", which is not a decimal amount"),
            ("currency", json!("EURO"), "currency is \"EURO\", which is not an ISO 4217 currency code"),
            ("status", json!("lost"), "status is \"lost\"; use pending, completed, cancelled or refunded"),
        ] {
            let mut wrong = columns();
            wrong.insert(field.to_owned(), value);
            let error = OrderRow::parse(3, &wrong).expect_err(complaint).to_string();
            assert!(error.starts_with(&format!("line 3: {complaint}")), "{error}");
        }
    }

    #[test]
    fn optional_values_have_defaults() {
        let mut short = columns();
        short.retain(|name, _| name == "customer_id" || REQUIRED.contains(&name.as_str()));
        let row = OrderRow::parse(1, &short).expect("a row");
        assert_eq!((row.amount.currency.code(), row.state), ("USD", OrderState::Completed));
    }
}
