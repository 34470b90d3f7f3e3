//! Whose event it is.

use crate::fields::Fields;
use crate::lenient::LenientReader;
use crate::rejection::Rejection;
use crate::rejection_kind::RejectionKind;
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
    /// else of the device. An id that cannot be used costs the event only if there is nothing else.
    pub(crate) fn parse(fields: &Fields<'_>, traits: &Traits, reader: &mut LenientReader) -> Result<Self, Rejection> {
        let mut unusable = None;
        let mut take = |id: Result<CustomerId, Rejection>| match id {
            Ok(id) => Some(Self::Id(id)),
            Err(rejection) => {
                unusable.get_or_insert(rejection);
                None
            }
        };
        let user = fields.find(&["userid"]).map(|user| {
            let id = user.identity();
            id.and_then(|id| CustomerId::parse(&id).map_err(|error| user.refuse(error.to_string())))
        });
        let guest = || traits.guest_address().map(Self::Guest);
        let device = || {
            let device = fields.find(&["anonymousid"])?;
            let name = device.identity();
            Some(name.and_then(|name| identity::device(&name).map_err(|error| device.refuse(error.to_string()))))
        };
        let whose = user.and_then(&mut take).or_else(guest).or_else(|| device().and_then(&mut take));
        match (whose, unusable) {
            (Some(whose), Some(rejection)) => {
                reader.warnings.push(rejection);
                Ok(whose)
            }
            (Some(whose), None) => Ok(whose),
            (None, Some(rejection)) => Err(rejection),
            (None, None) => {
                let reason = "is missing, and there is no e-mail address, phone number or anonymousId";
                Err(Rejection::new("userId", reason).of_kind(RejectionKind::Missing))
            }
        }
    }

    /// Whether it is the event of a device without a customer id.
    pub(crate) fn is_device(&self) -> bool {
        matches!(self, Self::Id(id) if IdKind::from_id(id) == IdKind::Device)
    }
}
