//! Columns that hold a whole line of an order, or a field of the n-th line: exports with one row for each order.

use super::field::Field;
use super::synonyms::fold_name;

/// Most lines of such a row.
const MAX_ITEMS: usize = 500;

/// A column about the n-th line of the row's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ItemColumn {
    /// The number of the line, from 1; 0 for every element of a list.
    pub(crate) number: usize,
    /// The field; `None` if the column holds all of them, as `name:Tee|sku:T-1|quantity:2`.
    pub(crate) field: Option<Field>,
}

impl ItemColumn {
    /// Reads names such as `line_item_1` and `Product Item 1 Name`.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let plain = fold_name(name);
        let rest = ["line item ", "product item ", "order item "].iter().find_map(|start| plain.strip_prefix(start))?;
        let (number, field) = rest.split_once(' ').unwrap_or((rest, ""));
        let number = number.parse().ok().filter(|number| (1..=MAX_ITEMS).contains(number))?;
        if field.is_empty() {
            return Some(Self { number, field: None });
        }
        Some(Self { number, field: Some(field_of_line(field)?) })
    }
}

/// The fields of a line that one column holds, by name and value.
pub(crate) fn unpacked(text: &str) -> impl Iterator<Item = (Field, &str)> {
    text.split('|').filter_map(|part| {
        let (name, value) = part.split_once(':')?;
        Some((field_of_line(&fold_name(name))?, value.trim()))
    })
}

/// The field of a line of this name, as [`fold_name`] gives it.
pub(super) fn field_of_line(name: &str) -> Option<Field> {
    Some(match name {
        "name" | "title" | "product name" => Field::ProductName,
        "id" | "product id" => Field::ProductId,
        "variation id" | "variant id" => Field::VariantId,
        "sku" => Field::Sku,
        "quantity" | "qty" => Field::Quantity,
        "total" => Field::LineTotal,
        "price" | "unit price" => Field::UnitPrice,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_lines_are_known_by_their_numbers() {
        let column = |name| ItemColumn::from_name(name).map(|column| (column.number, column.field));
        assert_eq!(column("line_item_1"), Some((1, None)));
        assert_eq!(column("Product Item 12 Name"), Some((12, Some(Field::ProductName))));
        assert_eq!(column("product item 2 sku"), Some((2, Some(Field::Sku))));
        for other in ["Product Item 1 Subtotal", "line_item_0", "line_item_x", "Lineitem name", "line item 501"] {
            assert_eq!(column(other), None, "{other}");
        }
    }

    #[test]
    fn a_packed_line_is_taken_apart() {
        let found: Vec<_> = unpacked("name:Tee|product_id:12|sku:|quantity:2|total:15.00|sub_total:15.00").collect();
        let expected = [
            (Field::ProductName, "Tee"),
            (Field::ProductId, "12"),
            (Field::Sku, ""),
            (Field::Quantity, "2"),
            (Field::LineTotal, "15.00"),
        ];
        assert_eq!(found, expected);
    }
}
