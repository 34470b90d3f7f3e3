//! Whom a delivery mentions: so that its body is found when they are erased, and when they ask for what is held about them.

use rekindle_inbound::parse_phone;
use rekindle_lifecycle::contact::{Address, EmailAddress, PhoneNumber};
use rekindle_lifecycle::country::Country;
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_messaging::KeyRing;
use serde_json::Value;
use std::collections::BTreeSet;

/// Most customers and addresses that are noted of a delivery. The body of one that mentions more is not kept.
pub(crate) const MAX_MENTIONS: usize = 40;

/// Parts of the names of fields that hold a phone number, in small letters.
const OF_NUMBERS: [&str; 5] = ["phone", "mobile", "tel", "cell", "msisdn"];
/// The fewest digits of a number that is somebody's alone.
const MIN_DIGITS: usize = 7;
/// The longest text that is a number, in bytes.
const MAX_NUMBER_LEN: usize = 40;

/// Whom a delivery mentions. Two fingerprints of each: the one that leads to the delivery, and the one of the mark of an erasure.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Mentioned(BTreeSet<(String, String)>);

impl Mentioned {
    /// The customers whose events were taken in, and every e-mail address and phone number in the body, whatever the body became.
    /// Numbers without a country code are read as those of `country`.
    pub(crate) fn new(
        keys: &KeyRing,
        shop: &ShopId,
        customers: &BTreeSet<CustomerId>,
        body: &[u8],
        country: Option<Country>,
    ) -> Self {
        let mut found = BTreeSet::new();
        for customer in customers {
            let fingerprint = keys.customer_fingerprint(shop, customer);
            found.insert((fingerprint.clone(), fingerprint));
        }
        let mut addresses = BTreeSet::new();
        if let Ok(body) = serde_json::from_slice(body) {
            collect("", &body, country, &mut addresses);
        }
        for address in addresses {
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
fn collect(name: &str, value: &Value, country: Option<Country>, found: &mut BTreeSet<Address>) {
    // One more than is used shows that there are too many.
    if found.len() > MAX_MENTIONS {
        return;
    }
    match value {
        Value::String(text) if text.contains('@') => {
            found.extend(EmailAddress::parse(text).ok().map(Address::Email));
        }
        Value::String(text) => found.extend(numbers(name, text, country).map(Address::Phone)),
        Value::Number(digits) => found.extend(numbers(name, &digits.to_string(), country).map(Address::Phone)),
        Value::Array(list) => list.iter().for_each(|value| collect(name, value, country, found)),
        Value::Object(map) => map.iter().for_each(|(name, value)| collect(name, value, country, found)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// The phone numbers that a text may be, if the name of its field says so or it is written as numbers are dialled from abroad. Systems that
/// keep numbers as digits leave out the sign of the country code, so such a text can be read in two ways.
fn numbers(name: &str, text: &str, country: Option<Country>) -> impl Iterator<Item = PhoneNumber> + use<> {
    let name = name.to_ascii_lowercase();
    let is_named = OF_NUMBERS.iter().any(|part| name.contains(part));
    let text = text.trim();
    let is_dialled = ["+", "tel:", "00"].iter().any(|start| text.starts_with(start));
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let may_be = (is_named || is_dialled) && digits >= MIN_DIGITS && text.len() <= MAX_NUMBER_LEN;
    let own = if may_be { parse_phone(text, country).ok() } else { None };
    let abroad = if may_be && !is_dialled { parse_phone(&format!("+{text}"), country).ok() } else { None };
    own.into_iter().chain(abroad)
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
        let of = |body: Value| Mentioned::new(&keys, &shop, &BTreeSet::new(), body.to_string().as_bytes(), None);
        let deep = of(json!({ "a": [{ "b": "Anna@Example.com" }], "note": "write to anna @ home", "n": 7 }));
        assert_eq!(deep, of(json!("anna@example.com")));
        assert_eq!(deep.0.len(), 1);
        let many: Vec<String> = (0..=MAX_MENTIONS).map(|number| format!("a{number}@example.com")).collect();
        assert!(of(json!(many)).is_too_many());
    }

    #[test]
    fn every_number_of_a_body_is_found_however_it_is_written_and_what_is_none_is_not() {
        let found_in = |body: Value| {
            let mut found = BTreeSet::new();
            collect("", &body, Some(Country::parse("DE").expect("a country")), &mut found);
            found
        };
        let one = found_in(json!({ "phone": "+491701234567" }));
        assert_eq!(one.len(), 1);
        for body in [
            json!({ "billing": { "Phone": "0170 1234567" } }),
            json!({ "shipping_phone_number": "+49 (0)170 123-4567" }),
            json!({ "mobile": "00491701234567" }),
            json!({ "msisdn": 491_701_234_567_u64 }),
            json!({ "note_attributes": [{ "name": "call me", "value": "+49 170 1234567" }] }),
            json!({ "telephones": ["tel:+49-170-1234567"] }),
        ] {
            assert!(one.is_subset(&found_in(body.clone())), "{body}");
        }
        for body in [
            json!({ "order_number": "1701234567", "id": 491_701_234_567_u64 }),
            json!({ "phone": "", "mobile": null, "telephone": "none" }),
            json!({ "sku": "0049-17", "discount": "+10", "phone": "112" }),
        ] {
            assert_eq!(found_in(body.clone()).len(), 0, "{body}");
        }
    }
}
