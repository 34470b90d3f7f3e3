//! A row of a file of orders: a line of an order, a whole order, or a report of one.

use super::plan::Plan;
use super::product::Product;
use crate::columns::items::unpacked;
use crate::columns::{Field, RowFields, plain};
use crate::file::Row;
use crate::history::RowError;
use crate::values::{Amount, Decimal, OrderState, currency_beside, damage, fold_word, is_no_id};
use jiff::Timestamp;
use rekindle_lifecycle::id::{CustomerId, OrderId};
use rekindle_lifecycle::money::Currency;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What a row says. What it leaves out, another row of its order may say.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) line: u64,
    /// What rows of the same order have in common.
    pub(crate) key: String,
    pub(crate) order_id: Option<OrderId>,
    pub(crate) customer_id: Option<CustomerId>,
    pub(crate) ordered_at: Option<Timestamp>,
    pub(crate) amount: Option<Decimal>,
    pub(crate) currency: Option<Currency>,
    pub(crate) state: Option<OrderState>,
    pub(crate) refunded: Option<Decimal>,
    pub(crate) refunded_at: Option<Timestamp>,
    pub(crate) cancelled_at: Option<Timestamp>,
    /// Sums, coupons and the like of the order, by the names of the event's properties.
    pub(crate) facts: Map<String, Value>,
    pub(crate) products: Vec<Product>,
    /// Who ordered.
    pub(crate) traits: Map<String, Value>,
    /// Columns without a meaning here.
    pub(crate) others: Map<String, Value>,
    pub(crate) warnings: Vec<RowError>,
    /// The columns of fields that have another name.
    pub(crate) columns: Columns,
}

/// The columns of fields that have another name.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Columns(BTreeMap<Field, String>);

impl Columns {
    pub(crate) fn column(&self, field: Field) -> String {
        self.0.get(&field).cloned().unwrap_or_else(|| field.word().to_owned())
    }
}

/// A row that cannot be read: which order it is of, as far as that is known, and why.
#[derive(Debug)]
pub(crate) struct BadLine {
    pub(crate) key: Option<String>,
    pub(crate) error: RowError,
}

/// Columns of which data are about the customer. Others are read by the endpoint by their names.
const OTHER_TRAITS: [&str; 2] = ["email_marketing_consent", "sms_marketing_consent"];

impl Line {
    /// A row of an order of which nothing else is known.
    pub(crate) fn empty(key: String, line: u64) -> Self {
        Self {
            line,
            key,
            order_id: None,
            customer_id: None,
            ordered_at: None,
            amount: None,
            currency: None,
            state: None,
            refunded: None,
            refunded_at: None,
            cancelled_at: None,
            facts: Map::new(),
            products: Vec::new(),
            traits: Map::new(),
            others: Map::new(),
            warnings: Vec::new(),
            columns: Columns::default(),
        }
    }

    /// Reads a row.
    pub(crate) fn parse(row: &Row, plan: &Plan) -> Result<Self, BadLine> {
        let fields = RowFields::new(row, &plan.mapping);
        let refuse = |field: Field, reason: String| RowError { line: row.line, field: fields.column(field), reason };
        let key = key(&fields, plan).map_err(|reason| BadLine { key: None, error: refuse(Field::OrderId, reason) })?;
        let order = key.clone();
        Self::with_key(row, &fields, plan, key).map_err(|error| BadLine { key: Some(order), error })
    }

    fn with_key(row: &Row, fields: &RowFields<'_>, plan: &Plan, key: String) -> Result<Self, RowError> {
        let refuse = |field: Field, reason: String| RowError { line: row.line, field: fields.column(field), reason };
        let id = |field: Field| {
            let text = fields.text(field);
            let text = plan.ids.get(&field).map_or(&*text, |column| column.id(&text)).to_owned();
            if field == Field::CustomerId && is_no_id(&text) {
                return Ok(None);
            }
            match damage(&text) {
                Some(reason) => Err(refuse(field, reason)),
                None => Ok(Some(text).filter(|text| !text.is_empty())),
            }
        };
        let order_id = id(Field::OrderId)?.or(id(Field::OrderName)?);
        let order_id = order_id.map(|id| OrderId::parse(&id)).transpose();
        let customer_id = id(Field::CustomerId)?.map(|id| CustomerId::parse(&id)).transpose();
        let currency = match fields.text(Field::Currency) {
            none if none.is_empty() => beside(fields).or(plan.currency),
            code => Some(Currency::parse(&code).map_err(|error| refuse(Field::Currency, error.to_string()))?),
        };
        let numbers = Numbers { fields, plan, currency };
        let number = |field: Field| numbers.number(field).map_err(|reason| refuse(field, reason));
        let date = |field: Field| {
            let text = fields.text(field);
            if text.is_empty() {
                return Ok(None);
            }
            let rules = plan.dates.get(&field).cloned().unwrap_or_default();
            rules.instant(&text).map(Some).map_err(|error| refuse(field, error.to_string()))
        };
        let mut warnings = Vec::new();
        let status = fields.text(Field::Status);
        let state = match &*status {
            "" => None,
            word => Some(plan.statuses.state(word).map_err(|reason| refuse(Field::Status, reason))?),
        };
        let mut facts = Map::new();
        for (field, name) in [
            (Field::Subtotal, "subtotal"),
            (Field::Shipping, "shipping"),
            (Field::Tax, "tax"),
            (Field::Discount, "discount"),
        ] {
            // What an order does not depend on costs itself only.
            match number(field) {
                Ok(Some(amount)) => {
                    facts.insert(name.to_owned(), json!(amount.abs().to_string()));
                }
                Ok(None) => {}
                Err(error) => warnings.push(RowError { reason: format!("{}; it is left out", error.reason), ..error }),
            }
        }
        let coupon = fields.text(Field::Coupon);
        if !coupon.is_empty() {
            facts.insert("coupon".to_owned(), json!(coupon));
        }
        let mut traits = Map::new();
        let mut others = Map::new();
        for (field, (_, value)) in fields.fields() {
            let kept = match value {
                Value::String(_) => json!(plain(value)),
                other => (*other).clone(),
            };
            if matches!(
                field,
                Field::Email
                    | Field::Phone
                    | Field::FirstName
                    | Field::LastName
                    | Field::Name
                    | Field::Language
                    | Field::TimeZone
            ) {
                traits.insert(field.word().to_owned(), kept);
            }
        }
        for (name, value) in &fields.others {
            let place = if OTHER_TRAITS.contains(&&***name) { &mut traits } else { &mut others };
            place.insert(name.to_string(), (*value).clone());
        }
        let mut products: Vec<Product> = Vec::new();
        if plan.mapping.has_lines() {
            products.push(numbers.line().map_err(|(field, reason)| refuse(field, reason))?);
        }
        numbers.items(&mut products).map_err(|(column, reason)| RowError { line: row.line, field: column, reason })?;
        let columns = fields.fields().filter(|(field, (name, _))| ***name != *field.word());
        Ok(Self {
            line: row.line,
            key,
            order_id: order_id.map_err(|error| refuse(Field::OrderId, error.to_string()))?,
            customer_id: customer_id.map_err(|error| refuse(Field::CustomerId, error.to_string()))?,
            ordered_at: date(Field::OrderedAt)?,
            amount: number(Field::Amount)?,
            currency,
            state,
            refunded: number(Field::RefundedAmount)?.map(Decimal::abs),
            refunded_at: date(Field::RefundedAt)?,
            cancelled_at: date(Field::CancelledAt)?,
            facts,
            products,
            traits,
            others,
            warnings,
            columns: Columns(columns.map(|(field, (name, _))| (field, name.to_string())).collect()),
        })
    }
}

/// The currency that stands beside the amount.
fn beside(fields: &RowFields<'_>) -> Option<Currency> {
    [Field::Amount, Field::LineTotal, Field::UnitPrice].iter().find_map(|field| currency_beside(&fields.text(*field)))
}

/// What rows of an order have in common.
fn key(fields: &RowFields<'_>, plan: &Plan) -> Result<String, String> {
    let name = fields.text(Field::OrderName);
    let (field, text) =
        if name.is_empty() { (Field::OrderId, fields.text(Field::OrderId)) } else { (Field::OrderName, name) };
    if text.is_empty() {
        return Err("is missing".to_owned());
    }
    let id = plan.ids.get(&field).map_or(&*text, |column| column.id(&text));
    if let Some(reason) = damage(id) {
        return Err(reason);
    }
    Ok(if plan.keys_have_states { format!("{id}\n{}", fold_word(&fields.text(Field::Status))) } else { id.to_owned() })
}

/// Reads the numbers of a row.
struct Numbers<'r> {
    fields: &'r RowFields<'r>,
    plan: &'r Plan,
    currency: Option<Currency>,
}

impl Numbers<'_> {
    fn number(&self, field: Field) -> Result<Option<Decimal>, String> {
        self.fields.value(field).map(|value| self.number_in(field, value)).transpose()
    }

    fn number_in(&self, field: Field, value: &Value) -> Result<Decimal, String> {
        if let Value::Number(number) = value {
            // A number of JSON may have been a binary fraction; what is behind the ninth place is noise.
            let text = match number.as_f64().filter(|_| number.is_f64()) {
                Some(fraction) => format!("{fraction:.9}"),
                None => number.to_string(),
            };
            return Decimal::parse(&text).ok_or_else(|| "is larger than any order can be".to_owned());
        }
        self.text(field, &plain(value))
    }

    fn text(&self, field: Field, text: &str) -> Result<Decimal, String> {
        let code = self.currency.filter(|_| field.is_money() && self.fields.value(Field::Currency).is_some());
        let code = code.as_ref().map(Currency::code);
        let found = Amount::parse(text).and_then(|amount| self.plan.marks(field, code).number(amount));
        let thing = if field == Field::Quantity { "number" } else { "decimal amount such as 12.50" };
        found.ok_or_else(|| format!("is {:?}, which is not a {thing}", text.chars().take(32).collect::<String>()))
    }

    /// The line of the row's own columns.
    fn line(&self) -> Result<Product, (Field, String)> {
        let number = |field: Field| self.number(field).map_err(|reason| (field, reason));
        let mut product = Product {
            quantity: number(Field::Quantity)?,
            price: number(Field::UnitPrice)?,
            discount: number(Field::LineDiscount)?,
            total: number(Field::LineTotal)?,
            ..Product::default()
        };
        for field in TEXTS {
            let text = self.fields.text(field);
            if !text.is_empty() {
                product.texts.insert(property(field).to_owned(), json!(self.id(field, &text)));
            }
        }
        Ok(product)
    }

    /// The lines of numbered columns, added to `products`. An error names its column.
    fn items(&self, products: &mut Vec<Product>) -> Result<(), (String, String)> {
        let mut numbered: BTreeMap<usize, Product> = BTreeMap::new();
        for (item, (name, value)) in &self.fields.items {
            let product = numbered.entry(item.number).or_default();
            let refuse = |reason| (name.to_string(), reason);
            match item.field {
                Some(field) => self.set(product, field, value).map_err(refuse)?,
                None => {
                    for (field, text) in unpacked(&plain(value)) {
                        self.set(product, field, &json!(text)).map_err(refuse)?;
                    }
                }
            }
        }
        products.extend(numbered.into_values());
        Ok(())
    }

    fn set(&self, product: &mut Product, field: Field, value: &Value) -> Result<(), String> {
        let text = plain(value);
        if text.is_empty() {
            return Ok(());
        }
        match field {
            Field::Quantity => product.quantity = Some(self.number_in(field, value)?),
            Field::UnitPrice => product.price = Some(self.number_in(field, value)?),
            Field::LineDiscount => product.discount = Some(self.number_in(field, value)?),
            Field::LineTotal => product.total = Some(self.number_in(field, value)?),
            _ => {
                product.texts.insert(property(field).to_owned(), json!(self.id(field, &text)));
            }
        }
        Ok(())
    }

    fn id<'t>(&self, field: Field, text: &'t str) -> &'t str {
        self.plan.ids.get(&field).map_or(text, |column| column.id(text))
    }
}

/// The texts of a line.
const TEXTS: [Field; 7] =
    [Field::ProductId, Field::VariantId, Field::Sku, Field::ProductName, Field::Variant, Field::Category, Field::Brand];

/// The name of a property of a line in events.
fn property(field: Field) -> &'static str {
    match field {
        Field::ProductName => "name",
        other => other.word(),
    }
}
