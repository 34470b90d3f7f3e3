//! The traits of the customer in an event. A trait that cannot be used is left out with a warning; the event still counts.

use crate::consent;
use crate::contact::{is_national_number, parse_email, parse_phone};
use crate::fields::Fields;
use crate::first_name;
use crate::kind::Kind;
use crate::lenient::LenientReader;
use crate::rejection::Rejection;
use crate::time_zone;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::country::Country;
use rekindle_lifecycle::facts::{ConsentEvidence, LeftOutReason, Traits};
use rekindle_lifecycle::identity;
use serde_json::{Map, Value};

/// Maximum length of a BCP 47 tag, in bytes (RFC 5646 4.4.1 asks for 35).
const MAX_LANGUAGE_LEN: usize = 35;

/// Reads the traits of an event, without what `reader` leaves out. For an identify call, which has nothing else, `traits` of the wrong type is an error.
pub(crate) fn parse(
    event: &Fields<'_>,
    batch_context: Fields<'_>,
    kind: Kind,
    is_order: bool,
    country: Option<Country>,
    reader: &mut LenientReader,
) -> Result<Traits, Rejection> {
    // The traits of a group call are the group's.
    let own = if kind == Kind::Identify { event.object("traits", "traits")? } else { Fields::EMPTY };
    let mut lenient = |fields: Result<_, Rejection>| {
        fields.unwrap_or_else(|warning| {
            reader.warnings.push(warning);
            Fields::EMPTY
        })
    };
    let context = lenient(event.object("context", "context"));
    let context_traits = lenient(context.object("traits", "context.traits"));
    let batch_traits = lenient(batch_context.object("traits", "context.traits"));
    let properties = if is_order { event.object("properties", "properties")? } else { Fields::EMPTY };

    let sources = [own, context_traits, batch_traits];
    // Customers leave their address at the check-out.
    let contacts = [own, properties, context_traits, batch_traits];
    let contexts = [context, batch_context];
    let find = |names: &[&str]| sources.iter().find_map(|source| source.first(names));
    let contact = |name: &str| contacts.iter().find_map(|source| source.get(name));
    let around = |name: &str| contexts.iter().find_map(|context| context.get(name));

    // Consent comes first: of what is left out, people have to see that.
    let answers = consent::read(&consent_places(event, batch_context, kind));
    let (email_consent, sms_consent, evidence) = consents(&answers, reader);
    Ok(Traits {
        email: reader.text(contact("email"), LeftOutReason::NotAnAddress, |text| parse_email(text).ok()),
        phone: reader.text(contact("phone"), LeftOutReason::NotAPhoneNumber, |text| parse_phone(text, country).ok()),
        first_name: match find(&["firstName", "first_name"]) {
            Some(field) => reader.text(Some(field), LeftOutReason::NotAName, first_name::from_first_name),
            None => None,
        }
        .or_else(|| reader.text(find(&["name"]), LeftOutReason::NotAName, first_name::from_full_name)),
        language: reader.text(
            find(&["language", "locale"]).or_else(|| around("locale")),
            LeftOutReason::NotALanguage,
            language,
        ),
        time_zone: reader.text(
            find(&["timezone", "time_zone"]).or_else(|| around("timezone")),
            LeftOutReason::NotATimeZone,
            time_zone::parse,
        ),
        email_consent,
        sms_consent,
        evidence,
        device: event.get("anonymousId").and_then(|field| field.identity().ok()).and_then(|name| device_name(&name)),
        left_out: Vec::new(),
    })
}

/// The name of a browser or device, if an id can be made of it.
fn device_name(name: &str) -> Option<String> {
    identity::device(name).ok().map(|_| name.trim().to_owned())
}

/// Whether an event, or the context of its batch, has a phone number that can be read only with the shop's country.
#[must_use]
pub fn needs_country(event: &Value, batch_context: Fields<'_>) -> bool {
    let context = event.get("context");
    let of_batch = batch_context.map().and_then(|context| context.get("traits"));
    let places =
        [event.get("traits"), event.get("properties"), context.and_then(|context| context.get("traits")), of_batch];
    places.into_iter().flatten().any(|place| place.get("phone").and_then(Value::as_str).is_some_and(is_national_number))
}

/// Members of `context` that describe a device, a page or a campaign, and `traits`, which is read by itself.
const CONTEXT_WITHOUT_CONSENT: &[&str] = &[
    "traits",
    "app",
    "campaign",
    "device",
    "ip",
    "library",
    "locale",
    "location",
    "network",
    "os",
    "page",
    "referrer",
    "screen",
    "timezone",
    "userAgent",
    "userAgentData",
];

/// Where an event may speak of consent.
fn consent_places<'v>(event: &Fields<'v>, batch_context: Fields<'v>, kind: Kind) -> Vec<consent::Place<'v>> {
    let place = |parent: Option<&'v Map<String, Value>>, name: &str, path, except| {
        let object = parent?.get(name)?.as_object()?;
        Some(consent::Place { object, path, except })
    };
    let all = event.map();
    let context = all.and_then(|all| all.get("context")?.as_object());
    // The traits of a group call are the group's.
    let own = if kind == Kind::Group { None } else { place(all, "traits", "traits", &[][..]) };
    [
        own,
        place(all, "properties", "properties", &[]),
        place(context, "traits", "context.traits", &[]),
        place(all, "context", "context", CONTEXT_WITHOUT_CONSENT),
        place(batch_context.map(), "traits", "context.traits", &[]),
        batch_context.map().map(|object| consent::Place { object, path: "context", except: CONTEXT_WITHOUT_CONSENT }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The answers for each channel. What is unclear is stored as a no, and noted.
fn consents(
    answers: &consent::Answers<'_>,
    reader: &mut LenientReader,
) -> (Option<bool>, Option<bool>, Vec<ConsentEvidence>) {
    let mut evidence = Vec::new();
    let mut answer = |channel, unclear| {
        let said = answers.about(channel)?;
        evidence.extend(said.evidence(channel));
        if said.answer == consent::Answer::Unclear {
            reader.leave_out(&said.field, unclear, said.value);
        }
        Some(said.answer == consent::Answer::Yes)
    };
    let email = answer(Channel::Email, LeftOutReason::UnclearEmailConsent);
    let sms = answer(Channel::Sms, LeftOutReason::UnclearSmsConsent);
    (email, sms, evidence)
}

/// A language tag in the form of RFC 5646. The underscore that operating systems write is accepted in place of the hyphen.
fn language(text: &str) -> Option<String> {
    let tag = text.trim().replace('_', "-");
    // Systems add an encoding: `de_DE.UTF-8`.
    let tag = tag.split('.').next().unwrap_or_default();
    let mut subtags = tag.split('-');
    let primary = |part: &str| (2..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic());
    let further = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let is_tag = tag.len() <= MAX_LANGUAGE_LEN && subtags.next().is_some_and(primary) && subtags.all(further);
    is_tag.then(|| tag.to_owned())
}
