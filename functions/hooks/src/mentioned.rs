//! Whom a delivery mentions: so that its body is found when they are erased, and when they ask for what is held about them.

use rekindle_lifecycle::contact::{Address, EmailAddress};
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_messaging::KeyRing;
use serde_json::Value;
use std::collections::BTreeSet;

/// Most customers and addresses that are noted of a delivery. The body of one that mentions more is not kept.
pub(crate) const MAX_MENTIONS: usize = 40;

/// Whom a delivery mentions. Two fingerprints of each: the one that leads to the delivery, and the one of the mark of an erasure.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Mentioned(BTreeSet<(String, String)>);

impl Mentioned {
    /// The customers whose events were taken in, and every e-mail address in the body, whatever the body became.
    pub(crate) fn new(keys: &KeyRing, shop: &ShopId, customers: &BTreeSet<CustomerId>, body: &[u8]) -> Self {
        let mut found = BTreeSet::new();
        for customer in customers {
            let fingerprint = keys.customer_fingerprint(shop, customer);
            found.insert((fingerprint.clone(), fingerprint));
        }
        let mut addresses = BTreeSet::new();
        if let Ok(body) = serde_json::from_slice(body) {
            collect(&body, &mut addresses);
        }
        for address in addresses.into_iter().map(Address::Email) {
            found.insert((keys.address_fingerprint(&address), keys.erased_address_fingerprint(shop, &address)));
        }
        Self(found)
    }

    /// Whether too many people are mentioned for the body to be kept.
    pub(crate) fn is_too_many(&self) -> bool {
        self.0.len() > MAX_MENTIONS
    }

    /// The fingerprints that lead to the delivery.
    pub(crate) fn fingerprints(&self) -> Vec<String> {
        self.0.iter().map(|(fingerprint, _)| fingerprint.clone()).collect()
    }

    /// The fingerprints of the marks that an erasure leaves.
    pub(crate) fn marks(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, mark)| mark.as_str())
    }
}

/// The parser of JSON allows 128 levels, so this ends.
fn collect(value: &Value, found: &mut BTreeSet<EmailAddress>) {
    // One more than is used shows that there are too many.
    if found.len() > MAX_MENTIONS {
        return;
    }
    match value {
        Value::String(text) if text.contains('@') => found.extend(EmailAddress::parse(text).ok()),
        Value::Array(list) => list.iter().for_each(|value| collect(value, found)),
        Value::Object(map) => map.values().for_each(|value| collect(value, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use serde_json::json;

    #[test]
    fn every_address_of_a_body_is_found_wherever_it_stands_and_in_whatever_case() {
        let ring = r#"{"keys":[{"id":1,"secret":"QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="}]}"#;
        let keys = KeyRing::parse(ring, Timestamp::UNIX_EPOCH).expect("a ring");
        let shop = ShopId::parse("vinyl").expect("a shop");
        let of = |body: Value| Mentioned::new(&keys, &shop, &BTreeSet::new(), body.to_string().as_bytes());
        let deep = of(json!({ "a": [{ "b": "Anna@Example.com" }], "note": "write to anna @ home", "n": 7 }));
        assert_eq!(deep, of(json!("anna@example.com")));
        assert_eq!(deep.0.len(), 1);
        let many: Vec<String> = (0..=MAX_MENTIONS).map(|number| format!("a{number}@example.com")).collect();
        assert!(of(json!(many)).is_too_many());
    }
}
