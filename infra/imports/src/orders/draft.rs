//! Joins the rows of an order.

use super::line::Line;
use super::order::Order;
use super::plan::AmountRule;
use crate::columns::Field;
use crate::history::RowError;
use crate::values::{Decimal, OrderState};
use rekindle_lifecycle::id::OrderId;
use rekindle_lifecycle::money::{Currency, Money};
use serde_json::Value;

/// Most lines of an order that are posted, and most bytes of them; the endpoint takes events of 32 KB. The sum is that of all lines.
const MAX_PRODUCTS: usize = 100;
const MAX_PRODUCT_BYTES: usize = 16 * 1024;

/// An order of which some rows were read. Its size is bounded, however many rows there are.
#[derive(Debug)]
pub(crate) struct Draft {
    first: Line,
    rows: u64,
    last_line: u64,
    /// The sums of its rows by their state.
    sums: [Decimal; 3],
    has_sum: bool,
    products: Vec<Value>,
    product_bytes: usize,
    lines: usize,
    last_state: Option<OrderState>,
    states_differ: bool,
    /// What is wrong with the first of its rows that cannot be read.
    error: Option<RowError>,
    is_too_large: bool,
}

/// What became of the money of a line.
#[derive(Clone, Copy)]
enum LineMoney {
    Kept,
    Returned,
    NotPaid,
}

impl Draft {
    pub(crate) fn new(first: Line, rule: AmountRule) -> Self {
        let mut draft = Self::of_key(first.key.clone(), first.line);
        draft.sum_up(&first, rule);
        draft.first = Line { products: Vec::new(), ..first };
        draft
    }

    /// An order of which no row could be read yet.
    pub(crate) fn of_key(key: String, line: u64) -> Self {
        let first = Line::empty(key, line);
        Self {
            rows: 0,
            last_line: line,
            sums: [Decimal::ZERO; 3],
            has_sum: false,
            products: Vec::new(),
            product_bytes: 0,
            lines: 0,
            last_state: None,
            states_differ: false,
            error: None,
            is_too_large: false,
            first,
        }
    }

    /// The line on which it begins.
    pub(crate) fn line(&self) -> u64 {
        self.first.line
    }

    /// Whether a row is of the same order.
    pub(crate) fn has_key(&self, key: &str) -> bool {
        self.first.key == key
    }

    /// Adds another row. Of what is said once the first row that says it counts.
    pub(crate) fn add(&mut self, line: Line, rule: AmountRule) {
        self.sum_up(&line, rule);
        let own = &mut self.first;
        own.order_id = own.order_id.take().or(line.order_id);
        own.customer_id = own.customer_id.take().or(line.customer_id);
        own.ordered_at = own.ordered_at.or(line.ordered_at);
        own.amount = own.amount.or(line.amount);
        own.currency = own.currency.or(line.currency);
        own.state = own.state.or(line.state);
        own.refunded = own.refunded.or(line.refunded);
        own.refunded_at = own.refunded_at.or(line.refunded_at);
        own.cancelled_at = own.cancelled_at.or(line.cancelled_at);
        for (mine, its) in
            [(&mut own.facts, line.facts), (&mut own.traits, line.traits), (&mut own.others, line.others)]
        {
            for (name, value) in its {
                mine.entry(name).or_insert(value);
            }
        }
        if own.warnings.len() < MAX_PRODUCTS {
            own.warnings.extend(line.warnings);
        }
    }

    /// Notes a row of the order that cannot be read: without it the order would be another.
    pub(crate) fn spoil(&mut self, error: RowError) {
        self.rows += 1;
        self.last_line = error.line;
        self.error.get_or_insert(error);
    }

    /// Notes that a row which may be one of the order cannot be read.
    pub(crate) fn lacks(&mut self, error: RowError) {
        self.error.get_or_insert(error);
    }

    fn sum_up(&mut self, line: &Line, rule: AmountRule) {
        self.rows += 1;
        self.last_line = line.line;
        let state = line.state.or(self.last_state);
        self.states_differ |= self.last_state.is_some() && state != self.last_state;
        self.last_state = self.last_state.or(state);
        let place = match state {
            Some(OrderState::Refunded) => LineMoney::Returned,
            Some(OrderState::Cancelled | OrderState::Pending) => LineMoney::NotPaid,
            _ => LineMoney::Kept,
        };
        let value = match rule {
            AmountRule::OfOrder | AmountRule::SumOfRows => line.amount,
            AmountRule::SumOfLines => line
                .products
                .iter()
                .try_fold(None, |sum: Option<Decimal>, product| {
                    let value = product.value();
                    match (sum, value) {
                        (Some(sum), Some(value)) => sum.plus(value).map(Some),
                        (sum, value) => Some(sum.or(value)),
                    }
                })
                .flatten(),
        };
        if let Some(value) = value.filter(|_| rule != AmountRule::OfOrder || !self.has_sum) {
            self.has_sum = true;
            match self.sums[place as usize].plus(value) {
                Some(sum) => self.sums[place as usize] = sum,
                None => self.is_too_large = true,
            }
        }
        for product in line.products.iter().filter_map(super::product::Product::to_json) {
            self.lines += 1;
            let bytes = product.to_string().len();
            if self.products.len() < MAX_PRODUCTS && self.product_bytes + bytes <= MAX_PRODUCT_BYTES {
                self.product_bytes += bytes;
                self.products.push(product);
            }
        }
    }

    /// The order of all rows that were added, or why it cannot be taken, with the number of its rows.
    pub(crate) fn finish(mut self, rule: AmountRule) -> Result<Order, (u64, RowError)> {
        let rows = self.rows;
        if let Some(error) = self.error.take() {
            return Err((rows, self.explained(error)));
        }
        self.order(rule).map_err(|error| (rows, error))
    }

    /// Names the other rows of an order that is rejected for one of them.
    fn explained(&self, error: RowError) -> RowError {
        if self.rows == 1 {
            return error;
        }
        let (first, last) = (self.first.line, self.last_line);
        RowError {
            reason: format!(
                "{}; so none of the {} rows of this order (lines {first} to {last}) is taken",
                error.reason, self.rows
            ),
            ..error
        }
    }

    fn order(self, rule: AmountRule) -> Result<Order, RowError> {
        let Self { first, rows, sums, .. } = self;
        let refuse =
            |field: Field, reason: String| RowError { line: first.line, field: first.columns.column(field), reason };
        let missing = |field: Field| refuse(field, "is missing".to_owned());
        let order_id: OrderId = first.order_id.clone().ok_or_else(|| missing(Field::OrderId))?;
        let ordered_at = first.ordered_at.ok_or_else(|| missing(Field::OrderedAt))?;
        if !self.has_sum {
            return Err(missing(if rule == AmountRule::SumOfLines { Field::UnitPrice } else { Field::Amount }));
        }
        if self.is_too_large {
            return Err(refuse(Field::Amount, "is larger than any order can be".to_owned()));
        }
        let is_named = first.traits.contains_key("email") || first.traits.contains_key("phone");
        if first.customer_id.is_none() && !is_named {
            return Err(refuse(
                Field::CustomerId,
                "is missing, and neither email nor phone says who ordered".to_owned(),
            ));
        }
        let mut state = first.state.unwrap_or(OrderState::Completed);
        let [kept, returned, not_paid] = sums;
        let too_large = || refuse(Field::Amount, "is larger than any order can be".to_owned());
        let mut refunded = first.refunded.filter(|refunded| !refunded.is_zero());
        let total = if self.states_differ {
            // Lines in different states: what was paid counts, and what went back of it is a refund.
            let paid = kept.plus(returned).ok_or_else(too_large)?;
            let is_any_paid = !paid.is_zero();
            state = match (is_any_paid, kept.is_zero()) {
                (true, true) => OrderState::Refunded,
                (true, false) => OrderState::Completed,
                _ => OrderState::Cancelled,
            };
            if !returned.is_zero() && refunded.is_none() {
                refunded = Some(returned);
            }
            if is_any_paid { paid } else { not_paid }
        } else {
            kept.plus(returned).and_then(|sum| sum.plus(not_paid)).ok_or_else(too_large)?
        };
        if first.cancelled_at.is_some()
            && matches!(state, OrderState::Completed | OrderState::Pending)
            && refunded.is_none()
        {
            state = OrderState::Cancelled;
        }
        let mut warnings = first.warnings.clone();
        let mut warn = |field: Field, reason: String| {
            warnings.push(RowError { line: first.line, field: first.columns.column(field), reason });
        };
        let is_credit_note = total.is_negative();
        if is_credit_note && !matches!(state, OrderState::Completed | OrderState::Refunded | OrderState::PartlyRefunded)
        {
            return Err(refuse(Field::Amount, "must not be negative".to_owned()));
        }
        if is_credit_note {
            warn(
                Field::Amount,
                "is negative: money went back; where no order has this number, it lowers none".to_owned(),
            );
        }
        if state == OrderState::PartlyRefunded && refunded.is_none() {
            warn(Field::Status, "says that a part was refunded, but not how much; the order counts in full".to_owned());
        }
        let is_computed = rule == AmountRule::SumOfLines;
        let amount = money(total.abs(), first.currency, is_computed).map_err(|reason| refuse(Field::Amount, reason))?;
        if is_computed && amount.1 {
            warn(Field::UnitPrice, format!("times quantity is {total}, which is rounded to {}", amount.0));
        }
        let refunded = refunded.map(|refunded| money(refunded.abs(), first.currency, false)).transpose();
        let refunded = refunded.map_err(|reason| refuse(Field::RefundedAmount, reason))?;
        if self.lines > self.products.len() {
            let (all, posted) = (self.lines, self.products.len());
            warn(
                Field::ProductName,
                format!("is on {all} lines, of which the first {posted} are posted; the amount is that of all"),
            );
        }
        Ok(Order {
            line: first.line,
            rows,
            customer_id: first.customer_id.clone(),
            order_id,
            ordered_at,
            state,
            amount: amount.0,
            currency: first.currency,
            refunded: refunded.map(|(text, _)| text),
            refunded_at: first.refunded_at,
            cancelled_at: first.cancelled_at,
            is_credit_note,
            facts: first.facts.clone(),
            products: self.products,
            traits: first.traits.clone(),
            others: first.others.clone(),
            warnings,
        })
    }
}

/// An amount in the places of its currency, and whether it was rounded, which only a computed one may be.
fn money(amount: Decimal, currency: Option<Currency>, may_round: bool) -> Result<(String, bool), String> {
    // The endpoint knows the shop's own currency.
    let Some(currency) = currency else { return Ok((amount.to_string(), false)) };
    let (rounded, is_rounded) = amount.rounded_to(currency);
    let amount = if may_round { rounded } else { amount };
    let money = Money::parse(&amount.to_string(), currency).map_err(|error| error.to_string())?;
    let text = money.to_string();
    Ok((text.trim_end_matches(currency.code()).trim_end().to_owned(), is_rounded))
}
