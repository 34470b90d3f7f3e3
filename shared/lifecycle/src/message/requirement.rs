//! What must hold when a message is sent, because of what started its run.

use crate::reason::Reason;
use crate::stage::Stage;
use serde::{Deserialize, Serialize};

/// What must hold when a message is sent, beyond consent, hour and the conditions of its step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredRequirement", into = "StoredRequirement")]
pub enum Requirement {
    /// Nothing: the message answers something that the customer or a friend did.
    Nothing,
    /// The customer has an order that counts.
    Order,
    /// The customer has an order that counts and is still in this stage.
    Stage(Stage),
    /// The channel still waits for the customer's own yes, which the message asks for.
    Unconfirmed,
    /// One that a later version stored. The message waits for that version.
    Unrecognised(String),
}

impl Requirement {
    /// Returns why the message is to be withdrawn, given the customer's days with an order and their stage. Consent is
    /// checked apart, and an unknown requirement is never found unmet.
    #[must_use]
    pub fn unmet(&self, occasions: u32, stage: Stage) -> Option<Reason> {
        match self {
            Self::Order | Self::Stage(_) if occasions == 0 => Some(Reason::OrderUndone),
            Self::Stage(wanted) if *wanted != stage => Some(Reason::LeftStage),
            _ => None,
        }
    }

    fn code(&self) -> String {
        match self {
            Self::Nothing => "nothing".to_owned(),
            Self::Order => "order".to_owned(),
            Self::Stage(stage) => format!("stage:{stage}"),
            Self::Unconfirmed => "unconfirmed".to_owned(),
            Self::Unrecognised(code) => code.clone(),
        }
    }

    fn from_code(code: String) -> Self {
        match code.as_str() {
            "nothing" => Self::Nothing,
            "order" => Self::Order,
            "unconfirmed" => Self::Unconfirmed,
            other => match other.strip_prefix("stage:").and_then(Stage::from_known_code) {
                Some(stage) => Self::Stage(stage),
                None => Self::Unrecognised(code),
            },
        }
    }
}

/// The stored form: the code, and beside it the three flags of the earlier form, so that the version before this one
/// treats a message that this one created in the same way. Without a code the flags count.
#[derive(Serialize, Deserialize)]
struct StoredRequirement {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    requires: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    while_in: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    asks_to_confirm: bool,
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    needs_order: bool,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn is_yes(value: &bool) -> bool {
    *value
}

impl From<Requirement> for StoredRequirement {
    fn from(requirement: Requirement) -> Self {
        Self {
            while_in: match &requirement {
                Requirement::Stage(stage) => Some(stage.code().to_owned()),
                _ => None,
            },
            asks_to_confirm: requirement == Requirement::Unconfirmed,
            needs_order: !matches!(requirement, Requirement::Nothing | Requirement::Unconfirmed),
            requires: Some(requirement.code()),
        }
    }
}

impl From<StoredRequirement> for Requirement {
    fn from(stored: StoredRequirement) -> Self {
        let StoredRequirement { requires, while_in, asks_to_confirm, needs_order } = stored;
        match (requires, while_in) {
            (Some(code), _) => Self::from_code(code),
            (None, Some(stage)) => Self::from_code(format!("stage:{stage}")),
            (None, None) if asks_to_confirm => Self::Unconfirmed,
            (None, None) if needs_order => Self::Order,
            (None, None) => Self::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn stored(requirement: &Requirement) -> Value {
        serde_json::to_value(requirement).expect("a requirement can be stored")
    }

    fn read(value: Value) -> Requirement {
        serde_json::from_value(value).expect("a requirement can be read")
    }

    #[test]
    fn a_requirement_is_read_as_it_was_stored_and_means_the_same_to_the_version_before() {
        for (requirement, form) in [
            (Requirement::Nothing, json!({"requires": "nothing", "needs_order": false})),
            (Requirement::Order, json!({"requires": "order"})),
            (Requirement::Stage(Stage::Lapsed), json!({"requires": "stage:lapsed", "while_in": "lapsed"})),
            (
                Requirement::Unconfirmed,
                json!({"requires": "unconfirmed", "asks_to_confirm": true, "needs_order": false}),
            ),
        ] {
            assert_eq!(stored(&requirement), form);
            assert_eq!(read(form.clone()), requirement);
            // What the version before stored: the flags alone.
            let mut flags = form;
            flags.as_object_mut().expect("an object").remove("requires");
            assert_eq!(read(flags), requirement);
        }
    }

    #[test]
    fn a_requirement_of_a_later_version_is_kept_as_it_is() {
        for code in ["basket", "stage:dormant"] {
            let unknown = read(json!({"requires": code, "needs_order": true}));
            assert_eq!(unknown, Requirement::Unrecognised(code.to_owned()));
            assert_eq!(stored(&unknown)["requires"], code);
        }
        assert_eq!(read(json!({"while_in": "dormant"})), Requirement::Unrecognised("stage:dormant".to_owned()));
    }

    #[test]
    fn a_message_about_an_order_needs_one_and_a_message_about_a_stage_needs_both() {
        use Reason::{LeftStage, OrderUndone};
        use Requirement::{Nothing, Order, Unconfirmed, Unrecognised};
        for (requirement, without_order, elsewhere, there) in [
            (Nothing, None, None, None),
            (Order, Some(OrderUndone), None, None),
            (Requirement::Stage(Stage::Loyal), Some(OrderUndone), Some(LeftStage), None),
            (Unconfirmed, None, None, None),
            (Unrecognised("basket".to_owned()), None, None, None),
        ] {
            assert_eq!(requirement.unmet(0, Stage::Prospect), without_order, "{requirement:?}");
            assert_eq!(requirement.unmet(1, Stage::New), elsewhere, "{requirement:?}");
            assert_eq!(requirement.unmet(5, Stage::Loyal), there, "{requirement:?}");
        }
    }
}
