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

/// Names of fields in small letters; see [`Fields::find`].
const EMAIL: &[&str] = &["email", "emailaddress"];
const PHONE: &[&str] = &["phone", "phonenumber", "mobilephone", "mobile", "telephone"];
const FIRST_NAME: &[&str] = &["firstname", "givenname", "fname"];
const FULL_NAME: &[&str] = &["name", "fullname"];
/// Objects in the properties of an order that describe the customer.
const PEOPLE: [(&[&str], &str); 2] =
    [(&["customer", "user", "buyer"], "properties.customer"), (&["billing", "billingaddress"], "properties.billing")];

/// Reads the traits of an event, without what `reader` leaves out. For an identify call, which has nothing else, `traits` of the
/// wrong type is an error. Of an event that is `plain`, neither about an order nor about shopping, the properties may name
/// other people: they are read only if nothing else says whose event it is.
pub(crate) fn parse(
    event: &Fields<'_>,
    batch_context: Fields<'_>,
    kind: Kind,
    is_plain: bool,
    country: Option<Country>,
    reader: &mut LenientReader,
) -> Result<Traits, Rejection> {
    let mut lenient = |fields: Result<_, Rejection>| {
        fields.unwrap_or_else(|warning| {
            reader.warnings.push(warning);
            Fields::EMPTY
        })
    };
    let own = match kind {
        Kind::Identify => event.object("traits", "traits")?,
        // The traits of a group call are the group's.
        Kind::Group => Fields::EMPTY,
        Kind::Track | Kind::Page | Kind::Screen | Kind::Alias => lenient(event.object("traits", "traits")),
    };
    let context = lenient(event.object("context", "context"));
    let context_traits = lenient(context.object("traits", "context.traits"));
    let batch_traits = lenient(batch_context.object("traits", "context.traits"));
    let user = event.find(&["userid"]);
    let is_anonymous = user.is_none() && event.find(&["anonymousid"]).is_none();
    let speaks_of_customer = kind == Kind::Identify || !is_plain || (kind == Kind::Track && is_anonymous);
    let properties = if speaks_of_customer { event.object("properties", "properties").ok() } else { None };
    let properties = properties.unwrap_or(Fields::EMPTY);
    let [customer, billing] = PEOPLE.map(|(names, path)| {
        let object = properties.find(names).and_then(|field| Fields::from_value(field.value, path).ok());
        object.unwrap_or(Fields::EMPTY)
    });

    let sources = [own, context_traits, batch_traits, customer, billing];
    // Customers leave their address at the check-out.
    let contacts = [own, properties, customer, billing, context_traits, batch_traits, *event];
    let contexts = [context, batch_context];
    let find = |names: &[&str]| sources.iter().find_map(|source| source.find(names));
    let contact = |names: &[&str]| contacts.iter().find_map(|source| source.find(names));
    let in_properties = |names: &[&str]| properties.find(names);
    let around = |name: &str| contexts.iter().find_map(|context| context.get(name));
    let email = contact(EMAIL).or_else(|| in_properties(&["customeremail", "contactemail", "useremail"]));
    let phone = contact(PHONE).or_else(|| in_properties(&["customerphone"]));
    let first_name = find(FIRST_NAME).or_else(|| in_properties(&["firstname", "customerfirstname"]));
    // Many shops use the address as the customer's id.
    let user_as_email = user.as_ref().and_then(|user| parse_email(user.value.as_str()?).ok());

    // Consent comes first: of what is left out, people have to see that.
    let answers = consent::read(&consent_places(event, batch_context, kind));
    let (email_consent, sms_consent, evidence) = consents(&answers, reader);
    Ok(Traits {
        email: reader.text(email, LeftOutReason::NotAnAddress, |text| parse_email(text).ok()).or(user_as_email),
        phone: reader.text(phone, LeftOutReason::NotAPhoneNumber, |text| parse_phone(text, country).ok()),
        first_name: match first_name {
            Some(field) => reader.text(Some(field), LeftOutReason::NotAName, first_name::from_first_name),
            None => None,
        }
        .or_else(|| reader.text(find(FULL_NAME), LeftOutReason::NotAName, first_name::from_full_name)),
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
        device: event
            .find(&["anonymousid"])
            .and_then(|field| field.identity().ok())
            .and_then(|name| device_name(&name)),
        left_out: Vec::new(),
    })
}

/// The name of a browser or device, if an id can be made of it.
fn device_name(name: &str) -> Option<String> {
    identity::device(name).ok().map(|_| name.trim().to_owned())
}

/// Whether an event, or the context of its batch, has a phone number that can be read only with the shop's country.
pub(crate) fn needs_country(event: &Value, batch_context: Fields<'_>) -> bool {
    let context = event.get("context");
    let properties = event.get("properties");
    let of_batch = batch_context.map().and_then(|context| context.get("traits"));
    let people = PEOPLE.iter().flat_map(|(names, _)| {
        let properties = properties.and_then(|properties| Fields::from_value(properties, "").ok())?;
        Some(properties.find(names)?.value)
    });
    let places =
        [event.get("traits"), properties, context.and_then(|context| context.get("traits")), of_batch, Some(event)];
    places.into_iter().flatten().chain(people).any(|place| {
        let fields = Fields::from_value(place, "").unwrap_or(Fields::EMPTY);
        let number = fields.find(PHONE).or_else(|| fields.find(&["customerphone"]));
        number.is_some_and(|number| number.value.as_str().is_some_and(is_national_number))
    })
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
