//! Objects and lists within the objects of a JSON file, as columns: `customer.email`, and of the third element of a list `lines[3].sku`.

use serde_json::{Map, Value};
use std::sync::Arc;

/// The values of an object by the paths to them, in lower case as names of columns are. A list is taken apart where its elements are
/// objects; any other is one value.
pub(super) fn cells_of(object: Map<String, Value>) -> Vec<(Arc<str>, Value)> {
    let mut cells = Vec::new();
    for (name, value) in object {
        add(name.trim().to_lowercase(), value, &mut cells);
    }
    cells
}

/// Longest path that is followed further, in bytes. Every value within repeats it, so a long one would multiply the file.
const MAX_PATH_LEN: usize = 200;

/// The parser of JSON allows 128 levels, so this ends. What is nested deeper than [`MAX_PATH_LEN`] is one value.
fn add(path: String, value: Value, cells: &mut Vec<(Arc<str>, Value)>) {
    match value {
        value if path.len() > MAX_PATH_LEN => cells.push((Arc::from(path), value)),
        Value::Object(object) if !object.is_empty() => {
            for (name, value) in object {
                add(format!("{path}.{}", name.trim().to_lowercase()), value, cells);
            }
        }
        Value::Array(list) if !list.is_empty() && list.iter().all(Value::is_object) => {
            for (place, value) in list.into_iter().enumerate() {
                add(format!("{path}[{}]", place + 1), value, cells);
            }
        }
        value => cells.push((Arc::from(path), value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_nested_has_its_path_and_lists_of_plain_values_stay_whole() {
        let object = json!({
            "ID": 7, "Customer": { "Email": "anna@example.com", "address": { "city": "Bonn" } }, "tags": ["a", "b"],
            "lines": [{ "sku": "X", "price": { "amount": "1.00" } }, { "sku": "Y" }], "empty": {}, "none": [], "mixed": [1, {}],
        });
        let Value::Object(object) = object else { panic!("an object") };
        let cells: Vec<String> = cells_of(object).iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            cells,
            [
                "id=7",
                "customer.email=\"anna@example.com\"",
                "customer.address.city=\"Bonn\"",
                "tags=[\"a\",\"b\"]",
                "lines[1].sku=\"X\"",
                "lines[1].price.amount=\"1.00\"",
                "lines[2].sku=\"Y\"",
                "empty={}",
                "none=[]",
                "mixed=[1,{}]",
            ]
        );
    }

    #[test]
    fn a_long_path_is_not_repeated_for_every_value_within() {
        let long = "n".repeat(MAX_PATH_LEN + 1);
        let values: Map<String, Value> = (0..1_000).map(|number| (number.to_string(), json!(number))).collect();
        let Value::Object(object) = json!({ long.clone(): values, "short": { long: { "deep": 1 } } }) else {
            panic!("an object")
        };
        assert_eq!(cells_of(object).len(), 2);
    }
}
