//! One endpoint: an address of a person, and what Pinpoint knew of them.

use crate::history::RowError;
use jiff::Timestamp;
use rekindle_lifecycle::contact::{EmailAddress, PhoneNumber};
use rekindle_lifecycle::id::{CustomerId, short_digest};
use serde_json::{Map, Value, json};

/// Pinpoint's last day, the date of endpoints without one. It is old enough to start no journey.
const LAST_DAY: &str = "2026-10-30T00:00:00Z";
/// Attributes that hold a first name, in lower case and without separators. The last one holds a full name.
const FIRST_NAMES: [&str; 4] = ["firstname", "givenname", "forename", "name"];
/// The columns of an endpoint that are used, in lower case. All others are reported to the user.
const USED_COLUMNS: [&str; 11] = [
    "id",
    "channeltype",
    "address",
    "optout",
    "endpointstatus",
    "effectivedate",
    "creationdate",
    "user.userid",
    "demographic.timezone",
    "demographic.locale",
    "applicationid",
];
/// Pinpoint's bookkeeping, which says nothing about a person and is not reported.
const INTERNAL_COLUMNS: [&str; 2] = ["cohortid", "requestid"];

/// One line of an export.
#[derive(Clone)]
pub struct Endpoint {
    /// The line of the file, from 1.
    pub line: u64,
    /// The customer: the user's id, or for an endpoint without a user an id made from the endpoint's.
    pub customer: CustomerId,
    /// Whether the id is a user's.
    pub has_user: bool,
    /// The address.
    pub address: ContactAddress,
    /// Whether messages to it were refused.
    pub opted_out: bool,
    /// When Pinpoint knew this.
    pub at: Timestamp,
    id: String,
    time_zone: Option<String>,
    locale: Option<String>,
    first_name: Option<String>,
}

/// An address of a person.
#[derive(Clone)]
pub enum ContactAddress {
    /// For mails.
    Email(EmailAddress),
    /// For texts.
    Sms(PhoneNumber),
}

/// What `OptOut: NONE` means. Pinpoint sets it for everyone who has not refused, so it is not a consent by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptedIn {
    /// Nothing: the policy says whether such customers get messages.
    SaysNothing,
    /// Consent; the shop has the proof.
    IsConsent,
}

impl Endpoint {
    /// Parses a line: columns by their dotted names in lower case. Of several values of a column the first one that is not
    /// empty counts.
    ///
    /// # Errors
    /// Names the first column that is missing, invalid or not supported.
    pub fn parse(line: u64, columns: &[(String, String)]) -> Result<Self, RowError> {
        let refuse = |field: &str, reason: String| RowError { line, field: field.to_owned(), reason };
        let text = |name: &str| {
            let found = columns.iter().find(|(column, value)| column == name && !value.trim().is_empty());
            found.map(|(_, value)| value.trim())
        };
        let channel = text("channeltype").ok_or_else(|| refuse("ChannelType", "is missing".to_owned()))?;
        let given = text("address");
        let missing = || {
            let reason =
                "is missing; only endpoints say how a customer is reached, so export those and not a list of users";
            refuse("Address", reason.to_owned())
        };
        let address = match channel {
            "EMAIL" => {
                let address = rekindle_inbound::parse_email(given.ok_or_else(missing)?);
                ContactAddress::Email(address.map_err(|error| refuse("Address", error.to_string()))?)
            }
            "SMS" => {
                let number = rekindle_inbound::parse_phone(given.ok_or_else(missing)?, None);
                ContactAddress::Sms(number.map_err(|error| refuse("Address", error.to_string()))?)
            }
            other => {
                let other: String = other.chars().take(40).collect();
                return Err(refuse("ChannelType", format!("is {other}; messages go out as EMAIL and SMS only")));
            }
        };
        let opted_out = match text("optout") {
            None | Some("NONE") => false,
            Some("ALL") => true,
            Some(other) => {
                let other: String = other.chars().take(40).collect();
                return Err(refuse("OptOut", format!("is {other:?}; it should be ALL or NONE")));
            }
        };
        // A refusal counts even at an address to which Pinpoint sent nothing any more.
        if text("endpointstatus") == Some("INACTIVE") && !opted_out {
            let reason = "is INACTIVE; Pinpoint sent nothing there, because another endpoint had the address";
            return Err(refuse("EndpointStatus", reason.to_owned()));
        }
        let at = match text("effectivedate").or_else(|| text("creationdate")) {
            None => LAST_DAY.parse().map_err(|_| refuse("EffectiveDate", "is missing".to_owned()))?,
            Some(date) => date.parse().map_err(|_| {
                let date: String = date.chars().take(40).collect();
                refuse("EffectiveDate", format!("is {date:?}, which is not an instant such as 2026-10-01T12:00:00Z"))
            })?,
        };
        let id = match text("id") {
            Some(id) => id.to_owned(),
            None => short_digest(&["pinpoint-endpoint", channel, address.as_str()], 20),
        };
        let user = text("user.userid");
        let customer = match user {
            Some(user) => CustomerId::parse(user).map_err(|error| refuse("User.UserId", error.to_string()))?,
            None => {
                let own = CustomerId::parse(&format!("pinpoint:{id}"));
                own.map_err(|error| refuse("Id", error.to_string()))?
            }
        };
        let found = |name: &str| text(name).map(str::to_owned);
        Ok(Self {
            line,
            customer,
            has_user: user.is_some(),
            address,
            opted_out,
            at,
            id,
            time_zone: found("demographic.timezone"),
            locale: found("demographic.locale"),
            first_name: first_name(columns),
        })
    }

    /// The event to post. The same endpoint always makes the same event, and a changed endpoint another one.
    #[must_use]
    pub fn event(&self, opted_in: OptedIn) -> Value {
        let mut traits = Map::new();
        let (address, consent) = match &self.address {
            ContactAddress::Email(_) => ("email", "email_marketing_consent"),
            ContactAddress::Sms(_) => ("phone", "sms_marketing_consent"),
        };
        traits.insert(address.to_owned(), self.address.as_str().into());
        if self.opted_out {
            traits.insert(consent.to_owned(), false.into());
        } else if opted_in == OptedIn::IsConsent {
            traits.insert(consent.to_owned(), true.into());
        }
        for (name, value) in [("firstName", &self.first_name), ("locale", &self.locale), ("timezone", &self.time_zone)]
        {
            if let Some(value) = value {
                traits.insert(name.to_owned(), value.as_str().into());
            }
        }
        let traits = Value::Object(traits);
        let digest = short_digest(&["pinpoint", &self.id, &self.at.to_string(), &traits.to_string()], 20);
        json!({
            "type": "identify",
            "userId": self.customer.as_str(),
            "messageId": format!("pinpoint-{digest}"),
            "timestamp": self.at.to_string(),
            "traits": traits,
        })
    }

    /// The columns of a line, in lower case, that have a value and are not used.
    pub(super) fn ignored_columns(columns: &[(String, String)]) -> impl Iterator<Item = &str> {
        columns.iter().filter(|(name, value)| !value.trim().is_empty() && !is_used(name)).map(|(name, _)| name.as_str())
    }
}

impl ContactAddress {
    /// The address or number. It must not be logged.
    fn as_str(&self) -> &str {
        match self {
            Self::Email(address) => address.as_str(),
            Self::Sms(number) => number.as_str(),
        }
    }
}

fn is_used(name: &str) -> bool {
    USED_COLUMNS.contains(&name)
        || INTERNAL_COLUMNS.contains(&name)
        || attribute(name).is_some_and(|own| FIRST_NAMES.contains(&&*own))
}

/// The name of a custom attribute, without separators.
fn attribute(column: &str) -> Option<String> {
    let own = column.strip_prefix("user.userattributes.").or_else(|| column.strip_prefix("attributes."))?;
    Some(own.chars().filter(|c| c.is_alphanumeric()).collect())
}

fn first_name(columns: &[(String, String)]) -> Option<String> {
    FIRST_NAMES.iter().find_map(|wanted| {
        let mut named = columns.iter().filter(|(column, _)| attribute(column).as_deref() == Some(wanted));
        let name = named.find_map(|(_, value)| Some(value.trim()).filter(|value| !value.is_empty()))?;
        let name = if *wanted == "name" { name.split_whitespace().next()? } else { name };
        Some(name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: [(&str, &str); 8] = [
        ("id", "e-1"),
        ("channeltype", "EMAIL"),
        ("address", "anna@example.com"),
        ("optout", "NONE"),
        ("effectivedate", "2025-06-01T10:00:00.220Z"),
        ("user.userid", "anna"),
        ("demographic.timezone", "Europe/Vienna"),
        ("demographic.locale", "de_AT"),
    ];

    /// The usual columns with some of them changed; an empty value removes one.
    fn columns(changed: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut columns: Vec<(String, String)> = changed.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect();
        let named = |name: &str| changed.iter().any(|(changed, _)| *changed == name);
        columns.extend(MAIL.iter().filter(|(name, _)| !named(name)).map(|(n, v)| ((*n).into(), (*v).into())));
        columns
    }

    fn event(changed: &[(&str, &str)], opted_in: OptedIn) -> Value {
        Endpoint::parse(2, &columns(changed)).expect("an endpoint").event(opted_in)
    }

    #[test]
    fn an_endpoint_becomes_the_traits_of_a_customer() {
        let found = event(&[("user.userattributes.first_name", "Anna")], OptedIn::SaysNothing);
        assert_eq!(
            found,
            json!({
                "type": "identify",
                "userId": "anna",
                "messageId": found["messageId"],
                "timestamp": "2025-06-01T10:00:00.22Z",
                "traits": {
                    "email": "anna@example.com", "firstName": "Anna", "locale": "de_AT", "timezone": "Europe/Vienna",
                },
            })
        );
    }

    #[test]
    fn a_refusal_is_one_and_silence_is_consent_only_if_the_shop_says_so() {
        let consent =
            |changed: &[(&str, &str)], opted_in| event(changed, opted_in)["traits"]["email_marketing_consent"].clone();
        for opted_in in [OptedIn::SaysNothing, OptedIn::IsConsent] {
            assert_eq!(consent(&[("optout", "ALL")], opted_in), false);
            assert_eq!(consent(&[("optout", "ALL"), ("endpointstatus", "INACTIVE")], opted_in), false);
        }
        assert_eq!(consent(&[], OptedIn::SaysNothing), Value::Null);
        assert_eq!(consent(&[("optout", "")], OptedIn::IsConsent), true);
        let text = [("channeltype", "SMS"), ("address", "+16045550182"), ("optout", "ALL")];
        let found = event(&text, OptedIn::SaysNothing);
        assert_eq!(
            (&found["traits"]["phone"], &found["traits"]["sms_marketing_consent"]),
            (&json!("+16045550182"), &json!(false))
        );
        assert_eq!(found["traits"].get("email_marketing_consent"), None);
    }

    #[test]
    fn an_endpoint_without_a_user_has_an_id_that_stays_the_same() {
        assert_eq!(event(&[("user.userid", "")], OptedIn::SaysNothing)["userId"], "pinpoint:e-1");
        let nameless = [("user.userid", ""), ("id", "")];
        let first = event(&nameless, OptedIn::SaysNothing);
        assert_eq!(first, event(&nameless, OptedIn::SaysNothing));
        let other = event(&[("user.userid", ""), ("id", ""), ("address", "bo@example.com")], OptedIn::SaysNothing);
        assert_ne!(first["userId"], other["userId"]);
    }

    #[test]
    fn the_same_endpoint_is_the_same_event_and_a_changed_one_another() {
        let id = |changed: &[(&str, &str)]| event(changed, OptedIn::SaysNothing)["messageId"].clone();
        assert_eq!(id(&[]), id(&[("cohortid", "7")]));
        assert_ne!(id(&[]), id(&[("optout", "ALL")]));
        assert_ne!(id(&[]), id(&[("effectivedate", "2025-07-01T10:00:00Z")]));
    }

    #[test]
    fn an_endpoint_without_a_date_is_of_the_last_day_of_pinpoint() {
        let at = |changed: &[(&str, &str)]| event(changed, OptedIn::SaysNothing)["timestamp"].clone();
        assert_eq!(at(&[("effectivedate", "")]), "2026-10-30T00:00:00Z");
        assert_eq!(at(&[("effectivedate", ""), ("creationdate", "2020-01-02T03:04:05Z")]), "2020-01-02T03:04:05Z");
    }

    #[test]
    fn a_rejected_endpoint_is_reported_with_the_reason_and_without_an_address() {
        for (changed, complaint) in [
            (vec![("channeltype", "")], "ChannelType is missing"),
            (vec![("channeltype", "APNS")], "ChannelType is APNS; messages go out as EMAIL and SMS only"),
            (vec![("address", "")], "Address is missing; only endpoints say"),
            (vec![("address", "nobody")], "Address "),
            (vec![("channeltype", "SMS"), ("address", "6045550182")], "Address "),
            (vec![("optout", "SOME")], "OptOut is \"SOME\"; it should be ALL or NONE"),
            (vec![("endpointstatus", "INACTIVE")], "EndpointStatus is INACTIVE"),
            (vec![("effectivedate", "yesterday")], "EffectiveDate is \"yesterday\", which is not an instant"),
            (vec![("user.userid", "a\u{0}b")], "User.UserId contains a control character"),
        ] {
            let Err(error) = Endpoint::parse(9, &columns(&changed)) else { panic!("{complaint}") };
            let message = error.to_string();
            assert!(message.starts_with(&format!("line 9: {complaint}")), "{message}");
            assert!(!message.contains("nobody") && !message.contains("6045550182"), "{message}");
        }
    }

    #[test]
    fn names_come_from_the_attributes_that_people_use() {
        for (name, value, first) in [
            ("user.userattributes.firstname", "Anna Maria", "Anna Maria"),
            ("attributes.first_name", "Anna", "Anna"),
            ("user.userattributes.name", "Anna Berger", "Anna"),
        ] {
            assert_eq!(event(&[(name, value)], OptedIn::SaysNothing)["traits"]["firstName"], first);
        }
        let rows =
            columns(&[("attributes.ride", "bus"), ("metrics.age", "40"), ("location.city", ""), ("cohortid", "3")]);
        assert_eq!(Endpoint::ignored_columns(&rows).collect::<Vec<_>>(), ["attributes.ride", "metrics.age"]);
    }
}
