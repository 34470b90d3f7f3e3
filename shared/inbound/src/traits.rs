//! The traits of the customer in an event. A trait that cannot be used is left out with a warning; the event still counts.

use crate::fields::{Field, Fields, clean};
use crate::kind::Kind;
use crate::limits;
use crate::rejection::Rejection;
use jiff::tz::TimeZone;
use rekindle_lifecycle::contact::{EmailAddress, PhoneNumber};
use rekindle_lifecycle::facts::Traits;
use rekindle_lifecycle::identity;

/// Maximum length of a BCP 47 tag, in bytes (RFC 5646 4.4.1 asks for 35).
const MAX_LANGUAGE_LEN: usize = 35;

/// Reads the traits of an event. For an identify call, which has nothing else, `traits` of the wrong type is an error.
pub(crate) fn parse(
    event: &Fields<'_>,
    batch_context: Fields<'_>,
    kind: Kind,
    is_order: bool,
    warnings: &mut Vec<Rejection>,
) -> Result<Traits, Rejection> {
    // The traits of a group call are the group's.
    let own = if kind == Kind::Identify { event.object("traits", "traits")? } else { Fields::EMPTY };
    let mut lenient = |fields: Result<_, Rejection>| {
        fields.unwrap_or_else(|warning| {
            warnings.push(warning);
            Fields::EMPTY
        })
    };
    let context = lenient(event.object("context", "context"));
    let context_traits = lenient(context.object("traits", "context.traits"));
    let batch_traits = lenient(batch_context.object("traits", "context.traits"));
    let properties = if is_order { event.object("properties", "properties")? } else { Fields::EMPTY };

    let sources = [own, context_traits, batch_traits];
    // Customers leave their address and consent at the check-out.
    let contacts = [own, properties, context_traits, batch_traits];
    let contexts = [context, batch_context];
    let find = |names: &[&str]| sources.iter().find_map(|source| source.first(names));
    let contact = |name: &str| contacts.iter().find_map(|source| source.get(name));
    let around = |name: &str| contexts.iter().find_map(|context| context.get(name));

    let mut reader = TraitReader { warnings };
    Ok(Traits {
        email: reader.value(contact("email"), |field| {
            EmailAddress::parse(field.text()?).map_err(|e| field.refuse(e.to_string()))
        }),
        phone: reader.value(contact("phone"), |field| {
            PhoneNumber::parse(field.text()?).map_err(|e| field.refuse(e.to_string()))
        }),
        first_name: reader.value(find(&["firstName", "first_name", "name"]), first_name).flatten(),
        language: reader.value(find(&["language", "locale"]).or_else(|| around("locale")), language),
        time_zone: reader.value(find(&["timezone", "time_zone"]).or_else(|| around("timezone")), time_zone),
        email_consent: reader.value(contact("email_marketing_consent"), |field| field.boolean()),
        sms_consent: reader.value(contact("sms_marketing_consent"), |field| field.boolean()),
        device: event.get("anonymousId").and_then(|field| field.identity().ok()).and_then(|name| device_name(&name)),
    })
}

/// The name of a browser or device, if an id can be made of it.
fn device_name(name: &str) -> Option<String> {
    identity::device(name).ok().map(|_| name.trim().to_owned())
}

/// Reads values that may be wrong: a wrong one becomes a warning.
struct TraitReader<'w> {
    warnings: &'w mut Vec<Rejection>,
}

impl TraitReader<'_> {
    fn value<T>(&mut self, field: Option<Field<'_>>, parse: impl Fn(&Field<'_>) -> Result<T, Rejection>) -> Option<T> {
        match parse(&field?) {
            Ok(value) => Some(value),
            Err(warning) => {
                self.warnings.push(warning);
                None
            }
        }
    }
}

/// The first name: of a full name the first word.
fn first_name(field: &Field<'_>) -> Result<Option<String>, Rejection> {
    let text = field.text()?;
    let name = if field.path.ends_with(".name") { text.split_whitespace().next().unwrap_or_default() } else { text };
    Ok(clean(name, limits::MAX_NAME_LEN))
}

/// A language tag in the form of RFC 5646. The underscore that operating systems write is accepted in place of the hyphen.
fn language(field: &Field<'_>) -> Result<String, Rejection> {
    let tag = field.text()?.trim().replace('_', "-");
    // Systems add an encoding: `de_DE.UTF-8`.
    let tag = tag.split('.').next().unwrap_or_default();
    let mut subtags = tag.split('-');
    let primary = |part: &str| (2..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic());
    let further = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    if tag.len() <= MAX_LANGUAGE_LEN && subtags.next().is_some_and(primary) && subtags.all(further) {
        Ok(tag.to_owned())
    } else {
        Err(field.refuse("is not a language tag such as \"en\" or \"de-AT\""))
    }
}

/// A time zone, as the IANA database spells it.
fn time_zone(field: &Field<'_>) -> Result<String, Rejection> {
    let zone = TimeZone::get(field.text()?.trim()).ok();
    let name = zone.as_ref().and_then(TimeZone::iana_name);
    name.map(str::to_owned).ok_or_else(|| field.refuse("is not an IANA time zone such as \"Europe/Berlin\""))
}
