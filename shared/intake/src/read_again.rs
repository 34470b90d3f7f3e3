//! Reads refused events again, as they were read when they came.

use crate::event::SentEvent;
use crate::intake::{Frame, Intake, IntakeError, read};
use jiff::Timestamp;
use rekindle_inbound::{Fields, Kind, Rejection, RejectionKind};
use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_store::activity::quarantine::Refused;
use rekindle_store::activity::refused_call::RefusedCall;
use serde_json::Value;

/// What a refused event is by now.
#[derive(Debug)]
pub enum ReadAgain {
    /// It can be used: the facts to store, each with its customer. They are the same however often it is read.
    Facts(Vec<(CustomerId, Fact)>),
    /// It is still refused.
    Refused(Rejection),
    /// It cannot be read again: it was too long to be kept whole, or is no event of a shop.
    Incomplete,
}

impl Intake {
    /// Reads a refused event again, at the time at which it came, with the shop's settings of `now`. Stores nothing.
    ///
    /// # Errors
    /// The settings or the keys that name guests cannot be read.
    pub async fn read_again(&self, shop: &ShopId, refused: &Refused, now: Timestamp) -> Result<ReadAgain, IntakeError> {
        let Some(value) = serde_json::from_str::<Value>(&refused.body).ok().filter(Value::is_object) else {
            let same = Rejection::new(refused.field.clone(), refused.reason.clone()).of_kind(RejectionKind::NotJson);
            return Ok(if refused.call.is_some() { ReadAgain::Refused(same) } else { ReadAgain::Incomplete });
        };
        let Some((call, kind)) = call_of(refused, &value) else { return Ok(ReadAgain::Incomplete) };
        let context = call.context.as_ref().and_then(|context| Fields::from_value(context, "context").ok());
        let frame = Frame {
            at: refused.received_at,
            sent_at: call.sent_at,
            context: context.unwrap_or(Fields::EMPTY),
            historical: call.historical,
            kind,
            currency: call.currency,
        };
        let event = if call.repaired { SentEvent::Repaired(value) } else { SentEvent::Json(value) };
        let received = self.received(shop, std::slice::from_ref(&event), &frame, now).await?;
        match read(&event, call.public_key, kind, &received) {
            Ok(parsed) => Ok(ReadAgain::Facts(self.facts_of(parsed, now).await?)),
            Err(rejection) => Ok(ReadAgain::Refused(rejection)),
        }
    }
}

/// How an event came, and the kind that its call named; none of what cannot be read again.
fn call_of(refused: &Refused, value: &Value) -> Option<(RefusedCall, Option<Kind>)> {
    match &refused.call {
        Some(call) if call.incomplete => None,
        Some(call) => match &call.kind {
            Some(name) => Some((call.clone(), Some(Kind::from_name(name)?))),
            None => Some((call.clone(), None)),
        },
        // An earlier version did not keep how it came. One that names its kind is an event; that its times are taken for history is
        // the careful choice: one that cannot be used is not replaced by the time of arrival.
        None => {
            let kind = Kind::from_name(value.get("type")?.as_str()?)?;
            Some((RefusedCall { historical: true, ..RefusedCall::default() }, Some(kind)))
        }
    }
}
