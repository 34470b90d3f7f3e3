//! A shop system.

use crate::delivery::Delivery;
use crate::fields::Warnings;
use crate::reading::{Outcome, Reading};
use crate::settings::Settings;
use crate::topic;
use crate::verify::{Scheme, Secret, VerifyError};
use jiff::Timestamp;
use serde_json::Value;

/// A shop system or payment service that posts to a webhook.
#[derive(Debug)]
pub struct Connector {
    /// Its name in addresses and settings.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    scheme: fn() -> Scheme,
    is_ping: fn(&Delivery<'_>) -> bool,
    topic: fn(&Delivery<'_>, Option<&Value>) -> Option<String>,
    delivery_id: fn(&Delivery<'_>, &str, Option<&Value>) -> Option<String>,
    read: Reader,
}

/// Reads a body: what it becomes, and the version that it shows.
type Reader = fn(&Call<'_>, &mut Warnings) -> (Outcome, Option<Timestamp>);

/// What a reader reads.
pub(crate) struct Call<'a> {
    pub(crate) topic: &'a str,
    pub(crate) body: &'a Value,
    pub(crate) delivery: &'a Delivery<'a>,
    pub(crate) settings: &'a Settings,
}

/// A delivery that may be stored and answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// Its signature is right.
    Signed,
    /// It only asks whether somebody is there, unsigned. Nothing has to be stored.
    Ping,
}

impl Connector {
    /// The parts of a connector, in the order of their use.
    pub(crate) const fn new(
        (name, title): (&'static str, &'static str),
        scheme: fn() -> Scheme,
        is_ping: fn(&Delivery<'_>) -> bool,
        topic: fn(&Delivery<'_>, Option<&Value>) -> Option<String>,
        delivery_id: fn(&Delivery<'_>, &str, Option<&Value>) -> Option<String>,
        read: Reader,
    ) -> Self {
        Self { name, title, scheme, is_ping, topic, delivery_id, read }
    }

    /// How the system signs.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        (self.scheme)()
    }

    /// Checks that a delivery comes from the holder of one of the keys, over the raw body. Quick: nothing of the body is read.
    ///
    /// # Errors
    /// Why it is refused, for the answer and for the shop's people.
    pub fn accept(&self, delivery: &Delivery<'_>, keys: &[Secret]) -> Result<Accepted, VerifyError> {
        if (self.is_ping)(delivery) {
            return Ok(Accepted::Ping);
        }
        self.scheme().verify(delivery, keys).map(|()| Accepted::Signed)
    }

    /// Reads a delivery that was accepted.
    #[must_use]
    pub fn read(&self, delivery: &Delivery<'_>, settings: &Settings) -> Reading {
        let mut warnings = Warnings::default();
        let body = if (self.is_ping)(delivery) { None } else { Some(topic::body(delivery)) };
        let json = body.as_ref().and_then(|body| body.as_ref().ok());
        let topic = (self.topic)(delivery, json).unwrap_or_default();
        let delivery_id = (self.delivery_id)(delivery, &topic, json);
        let (outcome, version) = match &body {
            None => (Outcome::test(format!("{} asked whether somebody is there", self.title)), None),
            Some(Err(reason)) => (Outcome::refused("", reason.clone()), None),
            Some(Ok(body)) => (self.read)(&Call { topic: &topic, body, delivery, settings }, &mut warnings),
        };
        Reading { delivery_id, topic, version, outcome: outcome.dated(delivery.received_at), warnings: warnings.0 }
    }
}
