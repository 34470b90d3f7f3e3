//! The list of fields that plug-ins add to an object.

use crate::fields::Node;

/// Fields in which the usual translation plug-ins keep the language of an order.
const LANGUAGE_FIELDS: [&str; 3] = ["wpml_language", "_wpml_language", "pll_language"];

/// The value of a field, if it is a text or a number.
pub(super) fn value(object: &Node<'_>, key: &str) -> Option<String> {
    let fields = object.get("meta_data").list();
    fields.iter().find(|field| field.get("key").text().as_deref() == Some(key)).and_then(|field| {
        let value = field.get("value");
        value.text().or_else(|| value.truth().map(|truth| truth.to_string()))
    })
}

/// The language of the customer.
pub(super) fn language(object: &Node<'_>, more: &[String]) -> Option<String> {
    let keys = more.iter().map(String::as_str).chain(LANGUAGE_FIELDS);
    keys.into_iter().find_map(|key| value(object, key))
}
