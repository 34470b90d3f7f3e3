//! A line of an order.

use crate::values::Decimal;
use serde_json::{Map, Value, json};

/// Most decimal places of a price that is computed.
const PRICE_PLACES: u32 = 4;

/// A line of an order, as far as a file names it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Product {
    /// Texts by the names of the event's properties.
    pub(crate) texts: Map<String, Value>,
    pub(crate) quantity: Option<Decimal>,
    pub(crate) price: Option<Decimal>,
    pub(crate) discount: Option<Decimal>,
    /// What the line cost in all.
    pub(crate) total: Option<Decimal>,
}

impl Product {
    /// What the line cost: its total, or price times quantity less the discount. A line without a quantity has one.
    pub(crate) fn value(&self) -> Option<Decimal> {
        if self.total.is_some() {
            return self.total;
        }
        let whole = self.price?.times(self.quantity.unwrap_or(Decimal::ONE))?;
        whole.plus(self.discount.unwrap_or(Decimal::ZERO).abs().negated())
    }

    /// The line as the event has it; `None` if it names no product.
    pub(crate) fn to_json(&self) -> Option<Value> {
        if self.texts.is_empty() {
            return None;
        }
        let mut product = self.texts.clone();
        if let Some(quantity) = self.quantity {
            let text = quantity.to_string();
            let whole: Option<i64> = if quantity.needed_places() == 0 {
                text.split('.').next().and_then(|whole| whole.parse().ok())
            } else {
                None
            };
            product.insert("quantity".to_owned(), whole.map_or_else(|| json!(text), Value::from));
        }
        let of_one = || self.total?.divided_exactly(self.quantity.unwrap_or(Decimal::ONE), PRICE_PLACES);
        if let Some(price) = self.price.or_else(of_one) {
            product.insert("price".to_owned(), json!(price.to_string()));
        }
        if let Some(discount) = self.discount.filter(|discount| !discount.is_zero()) {
            product.insert("discount".to_owned(), json!(discount.abs().to_string()));
        }
        Some(Value::Object(product))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Option<Decimal> {
        Decimal::parse(text)
    }

    #[test]
    fn a_line_costs_its_total_or_price_times_quantity_less_the_discount() {
        let mut line = Product { quantity: number("3"), price: number("34.90"), ..Product::default() };
        assert_eq!(line.value().expect("a value").to_string(), "104.7");
        line.discount = number("4.70");
        assert_eq!(line.value().expect("a value").to_string(), "100.00");
        line.total = number("99");
        assert_eq!(line.value(), number("99"));
        assert_eq!(Product::default().value(), None);
    }

    #[test]
    fn the_price_of_one_follows_from_the_total_where_it_is_exact() {
        let line = |quantity, total| Product {
            texts: Map::from_iter([("sku".to_owned(), json!("T"))]),
            quantity: number(quantity),
            total: number(total),
            ..Product::default()
        };
        assert_eq!(line("2", "19.90").to_json(), Some(json!({ "sku": "T", "quantity": 2, "price": "9.95" })));
        assert_eq!(line("3", "10.00").to_json(), Some(json!({ "sku": "T", "quantity": 3 })));
        assert_eq!(line("1.5", "3").to_json(), Some(json!({ "sku": "T", "quantity": "1.5", "price": "2" })));
    }
}
