//! What an event says about a referral: the code that an order names or that a page was visited with, and where an order is
//! shipped.

use crate::fields::{Fields, clean};
use crate::lenient::LenientReader;
use crate::limits;
use rekindle_lifecycle::facts::{LeftOutReason, ship_to_digest};
use rekindle_lifecycle::short_code;

/// The name of the property of an order, and of the parameter in the address of the first page of a visit.
const REFERRAL_CODE: &str = "referral_code";

/// The code that an order names. A code with a typing error is left out with a warning; the order itself counts.
pub(crate) fn code_in_order(properties: &Fields<'_>, reader: &mut LenientReader) -> Option<String> {
    reader.text(properties.get(REFERRAL_CODE), LeftOutReason::NotAReferralCode, |text| {
        let code = short_code::normalise(text);
        short_code::is_valid(&code).then_some(code)
    })
}

/// The code in the address of a visited page: `…?referral_code=7KQ2MX4H`.
pub(crate) fn code_in_page(properties: &Fields<'_>, context_page: &Fields<'_>) -> Option<String> {
    let places = [properties, context_page].into_iter().flat_map(|fields| [fields.get("search"), fields.get("url")]);
    places.flatten().find_map(|field| {
        let (_, query) = field.value.as_str()?.split_once('?')?;
        let query = query.split('#').next().unwrap_or_default();
        let mut parameters = query.split('&').filter_map(|pair| pair.split_once('='));
        let code =
            parameters.find(|(name, _)| *name == REFERRAL_CODE).map(|(_, value)| short_code::normalise(value))?;
        short_code::is_valid(&code).then_some(code)
    })
}

/// A digest of the name and the postcode that an order is shipped to.
pub(crate) fn ship_to(properties: &Fields<'_>) -> Option<String> {
    let address = properties.first(&["shipping_address", "shippingAddress"])?;
    let address = Fields::from_value(address.value, "properties.shipping_address").ok()?;
    let text =
        |names: &[&str]| address.first(names).and_then(|field| clean(field.value.as_str()?, limits::MAX_NAME_LEN));
    let name = text(&["name"]).or_else(|| {
        let parts = [text(&["first_name", "firstName"]), text(&["last_name", "lastName"])];
        Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
    });
    ship_to_digest(&name?, &text(&["postal_code", "postalCode", "zip", "postcode"])?)
}
