//! What a shop says about a connection, checked before it is stored.

use crate::connection::{Connection, CustomersBy, KEPT_UNREAD_DAYS, MAX_KEEP_DAYS};
use jiff::Timestamp;
use rekindle_connectors::mapping::{BUILTIN, Mapping};
use rekindle_connectors::{FieldError, Settings, connector};
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::money::Currency;
use rekindle_messaging::KeyRing;
use serde::Deserialize;
use serde_json::Value;

/// Most keys of a connection: the one in use, the next one, and one of a second webhook.
pub const MAX_SECRETS: usize = 3;
/// Shortest and longest key, in characters.
const SECRET_LEN: std::ops::RangeInclusive<usize> = 8..=500;
/// Longest name of a connection.
const MAX_NAME_LEN: usize = 40;
/// Longest stored settings and mapping together, in bytes: they are read for many deliveries.
const MAX_STORED_LEN: usize = 100 * 1024;

/// What a shop says about a connection. What it does not say has its default, but for the keys, which stay.
#[derive(Clone)]
pub struct ConnectionChange {
    secrets: Option<Vec<String>>,
    keep_days: u16,
    currency: Option<Currency>,
    customers_by: CustomersBy,
    settings: Settings,
    mapping: Option<Mapping>,
}

/// The form in which it is said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    secrets: Option<Vec<String>>,
    keep_days: Option<u16>,
    currency: Option<String>,
    #[serde(default)]
    customers_by: CustomersBy,
    settings: Option<Value>,
    mapping: Option<Value>,
}

fn wrong(field: &str, reason: impl Into<String>) -> FieldError {
    FieldError { field: field.to_owned(), reason: reason.into() }
}

impl ConnectionChange {
    /// Reads what is said about the connection of this name.
    ///
    /// # Errors
    /// Each field that is wrong, with the reason. No key is shown.
    pub fn parse(name: &str, body: &str) -> Result<Self, Vec<FieldError>> {
        check_name(name).map_err(|error| vec![error])?;
        // A message of the parser may repeat a value, and that may be a key.
        let said: Said = serde_json::from_str(body).map_err(|error| {
            let at = format!("line {}, column {}", error.line(), error.column());
            let expected = "secrets, keep_days, currency, customers_by, settings or mapping";
            vec![wrong("", format!("is not JSON with the fields {expected}, each of its type ({at})"))]
        })?;
        let mut errors = Vec::new();
        if let Some(secrets) = &said.secrets {
            errors.extend(check_secrets(secrets));
        }
        let keep_days = said.keep_days.unwrap_or(crate::DEFAULT_KEEP_DAYS);
        if keep_days != 0 && !(KEPT_UNREAD_DAYS..=MAX_KEEP_DAYS).contains(&keep_days) {
            let reason =
                format!("is {keep_days}; bodies are kept {KEPT_UNREAD_DAYS} to {MAX_KEEP_DAYS} days, or 0 for none");
            errors.push(wrong("keep_days", reason));
        }
        let currency = said.currency.as_deref().and_then(|code| match Currency::parse(code) {
            Ok(currency) => Some(currency),
            Err(_) => {
                errors.push(wrong("currency", "is no code of ISO 4217, such as EUR"));
                None
            }
        });
        let settings = settings(said.settings, &mut errors);
        let mapping = match (said.mapping, connector(name)) {
            (None, Some(_)) => None,
            (Some(_), Some(connector)) => {
                let reason = format!("is not read for {}, which has a reader of its own", connector.title);
                errors.push(wrong("mapping", reason));
                None
            }
            (None, None) => {
                errors.push(wrong("mapping", "is missing; a system without a reader of its own needs one"));
                None
            }
            (Some(value), None) => mapping(&value, &mut errors),
        };
        let length = [serde_json::to_string(&settings), serde_json::to_string(&mapping)].into_iter().flatten();
        if length.map(|text| text.len()).sum::<usize>() > MAX_STORED_LEN {
            errors.push(wrong("", format!("has settings and a mapping of more than {MAX_STORED_LEN} bytes")));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self { secrets: said.secrets, keep_days, currency, customers_by: said.customers_by, settings, mapping })
    }

    /// The connection to store in place of the one before.
    ///
    /// # Errors
    /// There is no key, neither here nor before.
    pub fn apply(
        &self,
        before: Option<&Connection>,
        keys: &KeyRing,
        (shop, name): (&ShopId, &str),
        now: Timestamp,
    ) -> Result<Connection, FieldError> {
        let connected_at = before.map_or(now, |before| before.connected_at);
        let mut connection = Connection::new(&self.settings, self.mapping.as_ref(), connected_at);
        connection.keep_days = self.keep_days;
        connection.currency = self.currency.map(|currency| currency.to_string());
        connection.customers_by = self.customers_by;
        connection.secrets = match (&self.secrets, before) {
            (Some(secrets), _) => {
                secrets.iter().map(|secret| Connection::seal(keys, shop, name, secret.trim())).collect()
            }
            (None, Some(before)) => before.secrets.clone(),
            (None, None) => {
                return Err(wrong(
                    "secrets",
                    "is missing; it should be a list with the key that the system signs with",
                ));
            }
        };
        Ok(connection)
    }
}

/// Names stand in addresses and keys.
fn check_name(name: &str) -> Result<(), FieldError> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if name.is_empty() || name.len() > MAX_NAME_LEN || !name.bytes().all(fits) {
        let reason = format!("should be 1 to {MAX_NAME_LEN} lower-case letters, digits and hyphens");
        return Err(wrong("connector", reason));
    }
    Ok(())
}

fn check_secrets(secrets: &[String]) -> Option<FieldError> {
    if secrets.is_empty() || secrets.len() > MAX_SECRETS {
        return Some(wrong("secrets", format!("has {} keys; there may be 1 to {MAX_SECRETS}", secrets.len())));
    }
    let place = secrets.iter().position(|secret| !SECRET_LEN.contains(&secret.trim().chars().count()))?;
    let (least, most) = (SECRET_LEN.start(), SECRET_LEN.end());
    Some(wrong(&format!("secrets[{place}]"), format!("should have {least} to {most} characters")))
}

fn settings(value: Option<Value>, errors: &mut Vec<FieldError>) -> Settings {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Settings::default() };
    serde_json::from_value(value).unwrap_or_else(|error| {
        errors.push(wrong("settings", format!("cannot be read: {error}")));
        Settings::default()
    })
}

/// A mapping, or the name of one that comes with the engine.
fn mapping(value: &Value, errors: &mut Vec<FieldError>) -> Option<Mapping> {
    let text = match value {
        Value::String(name) => match BUILTIN.iter().find(|builtin| builtin.name == name) {
            Some(builtin) => builtin.json.to_owned(),
            None => {
                let names: Vec<&str> = BUILTIN.iter().map(|builtin| builtin.name).collect();
                errors.push(wrong("mapping", format!("is no mapping, and no name of one of {}", names.join(", "))));
                return None;
            }
        },
        other => other.to_string(),
    };
    match Mapping::parse(&text) {
        Ok(mapping) => Some(mapping),
        Err(faults) => {
            errors.extend(faults.into_iter().map(|fault| {
                let field =
                    if fault.field.is_empty() { "mapping".to_owned() } else { format!("mapping.{}", fault.field) };
                wrong(&field, fault.reason)
            }));
            None
        }
    }
}

impl std::fmt::Debug for ConnectionChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ConnectionChange")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "super-secret-key";

    fn refused(name: &str, body: &str) -> String {
        let errors = ConnectionChange::parse(name, body).expect_err(body);
        errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn what_is_wrong_is_named_with_field_and_reason_and_no_key_is_shown() {
        for (name, body, said) in [
            ("Shop ify", "{}", "connector should be"),
            ("shopify", "{", "is not JSON with the fields"),
            ("shopify", r#"{"secrets":"super-secret-key"}"#, "each of its type"),
            ("shopify", r#"{"secrets":[]}"#, "secrets has 0 keys"),
            ("shopify", r#"{"secrets":["short"]}"#, "secrets[0] should have 8 to 500"),
            ("shopify", r#"{"keep_days":3}"#, "keep_days is 3"),
            ("shopify", r#"{"currency":"Taler"}"#, "currency is no code"),
            ("shopify", r#"{"settings":{"consents":1}}"#, "settings cannot be read: unknown field"),
            ("shopify", r#"{"mapping":"shopify-orders"}"#, "mapping is not read for Shopify"),
            ("own-shop", "{}", "mapping is missing"),
            ("own-shop", r#"{"mapping":"nothing"}"#, "mapping is no mapping, and no name of one of"),
            ("own-shop", r#"{"mapping":{"version":1}}"#, "mapping is no mapping: missing field"),
        ] {
            let text = refused(name, body);
            assert!(text.contains(said), "{body}: {text}");
            assert!(!text.contains(SECRET), "{text}");
        }
        let change = ConnectionChange::parse("shopify", &format!(r#"{{"secrets":["{SECRET}"]}}"#)).expect("right");
        assert!(!format!("{change:?}").contains(SECRET));
    }

    #[test]
    fn keys_stay_when_a_change_names_none_and_are_sealed_for_their_shop() {
        let ring = r#"{"keys":[{"id":1,"secret":"QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="}]}"#;
        let keys = KeyRing::parse(ring, Timestamp::UNIX_EPOCH).expect("a ring");
        let (shop, other) = (ShopId::parse("vinyl").expect("a shop"), ShopId::parse("other").expect("a shop"));
        let change = |body: &str| ConnectionChange::parse("shopify", body).expect("right");
        let at = |name| (name, "shopify");
        let none = change("{}").apply(None, &keys, at(&shop), Timestamp::UNIX_EPOCH);
        assert_eq!(none.expect_err("no key").field, "secrets");
        let first = change(&format!(r#"{{"secrets":[" {SECRET} "],"currency":"eur"}}"#));
        let first = first.apply(None, &keys, at(&shop), Timestamp::UNIX_EPOCH).expect("a connection");
        assert_eq!(first.currency().map(|currency| currency.to_string()).as_deref(), Some("EUR"));
        assert!(!first.to_json().to_string().contains(SECRET));
        let stored = Connection::from_json(first.to_json()).expect("a connection");
        let later = change(r#"{"keep_days":0}"#).apply(Some(&stored), &keys, at(&shop), Timestamp::UNIX_EPOCH);
        let later = later.expect("a connection");
        assert_eq!((later.keep_days, &later.secrets), (0, &first.secrets));
        assert_eq!(later.open_secrets(&keys, &shop, "shopify").expect("opened").len(), 1);
        assert!(later.open_secrets(&keys, &other, "shopify").is_err(), "moved to another shop");
    }

    #[test]
    fn a_connection_of_a_later_version_still_has_its_keys() {
        let stored = serde_json::json!({
            "version": 9, "secrets": ["x"], "connected_at": "2026-11-22T12:00:00Z", "fetches": true,
            "settings": { "of_later": 1 }, "mapping": null,
        });
        let connection = Connection::from_json(stored).expect("a connection");
        assert_eq!(connection.secrets.len(), 1);
        assert!(connection.settings().is_err());
    }
}
