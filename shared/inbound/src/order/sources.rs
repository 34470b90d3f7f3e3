//! Where the properties of an order stand.

use crate::fields::{Field, Fields};

/// The objects of an event that may hold what it says of its order: `properties`, and the objects within that some systems put
/// the order into. The outer ones come first.
#[derive(Debug, Clone)]
pub(crate) struct Sources<'v>(Vec<Fields<'v>>);

/// Objects within the properties, by the name in small letters, and their paths.
const WITHIN: [(&str, &str); 4] = [
    ("order", "properties.order"),
    ("ecommerce", "properties.ecommerce"),
    ("transaction", "properties.transaction"),
    ("purchase", "properties.purchase"),
];

impl<'v> Sources<'v> {
    /// The sources of an event with these properties.
    pub(crate) fn new(properties: Fields<'v>) -> Self {
        let within = WITHIN.into_iter().filter_map(|(name, path)| {
            let field = properties.find(&[name])?;
            Fields::from_value(field.value, path).ok()
        });
        Self([properties].into_iter().chain(within).collect())
    }

    /// The first of several names that is present in any of them, however it is spelled (see [`Fields::find`]).
    pub(crate) fn find(&self, names: &[&str]) -> Option<Field<'v>> {
        names.iter().find_map(|name| self.0.iter().find_map(|source| source.find(&[name])))
    }

    /// The path of a property.
    pub(crate) fn path_of(&self, name: &str) -> String {
        format!("properties.{name}")
    }
}
