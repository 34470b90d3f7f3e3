//! Columns of the elements of a list, such as `lines[3].sku`: all elements have one column, `lines[].sku`.

use super::field::Field;
use super::items::field_of_line;
use super::synonyms::fold_name;
use std::borrow::Cow;

/// Names of lists that hold the lines of an order.
const LISTS: [&str; 9] =
    ["line items", "lineitems", "items", "lines", "products", "order items", "order lines", "positions", "cart items"];
/// Elements of an outer list that are told apart by the numbers of their inner lists.
const MAX_INNER: usize = 10_000;

/// The name of a column without the numbers of elements.
pub(crate) fn of_all_elements(name: &str) -> Cow<'_, str> {
    if number_of_element(name).is_none() {
        return Cow::Borrowed(name);
    }
    let mut all = String::with_capacity(name.len());
    let mut is_number = false;
    for c in name.chars() {
        is_number = is_number && c.is_ascii_digit();
        if !is_number {
            all.push(c);
        }
        is_number |= c == '[';
    }
    Cow::Owned(all)
}

/// The number of the element that a column is of, from 1, counted on through lists in lists; nothing if it is of none.
pub(crate) fn number_of_element(name: &str) -> Option<usize> {
    let numbers = name.split('[').skip(1).filter_map(|rest| rest.split_once(']')?.0.parse::<usize>().ok());
    numbers.fold(None, |outer, number| Some(outer.unwrap_or(0) * MAX_INNER + number))
}

/// Whether a column is of all elements of a list.
pub(super) fn is_of_elements(name: &str) -> bool {
    name.contains("[]")
}

/// The field of a line that a column is by the names of its list and its own, such as `line_items[].quantity`.
pub(super) fn field_of_element(name: &str) -> Option<Field> {
    let (list, field) = name.rsplit_once("[].")?;
    let list = fold_name(list.rsplit('.').next().unwrap_or(list));
    if LISTS.contains(&list.as_str()) { field_of_line(&fold_name(field)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_a_list_have_one_column_and_a_number_each() {
        assert_eq!(of_all_elements("lines[12].price.amount"), "lines[].price.amount");
        assert_eq!(of_all_elements("orders[2].lines[3].sku"), "orders[].lines[].sku");
        assert_eq!(of_all_elements("city [old]"), "city [old]");
        assert_eq!(number_of_element("lines[12].sku"), Some(12));
        assert!(number_of_element("a[1].b[2].c") < number_of_element("a[2].b[1].c"));
        assert_eq!(number_of_element("lines[].sku"), None);
        assert_eq!(number_of_element("amount"), None);
    }

    #[test]
    fn fields_of_lines_are_known_by_the_name_of_their_list() {
        assert_eq!(field_of_element("line_items[].quantity"), Some(Field::Quantity));
        assert_eq!(field_of_element("order.products[].product_id"), Some(Field::ProductId));
        assert_eq!(field_of_element("products[].unit_price"), Some(Field::UnitPrice));
        for other in ["notes[].name", "line_items[].tax.total", "line_items[]", "quantity"] {
            assert_eq!(field_of_element(other), None, "{other}");
        }
    }
}
