//! Amounts of Stripe: integers in the smallest unit that Stripe has of a currency, which is not always that of ISO 4217.

use crate::amount::{Amount, currency_code, places_of};
use crate::fields::{Node, Warnings};

/// Without decimal places at Stripe (<https://docs.stripe.com/currencies#zero-decimal>). ISK and UGX have none either, but are
/// written with two.
const WITHOUT_PLACES: [&str; 15] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];
/// With three.
const WITH_THREE_PLACES: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// How many places amounts of a currency have at Stripe.
pub(crate) fn places(code: &str) -> u32 {
    if WITHOUT_PLACES.contains(&code) {
        0
    } else if WITH_THREE_PLACES.contains(&code) {
        3
    } else {
        2
    }
}

/// The object's currency, in upper case.
pub(super) fn currency(object: &Node<'_>) -> Option<String> {
    object.get("currency").text().and_then(|code| currency_code(&code))
}

/// An amount as a decimal. Nothing without a currency, which says how many places it has.
pub(super) fn amount(node: &Node<'_>, currency: Option<&str>, warnings: &mut Warnings) -> Option<Amount> {
    if node.is_null() {
        return None;
    }
    let Some(code) = currency else {
        warnings.add(node.path(), "is an amount without a readable currency, and is left out");
        return None;
    };
    // An integer: 12.5 minor units are none.
    let minor = node.value().as_i64().filter(|minor| *minor >= 0);
    let amount = minor.and_then(|minor| Amount::from_minor(minor, places(code)));
    if amount.is_none() {
        warnings.add(node.path(), "is not an amount in minor units, and is left out");
    }
    amount
}

/// A decimal with the currency's places.
pub(super) fn text(amount: Amount, currency: &str) -> String {
    amount.to_text(places_of(Some(currency)))
}
