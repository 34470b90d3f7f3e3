//! Reads one event, as Segment's libraries send it.

use crate::alias;
use crate::context;
use crate::event_name;
use crate::fields::{Field, Fields, is_spelling_of};
use crate::kind::Kind;
use crate::lenient::LenientReader;
use crate::limits;
use crate::occurrence;
use crate::order::{self, OrderName, Reported, Sources};
use crate::properties;
use crate::received::Received;
use crate::referral;
use crate::rejection::Rejection;
use crate::rejection_kind::RejectionKind;
use crate::shopping;
use crate::traits;
use crate::whose::Whose;
use rekindle_lifecycle::facts::{Event, Fact, Invited, OtherEvent, Reaction, ReactionKind, ShoppingAction};
use rekindle_lifecycle::id::{CustomerId, short_digest};
use serde_json::Value;

/// An event that is accepted.
#[derive(Debug)]
pub struct Parsed {
    /// Whose event it is.
    pub whose: Whose,
    /// What to store.
    pub fact: Fact,
    /// What to store of other customers: the other side of an alias.
    pub of_others: Vec<(CustomerId, Fact)>,
    /// Fields that are left out, or do not have the effect that the sender may expect.
    pub warnings: Vec<Rejection>,
}

/// Reads an event. It is accepted if it can be told what it is and whose; any other field that is wrong is left out with a warning.
/// `kind` is given where the call's path names it; otherwise the event does.
///
/// # Errors
/// The event is refused, with the path of the field and the reason.
pub fn parse(value: &Value, kind: Option<Kind>, received: &Received<'_>) -> Result<Parsed, Rejection> {
    let fields = Fields::from_value(value, "")?;
    limits::check_depth(value)?;
    let kind = kind.map_or_else(|| kind_of(&fields), Ok)?;
    let mut reader = LenientReader::default();
    let name = match kind {
        Kind::Track => event_name::meant(named(&fields, &mut reader), &received.event_names),
        _ => kind.name().to_owned(),
    };
    let properties = properties(&fields, &mut reader);
    let meaning = if kind == Kind::Track { Meaning::of(&name, properties, &mut reader) } else { Meaning::Plain };
    let max_bytes = if meaning.is_order() { limits::MAX_ORDER_BYTES } else { limits::MAX_EVENT_BYTES };
    limits::check_length(value, max_bytes)?;
    let message_id = message_id(&fields, value, &mut reader);
    let at = occurrence::occurred_at(&fields, received, &mut reader)?;
    let mut traits = traits::parse(&fields, received.context, kind, meaning.is_plain(), received.country, &mut reader)?;
    let whose = Whose::parse(&fields, &traits, &mut reader)?;
    if meaning.is_order() && whose.is_device() {
        let reason =
            "is missing; the order counts once an event names the device together with a customer or an address";
        reader.warn("userId", reason);
    }
    let referral_code = if kind == Kind::Page { page_referral(&fields) } else { None };
    let (id, event) = match (meaning, kind) {
        (Meaning::Order(reported), _) => {
            let language = traits.language.as_deref();
            order::parse(reported, &fields, properties, (at, message_id, language), received, &mut reader)
        }
        (Meaning::Shopping(action), _) => {
            (message_id, Event::Shopping(shopping::parse(action, &fields, properties, received, &mut reader)))
        }
        (Meaning::Plain, Kind::Identify) => (message_id, Event::Identified),
        (Meaning::Plain, Kind::Page) if referral_code.is_some() => {
            (message_id, Event::Invited(Invited { code: referral_code.unwrap_or_default() }))
        }
        (Meaning::Plain, Kind::Page | Kind::Screen) => {
            (message_id, Event::Reaction(Reaction { how: ReactionKind::Visit, message: None, run: None, link: None }))
        }
        (Meaning::Plain, Kind::Alias) => {
            let joins = alias::parse(&fields, &whose, at, &message_id, &mut reader.warnings)?;
            traits.left_out = reader.left_out;
            let fact = Fact { traits, ..joins.own };
            return Ok(Parsed { whose, fact, of_others: joins.of_others, warnings: reader.warnings });
        }
        (Meaning::Plain, Kind::Track | Kind::Group) => {
            // What a group call says is said of the group.
            let (said, path) = match kind {
                Kind::Group => (fields.map().and_then(|all| all.get("traits")?.as_object()), "traits"),
                _ => (properties.map(), "properties"),
            };
            let properties = properties::bounded(said, path, &[], &mut reader);
            let context = context::parse(&fields, received.context);
            (message_id, Event::Other(OtherEvent { name, properties, context }))
        }
    };
    let LenientReader { warnings, left_out } = reader;
    traits.left_out = left_out;
    Ok(Parsed { whose, fact: Fact { at, id, event, traits }, of_others: Vec::new(), warnings })
}

/// What a tracked event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Order(Reported),
    Shopping(ShoppingAction),
    Plain,
}

impl Meaning {
    /// What the event's name says, and where the name leaves it open its content. What seems to be an order and is none is
    /// warned of with the name that it should have.
    fn of(name: &str, properties: Fields<'_>, reader: &mut LenientReader) -> Self {
        let letters = order::letters(name);
        if let Some(action) = shopping::action(&letters) {
            return Self::Shopping(action);
        }
        let sources = Sources::new(properties);
        match OrderName::parse(name) {
            OrderName::Reports(reported) if !reported.needs_content || order::has_content(&sources) => {
                return Self::Order(reported);
            }
            OrderName::Reports(reported) => {
                let meant = order::name_of(reported.report);
                let reason = format!(
                    "is {name:?}, without an order's id, total or products; it changes nothing. Is {meant:?} meant?"
                );
                reader.warn("event", reason);
            }
            OrderName::Resembles(meant) => {
                reader.warn("event", format!("is {name:?}, which changes nothing. Is {meant:?} meant?"));
            }
            OrderName::None if order::names_order_and_amount(&sources) => {
                let reason = format!(
                    "is {name:?}, which changes nothing, although it names an order and an amount. Is \"Order Completed\" meant?"
                );
                reader.warn("event", reason);
            }
            OrderName::None => {}
        }
        Self::Plain
    }

    fn is_order(self) -> bool {
        matches!(self, Self::Order(_))
    }

    fn is_plain(self) -> bool {
        self == Self::Plain
    }
}

/// The properties; none if they are no object.
fn properties<'v>(fields: &Fields<'v>, reader: &mut LenientReader) -> Fields<'v> {
    fields.object("properties", "properties").unwrap_or_else(|warning| {
        reader.warnings.push(warning);
        Fields::EMPTY
    })
}

fn page_referral(event: &Fields<'_>) -> Option<String> {
    let properties = event.object("properties", "properties").unwrap_or(Fields::EMPTY);
    let context = event.object("context", "context").unwrap_or(Fields::EMPTY);
    let page = context.object("page", "context.page").unwrap_or(Fields::EMPTY);
    referral::code_in_page(&properties, &page)
}

fn kind_of(fields: &Fields<'_>) -> Result<Kind, Rejection> {
    let expected = "one of track, identify, page, screen, group, alias";
    let missing = || Rejection::new("type", format!("is missing; it should be {expected}"));
    let unknown = |field: &Field<'_>| field.refuse(format!("is unknown; it should be {expected}"));
    let field = fields.get("type").ok_or_else(|| missing().of_kind(RejectionKind::Missing))?;
    Kind::from_name(field.text()?).ok_or_else(|| unknown(&field).of_kind(RejectionKind::UnknownType))
}

/// The sender's id of the event, or else one made of its content, so that a repetition still is the same event. A digest stands
/// for an id that is too long or holds what no id can.
fn message_id(fields: &Fields<'_>, event: &Value, reader: &mut LenientReader) -> String {
    if let Some(field) = fields.find(&["messageid"]) {
        if let Ok(id) = field.identity() {
            let id = id.trim();
            if id.chars().count() <= limits::MAX_MESSAGE_ID_LEN && !id.chars().any(char::is_control) {
                return id.to_owned();
            }
            let reason = format!(
                "is longer than {} characters or contains a control character; a digest stands for it",
                limits::MAX_MESSAGE_ID_LEN
            );
            reader.warn(&field.path, reason);
            return format!("digest-{}", short_digest(&["message", id], 26));
        }
        reader.warnings.push(field.wrong_type("a string"));
    }
    // A repetition has another `sentAt`.
    let mut lasting = event.as_object().cloned().unwrap_or_default();
    lasting.retain(|name, _| !is_spelling_of(name, "sentat"));
    let content = Value::Object(lasting).to_string();
    format!("content-{}", short_digest(&["event", &content], 26))
}

/// The name of an event that has none.
const UNNAMED: &str = "unnamed";

/// The event's name.
fn named(fields: &Fields<'_>, reader: &mut LenientReader) -> String {
    event_name::name_of(fields).unwrap_or_else(|| {
        reader.warn("event", "is missing; it should be the event's name, such as \"Order Completed\"");
        UNNAMED.to_owned()
    })
}
