//! Amounts of Shopify: every one may be there once in the shop's currency and once in the customer's.

use crate::amount::{Amount, currency_code, places_of};
use crate::fields::{Node, Warnings};

/// The shop's currency, in which every amount of an event is given.
pub(super) fn currency(object: &Node<'_>) -> Option<String> {
    object.get("currency").text().and_then(|code| currency_code(&code))
}

/// An amount in the shop's currency: that of `…_set`, else the plain field, which is in it too.
pub(super) fn amount(object: &Node<'_>, name: &str, warnings: &mut Warnings) -> Option<Amount> {
    let in_set = object.get(&format!("{name}_set")).at(&["shop_money", "amount"]).positive(warnings);
    in_set.or_else(|| object.get(name).positive(warnings))
}

/// An amount in both currencies.
#[derive(Debug, Clone)]
pub(super) struct Both {
    pub(super) shop: (Amount, String),
    pub(super) customer: (Amount, String),
}

/// The two amounts of a `…_set`.
pub(super) fn both(set: &Node<'_>) -> Option<Both> {
    let side = |name: &str| {
        let side = set.get(name);
        let code = side.get("currency_code").text().and_then(|code| currency_code(&code))?;
        Some((Amount::from_json(side.get("amount").value())?, code))
    };
    Some(Both { shop: side("shop_money")?, customer: side("presentment_money")? })
}

/// A decimal with the places of the currency.
pub(super) fn text(amount: Option<Amount>, currency: Option<&str>) -> Option<String> {
    amount.map(|amount| amount.to_text(places_of(currency)))
}
