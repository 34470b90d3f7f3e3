//! `alias`: two ids are one customer.

use crate::fields::Fields;
use crate::rejection::Rejection;
use crate::whose::Whose;
use jiff::Timestamp;
use rekindle_lifecycle::facts::{Event, Fact, JoinCause, Joined, OtherEvent, Traits};
use rekindle_lifecycle::id::CustomerId;
use rekindle_lifecycle::identity;

/// The facts of one call.
pub(crate) struct Alias {
    /// That of the customer who is named as `userId`.
    pub(crate) own: Fact,
    /// Those of the other ids.
    pub(crate) of_others: Vec<(CustomerId, Fact)>,
}

/// Reads a call of `alias`. `previousId` may be an id of the shop or the name of a device, which libraries do not tell apart: both
/// are joined.
pub(crate) fn parse(
    fields: &Fields<'_>,
    whose: &Whose,
    at: Timestamp,
    message_id: &str,
    warnings: &mut Vec<Rejection>,
) -> Result<Alias, Rejection> {
    let fact = |id: String, event| Fact { at, id, event, traits: Traits::default() };
    let unjoined =
        || Alias { own: fact(message_id.to_owned(), Event::Other(OtherEvent::named("alias"))), of_others: Vec::new() };
    let (Some(previous), Whose::Id(customer)) = (fields.get("previousId"), whose) else {
        let path = if fields.get("previousId").is_some() { "userId" } else { "previousId" };
        warnings.push(Rejection::new(path, "is missing; nothing is joined"));
        return Ok(unjoined());
    };
    let name = previous.identity()?;
    let of_shop = CustomerId::parse(&name).map_err(|error| previous.refuse(error.to_string()))?;
    let device = identity::device(&name).map_err(|error| previous.refuse(error.to_string()))?;
    if of_shop == *customer || device == *customer {
        warnings.push(previous.refuse("is the customer's own id; nothing is joined"));
        return Ok(unjoined());
    }
    let joined = |id: String, with: &CustomerId, cause| fact(id, Event::Joined(Joined { with: with.clone(), cause }));
    let to_device = format!("{message_id}-device");
    Ok(Alias {
        own: joined(message_id.to_owned(), &of_shop, JoinCause::Alias),
        of_others: vec![
            (of_shop, joined(message_id.to_owned(), customer, JoinCause::Alias)),
            (device.clone(), joined(to_device.clone(), customer, JoinCause::Alias)),
            (customer.clone(), joined(to_device, &device, JoinCause::Alias)),
        ],
    })
}
