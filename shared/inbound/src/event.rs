//! Reads one event, as Segment's libraries send it.

use crate::alias;
use crate::clock_skew;
use crate::fields::{Field, Fields, clean};
use crate::kind::Kind;
use crate::lenient::LenientReader;
use crate::limits;
use crate::order::{self, OrderReport};
use crate::referral;
use crate::rejection::Rejection;
use crate::traits;
use crate::whose::Whose;
use jiff::Timestamp;
use rekindle_lifecycle::country::Country;
use rekindle_lifecycle::facts::{Event, Fact, Invited, Reaction, ReactionKind};
use rekindle_lifecycle::id::{CustomerId, short_digest};
use rekindle_lifecycle::money::Currency;
use serde_json::Value;

/// What the call says about all of its events.
#[derive(Debug)]
pub struct Received<'b> {
    /// When the call arrived, by our clock.
    pub at: Timestamp,
    /// When the call was sent, by the sender's clock.
    pub sent_at: Option<Timestamp>,
    /// The context of the whole batch.
    pub context: Fields<'b>,
    /// Whether the times are history and not the reading of a clock; such times are not corrected.
    pub historical: bool,
    /// The currency of amounts that come without one.
    pub default_currency: Currency,
    /// The country of phone numbers without a country code.
    pub country: Option<Country>,
}

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

/// Reads an event. Everything that a fact needs must be right; a trait that is wrong is left out with a warning. `kind` is given
/// where the call's path names it; otherwise the event does.
///
/// # Errors
/// The event is refused, with the path of the field and the reason.
pub fn parse(value: &Value, kind: Option<Kind>, received: &Received<'_>) -> Result<Parsed, Rejection> {
    let fields = Fields::from_value(value, "")?;
    limits::check(value)?;
    let kind = kind.map_or_else(|| kind_of(&fields), Ok)?;
    let mut reader = LenientReader::default();
    let message_id = message_id(&fields, value)?;
    let at = occurred_at(&fields, received, &mut reader.warnings)?;
    let name = if kind == Kind::Track { event_name(&fields)? } else { kind.name().to_owned() };
    let report = if kind == Kind::Track { OrderReport::from_name(&name) } else { None };
    let mut traits = traits::parse(&fields, received.context, kind, report.is_some(), received.country, &mut reader)?;
    let whose = Whose::parse(&fields, &traits)?;
    if report.is_some() && whose.is_device() {
        let reason =
            "is missing; the order counts once an event names the device together with a customer or an address";
        reader.warnings.push(Rejection::new("userId", reason));
    }
    let referral_code = if kind == Kind::Page { page_referral(&fields) } else { None };
    let (id, event) = match (report, kind) {
        (Some(report), _) => order::parse(report, &fields, message_id, received.default_currency, &mut reader)?,
        (None, Kind::Identify) => (message_id, Event::Identified),
        (None, Kind::Page) if referral_code.is_some() => {
            (message_id, Event::Invited(Invited { code: referral_code.unwrap_or_default() }))
        }
        (None, Kind::Page | Kind::Screen) => {
            (message_id, Event::Reaction(Reaction { how: ReactionKind::Visit, message: None, run: None, link: None }))
        }
        (None, Kind::Alias) => {
            let joins = alias::parse(&fields, &whose, at, &message_id, &mut reader.warnings)?;
            traits.left_out = reader.left_out;
            let fact = Fact { traits, ..joins.own };
            return Ok(Parsed { whose, fact, of_others: joins.of_others, warnings: reader.warnings });
        }
        (None, Kind::Track | Kind::Group) => (message_id, Event::Other { name }),
    };
    let LenientReader { warnings, left_out } = reader;
    traits.left_out = left_out;
    Ok(Parsed { whose, fact: Fact { at, id, event, traits }, of_others: Vec::new(), warnings })
}

fn page_referral(event: &Fields<'_>) -> Option<String> {
    let properties = event.object("properties", "properties").unwrap_or(Fields::EMPTY);
    let context = event.object("context", "context").unwrap_or(Fields::EMPTY);
    let page = context.object("page", "context.page").unwrap_or(Fields::EMPTY);
    referral::code_in_page(&properties, &page)
}

fn kind_of(fields: &Fields<'_>) -> Result<Kind, Rejection> {
    let expected = "one of track, identify, page, screen, group, alias";
    let field =
        fields.get("type").ok_or_else(|| Rejection::new("type", format!("is missing; it should be {expected}")))?;
    Kind::from_name(field.text()?).ok_or_else(|| field.refuse(format!("is unknown; it should be {expected}")))
}

/// The sender's id of the event, or else one made of its content, so that a repetition still is the same event.
fn message_id(fields: &Fields<'_>, event: &Value) -> Result<String, Rejection> {
    let given = fields.get("messageId");
    let Some(field) = given.filter(|field| field.value.as_str().is_none_or(|text| !text.trim().is_empty())) else {
        // A repetition has another `sentAt`.
        let mut lasting = event.as_object().cloned().unwrap_or_default();
        lasting.remove("sentAt");
        let content = Value::Object(lasting).to_string();
        return Ok(format!("content-{}", short_digest(&["event", &content], 26)));
    };
    let id = field.identity()?.trim().to_owned();
    let length = id.chars().count();
    if length > limits::MAX_MESSAGE_ID_LEN {
        return Err(
            field.refuse(format!("is {length} characters long; at most {} are allowed", limits::MAX_MESSAGE_ID_LEN))
        );
    }
    if id.chars().any(char::is_control) {
        return Err(field.refuse("contains a control character"));
    }
    Ok(id)
}

fn event_name(fields: &Fields<'_>) -> Result<String, Rejection> {
    let missing = || Rejection::new("event", "is missing; it should be the event's name, such as \"Order Completed\"");
    let field = fields.get("event").ok_or_else(missing)?;
    clean(field.text()?, limits::MAX_NAME_LEN).ok_or_else(missing)
}

/// When it happened: what the sender says (`timestamp`, else `originalTimestamp`, else `sentAt`),
/// corrected for the sender's clock unless it is history, in whole milliseconds. An event without any
/// time happened in the minute of its arrival, not at the exact moment, so that a repetition, which
/// comes within seconds, stores the same bytes. A repetition in another minute leaves a second fact
/// with the same identity, which the fold knows to be one event.
fn occurred_at(
    fields: &Fields<'_>,
    received: &Received<'_>,
    warnings: &mut Vec<Rejection>,
) -> Result<Timestamp, Rejection> {
    let sent = match fields.get("sentAt").map(|field| instant(&field)) {
        Some(Ok(at)) => Some(at),
        Some(Err(rejection)) => {
            warnings.push(rejection);
            received.sent_at
        }
        None => received.sent_at,
    };
    let claimed = fields.first(&["timestamp", "originalTimestamp"]);
    let (field, at) = match (&claimed, sent) {
        (Some(field), _) => (field.path.as_str(), instant(field)?),
        (None, Some(sent)) => ("sentAt", sent),
        (None, None) => {
            warnings.push(Rejection::new("timestamp", "is missing; the minute of arrival is used"));
            let second = received.at.as_second();
            ("timestamp", Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(received.at))
        }
    };
    let at = match sent {
        Some(sent) if !received.historical => clock_skew::corrected(at, sent, received.at),
        _ => at,
    };
    let at = Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at);
    if at < Timestamp::UNIX_EPOCH {
        return Err(Rejection::new(field, format!("is {at}, which is before 1970")));
    }
    if at.duration_since(received.at) > limits::MAX_AHEAD {
        return Err(Rejection::new(field, format!("is {at}, which is more than 5 minutes ahead of {}", received.at)));
    }
    Ok(at)
}

fn instant(field: &Field<'_>) -> Result<Timestamp, Rejection> {
    let text = field.text()?;
    text.trim().parse().map_err(|_| {
        let shown: String = text.chars().take(40).collect();
        field.refuse(format!("is {shown:?}, which is not an instant such as 2026-11-22T10:00:00Z"))
    })
}
