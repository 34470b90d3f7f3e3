//! What an order or a refund amounts to.

use super::amount::{self, Amount};
use super::lines::Products;
use super::sources::Sources;
use crate::fields::Field;
use crate::lenient::LenientReader;
use rekindle_lifecycle::facts::LeftOutReason;
use rekindle_lifecycle::money::{Currency, Money};

/// The currency of an event's amounts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EventCurrency {
    pub(crate) currency: Currency,
    /// The event does not name it.
    pub(crate) is_assumed: bool,
}

/// Amounts with everything in them, those that are most often meant first.
const WITH_EVERYTHING: &[&str] = &[
    "total",
    "revenue",
    "value",
    "grandtotal",
    "totalprice",
    "totalamount",
    "ordertotal",
    "totalpaid",
    "amountpaid",
    "amount",
    "purchaseamount",
    "ordervalue",
    "orderamount",
    "totalvalue",
    "paymentamount",
    "totalpriceset",
    "currenttotalprice",
];
/// Of those, the ones that the specification defines as without shipping and tax.
const WITHOUT_SHIPPING_AND_TAX: &[&str] = &["revenue"];
/// The products after discounts.
const OF_PRODUCTS: &[&str] = &["subtotal", "subtotalprice", "itemstotal"];
const REFUNDS: &[&str] = &[
    "total",
    "refundamount",
    "refundedamount",
    "amountrefunded",
    "refundtotal",
    "totalrefunded",
    "amount",
    "value",
    "revenue",
];
const CURRENCIES: &[&str] =
    &["currency", "currencycode", "ordercurrency", "currencyiso", "presentmentcurrency", "currencyid"];
pub(crate) const SHIPPING: &[&str] =
    &["shipping", "shippingtotal", "shippingcost", "shippingprice", "totalshipping", "shippingamount"];
pub(crate) const TAX: &[&str] = &["tax", "totaltax", "taxtotal", "taxamount", "taxes", "vat"];
pub(crate) const DISCOUNT: &[&str] =
    &["discount", "discounttotal", "totaldiscount", "totaldiscounts", "discountamount"];

/// Whether an event names an amount that may be an order's.
pub(crate) fn names_amount(sources: &Sources<'_>) -> bool {
    sources.find(WITH_EVERYTHING).or_else(|| sources.find(OF_PRODUCTS)).is_some()
}

/// The currency that the event names, or else `default`.
pub(crate) fn currency(sources: &Sources<'_>, default: Currency, reader: &mut LenientReader) -> EventCurrency {
    if let Some(currency) = named_currency(sources) {
        return EventCurrency { currency, is_assumed: false };
    }
    if let Some(field) = sources.find(CURRENCIES) {
        reader.leave_out(&field.path, LeftOutReason::NotACurrency, field.value);
    }
    EventCurrency { currency: default, is_assumed: true }
}

/// The currency that the event names: in a field of its own, or together with its amount.
pub(crate) fn named_currency(sources: &Sources<'_>) -> Option<Currency> {
    let own = sources.find(CURRENCIES).and_then(|field| Currency::parse(field.text().ok()?).ok());
    own.or_else(|| amount::currency_of(sources.find(WITH_EVERYTHING)?.value))
}

/// What was paid in all: what the event says, or else what follows from its parts, with a warning that says how.
pub(super) fn of_order(
    sources: &Sources<'_>,
    products: &Products,
    extras: &Extras,
    currency: Currency,
    reader: &mut LenientReader,
) -> Option<Money> {
    let money = |minor: i64| Some(Money { minor: minor.clamp(0, Money::LIMIT), currency });
    let mut unreadable = false;
    for name in WITH_EVERYTHING {
        let Some(field) = sources.find(&[name]) else { continue };
        let Some(amount) = read(&field, currency, reader).filter(|amount| is_positive(amount, &field, reader)) else {
            unreadable = true;
            continue;
        };
        if WITHOUT_SHIPPING_AND_TAX.contains(name) && extras.added() > 0 {
            let sum = amount.minor.saturating_add(extras.added());
            derived(sources, sum, currency, "revenue, shipping and tax", reader);
            return money(sum);
        }
        return money(amount.minor);
    }
    for name in OF_PRODUCTS {
        let Some(field) = sources.find(&[name]) else { continue };
        if let Some(amount) = read(&field, currency, reader).filter(|amount| is_positive(amount, &field, reader)) {
            let sum = amount.minor.saturating_add(extras.added());
            derived(sources, sum, currency, "the subtotal, shipping and tax", reader);
            return money(sum);
        }
        unreadable = true;
    }
    if let Some(cost) = products.cost {
        // The discount on all of it may be the sum of those on the lines.
        let further = extras.discount.unwrap_or(0).saturating_sub(products.discounts).max(0);
        let sum = cost.saturating_add(extras.added()).saturating_sub(further).max(0);
        derived(sources, sum, currency, "the products, shipping and tax less the discount", reader);
        return money(sum);
    }
    if !unreadable {
        reader.warn(sources.path_of("total"), "is missing; the order counts, but without a value");
    }
    None
}

/// How much went back; nothing if the event does not speak of a part, which means everything.
pub(super) fn of_refund(
    sources: &Sources<'_>,
    products: &Products,
    currency: Currency,
    reader: &mut LenientReader,
) -> Option<Money> {
    let money = |minor: i64| Some(Money { minor: minor.clamp(0, Money::LIMIT), currency });
    let mut unreadable = false;
    for name in REFUNDS {
        let Some(field) = sources.find(&[name]) else { continue };
        // Many systems write what goes back below zero.
        match read(&field, currency, reader) {
            Some(amount) => return money(amount.minor),
            None => unreadable = true,
        }
    }
    if let Some(cost) = products.cost {
        derived(sources, cost, currency, "the products", reader);
        return money(cost);
    }
    if unreadable || products.are_named {
        let reason = "does not say how much went back; the order keeps its value";
        reader.warn(sources.path_of("total"), reason);
        return money(0);
    }
    None
}

/// What an order says beside its total.
#[derive(Debug, Default)]
pub(super) struct Extras {
    pub(super) shipping: Option<i64>,
    pub(super) tax: Option<i64>,
    pub(super) discount: Option<i64>,
}

impl Extras {
    pub(super) fn read(sources: &Sources<'_>, currency: Currency, reader: &mut LenientReader) -> Self {
        let mut minor = |names: &[&str]| {
            // An address or a list of taxes may have such a name.
            let is_amount = |field: &Field<'_>| !field.value.is_array() && !field.value.is_boolean();
            let field = sources.find(names).filter(is_amount)?;
            if field.value.is_object() {
                return amount::read(field.value, currency).ok().map(|amount| amount.minor);
            }
            read(&field, currency, reader).map(|amount| amount.minor)
        };
        Self { shipping: minor(SHIPPING), tax: minor(TAX), discount: minor(DISCOUNT) }
    }

    fn added(&self) -> i64 {
        self.shipping.unwrap_or(0).saturating_add(self.tax.unwrap_or(0))
    }
}

/// Reads an amount. One that cannot be read is left out; what was rounded is said.
pub(crate) fn read(field: &Field<'_>, currency: Currency, reader: &mut LenientReader) -> Option<Amount> {
    match amount::read(field.value, currency) {
        Ok(amount) => {
            if amount.is_rounded {
                let rounded = Money { minor: amount.minor, currency };
                reader
                    .warn(&field.path, format!("has more decimal places than {currency}; it was rounded to {rounded}"));
            }
            Some(amount)
        }
        Err(reason) => {
            reader.warn(&field.path, format!("{reason}; it is left out"));
            reader.note(&field.path, LeftOutReason::NotAnAmount, field.value);
            None
        }
    }
}

fn is_positive(amount: &Amount, field: &Field<'_>, reader: &mut LenientReader) -> bool {
    if amount.is_negative {
        reader.warn(&field.path, "must not be negative; it is left out");
        reader.note(&field.path, LeftOutReason::NotAnAmount, field.value);
    }
    !amount.is_negative
}

fn derived(sources: &Sources<'_>, minor: i64, currency: Currency, from: &str, reader: &mut LenientReader) {
    let sum = Money { minor, currency };
    reader.warn(sources.path_of("total"), format!("is missing; {sum} is the sum of {from}"));
}
