//! Facts that this version stores and shows but cannot count.

use super::class::FactClass;
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::fmt;

/// A fact of a kind that this version does not know, or of a known kind with something in it that it cannot read. It is
/// kept as the JSON text that it was stored as. `Debug` shows nothing of its content.
#[derive(Clone, PartialEq, Eq)]
pub struct UnrecognisedFact {
    kind: String,
    class: FactClass,
    may_be_permission: bool,
    json: String,
}

impl UnrecognisedFact {
    /// A fact that is stored as `json`; `holds_consent` says whether its traits may hold an answer about consent.
    pub(crate) fn new(kind: String, class: FactClass, holds_consent: bool, json: String) -> Self {
        let may_be_permission = match class {
            // A class of yet another version may be a permission too, and another id may have refused what this one allows.
            FactClass::Permission | FactClass::Identity | FactClass::Unrecognised(_) => true,
            FactClass::Order | FactClass::Reaction | FactClass::Other => holds_consent,
        };
        Self { kind, class, may_be_permission, json }
    }

    /// Its kind, as the JSON names it.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// What it is about, as far as all versions know.
    #[must_use]
    pub fn class(&self) -> FactClass {
        self.class
    }

    /// Whether it may say what the customer allowed or refused.
    #[must_use]
    pub fn may_be_permission(&self) -> bool {
        self.may_be_permission
    }

    /// The JSON text that it is stored as; of a damaged item, the text that was found.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }
}

impl Serialize for UnrecognisedFact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json = serde_json::from_str::<Value>(&self.json);
        json.unwrap_or_else(|_| Value::String(self.json.clone())).serialize(serializer)
    }
}

impl fmt::Debug for UnrecognisedFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnrecognisedFact({:?}, {})", self.kind, self.class)
    }
}
