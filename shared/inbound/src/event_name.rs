//! The name of a tracked event, and what it means.

use crate::fields::{Fields, clean};
use crate::limits;
use crate::order::{self, OrderName};
use crate::shopping;
use rekindle_lifecycle::rules::EventNames;

/// The name that an event has; some libraries call it `name`.
pub(crate) fn name_of(fields: &Fields<'_>) -> Option<String> {
    let names = [fields.get("event"), fields.find(&["eventname"]), fields.get("name")];
    names.into_iter().flatten().find_map(|field| clean(field.value.as_str()?, limits::MAX_NAME_LEN))
}

/// Whether a name means something by itself.
pub(crate) fn is_known(name: &str) -> bool {
    shopping::action(&order::letters(name)).is_some() || matches!(OrderName::parse(name), OrderName::Reports(_))
}

/// The name that is meant: the shop's own stands for one that is known.
pub(crate) fn meant(name: String, names: &EventNames) -> String {
    match names.meant_by(&name) {
        Some(meant) if !is_known(&name) => meant.to_owned(),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_that_can_be_meant_is_known() {
        for name in EventNames::KNOWN {
            assert!(is_known(name), "{name}");
        }
    }
}
