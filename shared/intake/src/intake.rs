//! Takes events in.

use crate::event::SentEvent;
use crate::guests::Guests;
use crate::shop_settings::ShopSettings;
use jiff::Timestamp;
use rekindle_inbound::{Fields, Kind, Parsed, Received, Rejection, RejectionKind, Whose};
use rekindle_lifecycle::facts::{Event, Fact};
use rekindle_lifecycle::id::{CustomerId, OrderId, ShopId};
use rekindle_lifecycle::money::Currency;
use rekindle_messaging::LinkKeysError;
use rekindle_store::activity::quarantine::Refused;
use rekindle_store::activity::refused_call::RefusedCall;
use rekindle_store::{CustomerKey, Store, StoreError};
use std::collections::BTreeMap;

/// Where events go.
#[derive(Debug, Clone)]
pub struct Intake {
    /// The tables.
    pub store: Store,
    /// Names guests.
    pub guests: Guests,
}

/// Who sends events.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The shop.
    pub shop: &'a ShopId,
    /// A key of theirs, which some senders repeat in what they send: it is not kept with what is refused.
    pub key: Option<&'a str>,
    /// Whether that key is public: what it sends is about devices and names no person ([`rekindle_inbound::parse_public`]).
    pub is_public: bool,
}

/// What is the same for all events that come together.
#[derive(Debug)]
pub struct Frame<'b> {
    /// When they arrived, by our clock.
    pub at: Timestamp,
    /// When they were sent, by the sender's clock.
    pub sent_at: Option<Timestamp>,
    /// Their common context; fields of an event's own come first.
    pub context: Fields<'b>,
    /// Whether their times are history and not the reading of a clock.
    pub historical: bool,
    /// Their kind; `None` if each names its own.
    pub kind: Option<Kind>,
    /// The currency of amounts that come without one, if the sender has one of its own; otherwise that of the shop's policy.
    pub currency: Option<Currency>,
}

/// What became of an event.
#[derive(Debug)]
pub enum Outcome {
    /// It is stored.
    Accepted {
        /// The customers of whom facts were stored.
        customers: Vec<CustomerId>,
        /// The order that it reports, if it is about one itself and not about its refund.
        order: Option<OrderId>,
        /// Fields that are left out, or do not have the effect that the sender may expect.
        warnings: Vec<Rejection>,
    },
    /// It is kept among the refused ones.
    Refused(Rejection),
}

/// Why events were not taken in. Some may be stored; giving all of them again is harmless.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The store took not everything.
    #[error("the store took nothing")]
    Store(#[from] StoreError),
    /// A guest could not be named.
    #[error("a guest could not be named")]
    Keys(#[from] LinkKeysError),
}

impl Intake {
    /// Stores into `store`. Amounts without a currency are US dollars where a shop's policy names no other.
    #[must_use]
    pub fn new(store: Store, guests: Guests) -> Self {
        Self { store, guests }
    }

    /// Takes events in and says what became of each, in their order. What it says is durable.
    ///
    /// # Errors
    /// Not everything could be stored: nothing may be acknowledged.
    pub async fn take_in(
        &self,
        source: Source<'_>,
        events: &[SentEvent],
        frame: &Frame<'_>,
    ) -> Result<Vec<Outcome>, IntakeError> {
        let received = self.received(source.shop, events, frame, frame.at).await?;
        let mut outcomes = Vec::with_capacity(events.len());
        let (mut facts, mut refused) = (Vec::new(), Vec::new());
        for event in events {
            outcomes.push(match read(event, source.is_public, frame.kind, &received) {
                Ok(parsed) => {
                    let warnings = parsed.warnings.clone();
                    let order = match &parsed.fact.event {
                        Event::Order(order) => Some(order.order_id.clone()),
                        _ => None,
                    };
                    let of_event = self.facts_of(parsed, frame.at).await?;
                    let customers = of_event.iter().map(|(customer, _)| customer.clone()).collect();
                    let at = |customer| CustomerKey { shop: source.shop.clone(), customer };
                    facts.extend(of_event.into_iter().map(|(customer, fact)| (at(customer), fact)));
                    Outcome::Accepted { customers, order, warnings }
                }
                Err(rejection) => {
                    refused.push(source.refusal(&rejection, event, frame));
                    Outcome::Refused(rejection)
                }
            });
        }
        tokio::try_join!(self.store.put_facts(&facts), self.store.put_refused(source.shop, &refused))?;
        tracing::info!(accepted = outcomes.len() - refused.len(), rejected = refused.len(), "events stored");
        let left_out = if source.is_public { people_left_out(&outcomes) } else { 0 };
        if left_out > 0 {
            tracing::info!(
                metric = "people_left_out",
                value = left_out,
                "events with a public key named a person, who was left out; a write key may name them"
            );
        }
        let rejections = outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Refused(rejection) => Some(rejection),
            Outcome::Accepted { .. } => None,
        });
        count(rejections);
        Ok(outcomes)
    }

    /// Keeps something that was sent and is no event, with the reason.
    ///
    /// # Errors
    /// It could not be stored.
    pub async fn refuse(
        &self,
        source: Source<'_>,
        rejection: &Rejection,
        text: &str,
        at: Timestamp,
    ) -> Result<(), IntakeError> {
        let code = Some(rejection.kind.code().to_owned());
        let refused = Refused::new(at, &rejection.field, &rejection.reason, &source.without_key(text));
        self.store.put_refused(source.shop, &[Refused { code, ..refused }]).await?;
        count(std::iter::once(rejection));
        Ok(())
    }

    /// The facts of an event, each with its customer.
    pub(crate) async fn facts_of(
        &self,
        parsed: Parsed,
        now: Timestamp,
    ) -> Result<Vec<(CustomerId, Fact)>, LinkKeysError> {
        let customer = match parsed.whose {
            Whose::Id(id) => id,
            Whose::Guest(address) => self.guests.id(&address, now).await?,
        };
        Ok(std::iter::once((customer, parsed.fact)).chain(parsed.of_others).collect())
    }

    /// With what the events are read. The shop's settings of `now` are looked up if one of them can be read only with them.
    pub(crate) async fn received<'b>(
        &self,
        shop: &ShopId,
        events: &[SentEvent],
        frame: &Frame<'b>,
        now: Timestamp,
    ) -> Result<Received<'b>, StoreError> {
        let needs =
            |event: &SentEvent| event.value().is_ok_and(|event| rekindle_inbound::needs_shop(event, frame.context));
        let settings = match events.iter().any(needs) {
            true => ShopSettings::load(&self.store, shop, now).await?,
            false => ShopSettings::default(),
        };
        Ok(Received {
            at: frame.at,
            sent_at: frame.sent_at,
            context: frame.context,
            historical: frame.historical,
            default_currency: frame.currency.or(settings.currency).unwrap_or(Currency::US_DOLLAR),
            country: settings.country,
            zone: settings.zone,
            event_names: settings.event_names,
        })
    }
}

/// Reads an event, as the key with which it came allows.
pub(crate) fn read(
    event: &SentEvent,
    is_public: bool,
    kind: Option<Kind>,
    received: &Received<'_>,
) -> Result<Parsed, Rejection> {
    let value = event.value()?;
    let parsed = match is_public {
        true => rekindle_inbound::parse_public(value, kind, received),
        false => rekindle_inbound::parse(value, kind, received),
    };
    event.check(parsed?)
}

/// In how many events that were taken in with a public key a person was named, who is left out. A shop that waits for its customers to be
/// known sees by it that the key is the wrong one.
fn people_left_out(outcomes: &[Outcome]) -> usize {
    let names_person = |outcome: &&Outcome| match outcome {
        Outcome::Accepted { warnings, .. } => warnings.iter().any(|one| one.kind == RejectionKind::NotAllowed),
        Outcome::Refused(_) => false,
    };
    outcomes.iter().filter(names_person).count()
}

/// Counts refused events by kind of reason: each count is a metric, and a line in the output of `serve`.
fn count<'r>(rejections: impl Iterator<Item = &'r Rejection>) {
    let mut counts: BTreeMap<RejectionKind, usize> = BTreeMap::new();
    for rejection in rejections {
        *counts.entry(rejection.kind).or_default() += 1;
    }
    for (kind, count) in counts {
        tracing::warn!(
            metric = "events_refused",
            value = count,
            reason = kind.code(),
            "events were refused; `rekindle refused list` shows which and why"
        );
    }
}

impl Source<'_> {
    /// What is kept of a refused event: all that is needed to read it again.
    fn refusal(&self, rejection: &Rejection, event: &SentEvent, frame: &Frame<'_>) -> Refused {
        let call = RefusedCall {
            kind: frame.kind.map(|kind| kind.name().to_owned()),
            historical: frame.historical,
            sent_at: frame.sent_at,
            public_key: self.is_public,
            repaired: matches!(event, SentEvent::Repaired(_)),
            currency: frame.currency,
            ..RefusedCall::default()
        };
        let refused = Refused::new(frame.at, &rejection.field, &rejection.reason, &self.without_key(&event.text()));
        Refused {
            code: Some(rejection.kind.code().to_owned()),
            call: Some(call.with_context(frame.context.to_value())),
            ..refused
        }
    }

    fn without_key(&self, text: &str) -> String {
        match self.key {
            Some(key) => text.replace(key, "(the key)"),
            None => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_who_are_left_out_are_counted_by_event_and_other_warnings_are_not() {
        let warning = |kind| Rejection::new("traits", "is left out").of_kind(kind);
        let accepted = |warnings| Outcome::Accepted { customers: Vec::new(), order: None, warnings };
        let outcomes = [
            accepted(vec![warning(RejectionKind::NotAllowed), warning(RejectionKind::NotAllowed)]),
            accepted(vec![warning(RejectionKind::Invalid)]),
            accepted(vec![]),
            Outcome::Refused(warning(RejectionKind::NotAllowed)),
            accepted(vec![warning(RejectionKind::Invalid), warning(RejectionKind::NotAllowed)]),
        ];
        assert_eq!(people_left_out(&outcomes), 2);
    }
}
