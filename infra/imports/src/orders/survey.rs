//! What the values of a whole file say about how they are written.

use crate::columns::items::unpacked;
use crate::columns::{Cell, Field, Mapping, RowFields, plain};
use crate::file::Row;
use crate::values::{Amount, DateOrder, DateShape, Evidence, IdColumn, Moment, Statuses, fold_word, read_date};
use rekindle_lifecycle::money::Currency;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};

/// Most words that are no known states and are kept.
const MAX_WORDS: usize = 50;

/// A line and the value on it.
pub(crate) type Example = (u64, String);

/// How the dates of a field are written.
#[derive(Debug, Default)]
pub(crate) struct DateEvidence {
    pub(crate) day_first: Option<Example>,
    pub(crate) month_first: Option<Example>,
    pub(crate) either: Option<Example>,
    /// A day and time without an offset.
    pub(crate) civil: Option<Example>,
}

/// What was found in a file. Memory grows with orders, some 50 bytes each, and not with rows.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    pub(crate) rows: u64,
    pub(crate) amounts: BTreeMap<(Field, Option<String>), Evidence>,
    pub(crate) dates: BTreeMap<Field, DateEvidence>,
    pub(crate) ids: BTreeMap<Field, IdColumn>,
    pub(crate) unknown_states: BTreeMap<String, u64>,
    /// Whether every amount is a whole number.
    pub(crate) has_fractions: bool,
    /// Whether rows of one order do not stand together.
    pub(crate) is_scattered: bool,
    /// Rows of one order with different amounts, and with the same one.
    pub(crate) differing: Option<u64>,
    pub(crate) repeated: Option<Example>,
    hashes: RandomState,
    orders: HashMap<u64, Seen>,
    last_order: u64,
    /// Whether rows of one order differ in any column.
    has_unlike_rows: bool,
}

/// The rows of an order so far.
#[derive(Debug, Clone, Copy)]
struct Seen {
    /// The first amount; 0 if there is none.
    amount: u64,
    /// The first row.
    row: u64,
    count: u32,
}

impl Survey {
    /// Notes what a row says. `keys_have_states`: rows of an order in another state are another report of it.
    pub(crate) fn note(&mut self, row: &Row, mapping: &Mapping, statuses: &Statuses, keys_have_states: bool) {
        self.rows += 1;
        let fields = RowFields::new(row, mapping);
        let currency = fields.text(Field::Currency).to_uppercase();
        let currency = Some(currency).filter(|code| code.len() == 3);
        for (field, cell) in fields.fields() {
            self.note_field(row.line, field, cell, currency.as_deref());
        }
        for (item, cell) in &fields.items {
            match item.field {
                Some(field) => self.note_field(row.line, field, *cell, currency.as_deref()),
                None => {
                    for (field, text) in unpacked(&plain(cell.1)) {
                        self.note_text(row.line, field, text, currency.as_deref());
                    }
                }
            }
        }
        let status = fields.text(Field::Status);
        if !status.is_empty() && statuses.state(&status).is_err() {
            let word: String = status.chars().take(32).collect();
            if self.unknown_states.len() < MAX_WORDS || self.unknown_states.contains_key(&word) {
                *self.unknown_states.entry(word).or_default() += 1;
            }
        }
        self.note_order(row, &fields, keys_have_states);
    }

    fn note_field(&mut self, line: u64, field: Field, (_, value): Cell<'_>, currency: Option<&str>) {
        if matches!(value, Value::Number(_)) && (field.is_money() || field == Field::Quantity) {
            // A number of JSON is clear.
            self.has_fractions |= field == Field::Amount && !value.is_i64() && !value.is_u64();
            return;
        }
        self.note_text(line, field, &plain(value), currency);
    }

    fn note_text(&mut self, line: u64, field: Field, text: &str, currency: Option<&str>) {
        let example = || (line, text.chars().take(40).collect::<String>());
        if field.is_money() || field == Field::Quantity {
            if let Some(amount) = Amount::parse(text) {
                let places =
                    currency.and_then(|code| Currency::parse(code).ok()).map(|currency| currency.decimal_places());
                let own = if field.is_money() { currency.map(str::to_owned) } else { None };
                self.amounts.entry((field, own)).or_default().note(line, text, amount, places);
                self.has_fractions |= field == Field::Amount && text.contains(['.', ',']);
            }
        } else if field.is_date() {
            let evidence = self.dates.entry(field).or_default();
            let moment = match read_date(text) {
                Some(DateShape::Clear(moment)) => moment,
                Some(DateShape::Shows(DateOrder::DayFirst, moment)) => {
                    evidence.day_first.get_or_insert_with(example);
                    moment
                }
                Some(DateShape::Shows(DateOrder::MonthFirst, moment)) => {
                    evidence.month_first.get_or_insert_with(example);
                    moment
                }
                Some(DateShape::Either(moment, _)) => {
                    evidence.either.get_or_insert_with(example);
                    moment
                }
                None => return,
            };
            if matches!(moment, Moment::Civil(_)) {
                evidence.civil.get_or_insert_with(example);
            }
        } else if field.is_id() {
            self.ids.entry(field).or_default().note(text);
        }
    }

    /// Whether the whole file is there several times: every order has the same number of rows, which are alike in every column.
    pub(crate) fn is_repeated_whole(&self) -> bool {
        let mut counts = self.orders.values().map(|seen| seen.count);
        let first = counts.next().unwrap_or_default();
        first > 1 && !self.has_unlike_rows && counts.all(|count| count == first)
    }

    fn note_order(&mut self, row: &Row, fields: &RowFields<'_>, keys_have_states: bool) {
        let line = row.line;
        let name = fields.text(Field::OrderName);
        let name = if name.is_empty() { fields.text(Field::OrderId) } else { name };
        if name.is_empty() {
            return;
        }
        let state = if keys_have_states { fold_word(&fields.text(Field::Status)) } else { String::new() };
        let order = self.hashes.hash_one((&*name, state));
        let amount = fields.text(Field::Amount);
        let has_amount = !amount.is_empty()
            && (fields.value(Field::Amount).is_some_and(Value::is_number) || Amount::parse(&amount).is_some());
        // The lowest bit says that there is one.
        let amount_hash = if has_amount { self.hashes.hash_one(&*amount) | 1 } else { 0 };
        let cells = row.cells.iter().map(|(_, value)| plain(value));
        let row_hash = self.hashes.hash_one(cells.collect::<Vec<_>>());
        let known = self.orders.get(&order).copied();
        self.is_scattered |= known.is_some() && order != self.last_order;
        self.last_order = order;
        let Some(mut seen) = known else {
            self.orders.insert(order, Seen { amount: amount_hash, row: row_hash, count: 1 });
            return;
        };
        self.has_unlike_rows |= seen.row != row_hash;
        seen.count = seen.count.saturating_add(1);
        if seen.amount == 0 {
            seen.amount = amount_hash;
        } else if has_amount && seen.amount == amount_hash {
            self.repeated.get_or_insert_with(|| (line, name.chars().take(40).collect()));
        } else if has_amount {
            self.differing.get_or_insert(line);
        }
        self.orders.insert(order, seen);
    }
}
