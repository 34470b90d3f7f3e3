//! The person whom an event is about.

use crate::fields::Node;
use crate::members::put;
use serde_json::{Map, Value, json};

/// What is known of a person.
#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    pub(crate) user_id: Option<String>,
    pub(crate) anonymous_id: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) locale: Option<String>,
    pub(crate) address: Map<String, Value>,
    /// A consent, as the API reads it: the name of its field and its content.
    pub(crate) consent: Option<(&'static str, Value)>,
}

impl Person {
    /// Whether somebody is named, so that an event can belong to them.
    pub(crate) fn is_named(&self) -> bool {
        self.user_id.is_some() || self.anonymous_id.is_some() || self.email.is_some() || self.phone.is_some()
    }

    /// The same person, without names and address: enough to say whose event it is.
    pub(crate) fn identity(&self) -> Self {
        Self {
            user_id: self.user_id.clone(),
            anonymous_id: self.anonymous_id.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            ..Self::default()
        }
    }

    pub(crate) fn traits(&self) -> Map<String, Value> {
        let mut traits = Map::new();
        put(&mut traits, "email", self.email.clone());
        put(&mut traits, "phone", self.phone.clone());
        put(&mut traits, "firstName", self.first_name.clone());
        put(&mut traits, "lastName", self.last_name.clone());
        put(&mut traits, "name", self.name.clone());
        if !self.address.is_empty() {
            traits.insert("address".into(), self.address.clone().into());
        }
        if let Some((field, consent)) = &self.consent {
            traits.insert((*field).into(), consent.clone());
        }
        traits
    }
}

/// An e-mail address: a text with an at sign. What exactly is one is the API's to say.
pub(crate) fn email(node: &Node<'_>) -> Option<String> {
    node.text().filter(|text| text.contains('@'))
}

/// A postal address in the words of the API.
pub(crate) fn address(node: &Node<'_>, names: [&str; 5]) -> Map<String, Value> {
    let mut address = Map::new();
    for (own, name) in ["street", "city", "state", "postalCode", "country"].into_iter().zip(names) {
        put(&mut address, own, node.get(name).text());
    }
    address
}

/// A consent with what is said about it, in the form that the API reads.
pub(crate) fn consent(
    field: &'static str,
    state: &str,
    at: Option<String>,
    level: Option<String>,
    source: Option<String>,
) -> (&'static str, Value) {
    let mut content = Map::new();
    content.insert("state".into(), json!(state));
    put(&mut content, "opt_in_level", level);
    put(&mut content, "consent_updated_at", at);
    put(&mut content, "source", source);
    (field, content.into())
}

/// The field of a consent to e-mail.
pub(crate) const EMAIL_CONSENT: &str = "email_marketing_consent";
/// The field of a consent to text messages.
pub(crate) const SMS_CONSENT: &str = "sms_marketing_consent";
