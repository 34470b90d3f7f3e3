//! Whose event it is.

use crate::fields::Fields;
use crate::rejection::Rejection;
use rekindle_lifecycle::contact::Address;
use rekindle_lifecycle::facts::Traits;
use rekindle_lifecycle::id::CustomerId;
use rekindle_lifecycle::identity::{self, IdKind};

/// Whose event it is. `Debug` shows no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// The customer or device with this id.
    Id(CustomerId),
    /// The guest with this address: an event without a customer's id.
    Guest(Address),
}

impl Whose {
    /// Reads whose event it is: that of the shop's id, else of the guest with the e-mail address, else of the guest with the phone number,
    /// else of the device.
    pub(crate) fn parse(fields: &Fields<'_>, traits: &Traits) -> Result<Self, Rejection> {
        let guest = || {
            let email = traits.email.clone().map(Address::Email);
            email.or_else(|| traits.phone.clone().map(Address::Phone)).map(Self::Guest)
        };
        let device = || {
            let device = fields.get("anonymousId")?;
            let id = device
                .identity()
                .and_then(|name| identity::device(&name).map_err(|error| device.refuse(error.to_string())));
            Some(id.map(Self::Id))
        };
        let user = fields.get("userId");
        let is_blank = |value: &serde_json::Value| value.as_str().is_some_and(|text| text.trim().is_empty());
        if let Some(user) = user.as_ref().filter(|user| !is_blank(user.value)) {
            let id = CustomerId::parse(&user.identity()?).map_err(|error| user.refuse(error.to_string()))?;
            return Ok(Self::Id(id));
        }
        if let Some(guest) = guest() {
            return Ok(guest);
        }
        match (device(), user) {
            (Some(device), _) => device,
            (None, Some(user)) => Err(user.refuse("must not be empty")),
            (None, None) => {
                Err(Rejection::new("userId", "is missing, and there is no e-mail address, phone number or anonymousId"))
            }
        }
    }

    /// Whether it is the event of a device without a customer id.
    pub(crate) fn is_device(&self) -> bool {
        matches!(self, Self::Id(id) if IdKind::from_id(id) == IdKind::Device)
    }
}
