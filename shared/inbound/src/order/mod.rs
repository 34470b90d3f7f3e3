//! Orders and refunds, in the forms in which systems report them.
//!
//! An order needs an id and somebody whose it is. Any other field that is wrong costs itself and a warning. What is not said is
//! derived where the rest of the event tells it, with a warning that says how.

mod amount;
pub(crate) mod lines;
mod name;
mod payment;
mod sources;
pub(crate) mod totals;

use crate::context;
use crate::fields::{Field, Fields, clean};
use crate::lenient::LenientReader;
use crate::limits;
use crate::occurrence;
use crate::received::Received;
use crate::referral;
use jiff::Timestamp;
pub(crate) use name::{OrderName, Reported, letters, name_of};
use payment::Payment;
use rekindle_lifecycle::facts::{Context, Event, LeftOutReason, OrderDetails, OrderEvent, OrderStatus, RefundEvent};
use rekindle_lifecycle::id::{OrderId, short_digest};
use rekindle_lifecycle::money::Currency;
pub(crate) use sources::Sources;
use totals::{EventCurrency, Extras};

/// What an event reports about an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderReport {
    /// The order reached a status.
    Reached(OrderStatus),
    /// Money was refunded.
    Refunded,
}

/// Names of the order's id, those that say most first.
const ORDER_IDS: &[&str] = &[
    "orderid",
    "id",
    "ordernumber",
    "orderno",
    "transactionid",
    "checkoutid",
    "order",
    "ordername",
    "purchaseid",
    "invoiceid",
    "invoicenumber",
    "eventid",
];
/// In a refund, `id` is rather the refund's own.
const ORDER_IDS_OF_REFUNDS: &[&str] =
    &["orderid", "ordernumber", "orderno", "transactionid", "checkoutid", "order", "ordername", "id"];

/// Whether the properties are those of an order: it has an id, an amount or products.
pub(crate) fn has_content(sources: &Sources<'_>) -> bool {
    sources.find(ORDER_IDS).is_some()
        || totals::names_amount(sources)
        || lines::list(|names| sources.find(names)).is_some()
}

/// Whether the properties name an order and money, whatever the event is called.
pub(crate) fn names_order_and_amount(sources: &Sources<'_>) -> bool {
    sources.find(&["orderid", "ordernumber", "transactionid"]).is_some() && totals::names_amount(sources)
}

/// Reads an order event, which was reported at `at` of a customer with a language; returns the identity of the fact and the event.
pub(crate) fn parse(
    reported: Reported,
    event: &Fields<'_>,
    properties: Fields<'_>,
    (at, message_id, language): (Timestamp, String, Option<&str>),
    received: &Received<'_>,
    reader: &mut LenientReader,
) -> (String, Event) {
    let sources = Sources::new(properties);
    let currency = totals::currency(&sources, received.default_currency, reader);
    let list = lines::list(|names| sources.find(names));
    let products = lines::read(list.as_ref(), currency.currency, reader);
    match reported.report {
        OrderReport::Refunded => {
            let order_id = match order_id(&sources, ORDER_IDS_OF_REFUNDS, reader) {
                Some(id) => id,
                None => stand_in(&message_id, &sources, "counts for no order", reader),
            };
            let amount = totals::of_refund(&sources, &products, currency.currency, reader);
            let currency_assumed = currency.is_assumed && amount.is_some();
            if currency_assumed {
                reader.warn(sources.path_of("currency"), "is missing; the refund is in the currency of its order");
            }
            // An order may be refunded in parts: each part has an identity of its own.
            let refund = properties.find(&["refundid"]).and_then(|field| id(&field, reader));
            let identity = refund.map_or(message_id, String::from);
            (identity, Event::Refund(RefundEvent { order_id, amount, currency_assumed, lines: products.lines }))
        }
        OrderReport::Reached(status) => {
            let (order_id, named) = match order_id(&sources, ORDER_IDS, reader) {
                Some(id) => (id, true),
                None => (stand_in(&message_id, &sources, "is an order of its own", reader), false),
            };
            let status = status_of(reported, status, &sources, named, reader);
            let extras = Extras::read(&sources, currency.currency, reader);
            let amount = if status == OrderStatus::Cancelled {
                None
            } else {
                totals::of_order(&sources, &products, &extras, currency.currency, reader)
            };
            if currency.is_assumed && (amount.is_some() || !products.lines.is_empty()) {
                warn_of_currency(currency, &sources, reader);
            }
            let says_amounts =
                !products.lines.is_empty() || extras.shipping.or(extras.tax).or(extras.discount).is_some();
            let coupon = properties.find(&["coupon", "couponcode", "discountcode"]);
            let coupon = coupon.filter(|field| !field.value.is_array() && !field.value.is_object());
            let details = OrderDetails {
                ordered_at: occurrence::ordered_at(sources.find(&["orderedat", "placedat"]), at, received, reader),
                currency: (amount.is_none() && says_amounts).then_some(currency.currency),
                shipping: extras.shipping,
                tax: extras.tax,
                discount: extras.discount,
                lines: products.lines,
                context: of_order(context::parse(event, received.context), language),
            };
            let order = OrderEvent {
                status,
                amount,
                coupon: reader.text(coupon, LeftOutReason::WrongType, |text| clean(text, limits::MAX_NAME_LEN)),
                referral_code: referral::code_in_order(&properties, reader),
                ship_to: referral::ship_to(&properties),
                details,
                order_id,
            };
            (order.order_id.to_string(), Event::Order(order))
        }
    }
}

/// The page of an order is that of the check-out, and its address may hold what only the customer should know. A locale that is
/// the customer's language is said already.
fn of_order(context: Context, language: Option<&str>) -> Context {
    let locale = context.locale.filter(|locale| language != Some(locale.replace('_', "-").as_str()));
    Context { page: None, title: None, referrer: None, locale, ..context }
}

fn warn_of_currency(currency: EventCurrency, sources: &Sources<'_>, reader: &mut LenientReader) {
    let reason = format!("is not named; the amounts are taken to be {}, the shop's currency", currency.currency);
    reader.warn(sources.path_of("currency"), reason);
}

/// How far the order has come, by the event's name and what it says about the payment. A name that says that the order is paid
/// holds against a status that may be about its delivery.
fn status_of(
    reported: Reported,
    status: OrderStatus,
    sources: &Sources<'_>,
    has_id: bool,
    reader: &mut LenientReader,
) -> OrderStatus {
    let is_paid_by_name = status == OrderStatus::Completed;
    let of_status = || if is_paid_by_name { None } else { payment::of_status(sources) };
    let found = payment::of_payment(sources).or_else(of_status);
    let path = || sources.path_of("payment_status");
    match (status, found) {
        (OrderStatus::Cancelled, _) => status,
        (_, Some(Payment::Undone)) => {
            reader.warn(path(), "says that the order was called off or given back; it does not count");
            OrderStatus::Cancelled
        }
        (OrderStatus::Completed | OrderStatus::Updated, Some(Payment::Open)) => {
            reader.warn(path(), "says that the order is not paid; it counts once it is");
            OrderStatus::Pending
        }
        (OrderStatus::Pending, Some(Payment::Paid)) => OrderStatus::Completed,
        (OrderStatus::Pending, None) if reported.leaves_payment_open => {
            let reason = "does not say whether the order is paid; it counts once \"Order Completed\" or a payment_status says so";
            reader.warn("event", reason);
            status
        }
        (OrderStatus::Updated, _) if !has_id => {
            reader
                .warn(sources.path_of("order_id"), "is missing, so the update belongs to no order and does not count");
            OrderStatus::Pending
        }
        _ => status,
    }
}

/// The order's id, by the first name that has one which can be used.
fn order_id(sources: &Sources<'_>, names: &[&str], reader: &mut LenientReader) -> Option<OrderId> {
    names.iter().find_map(|name| {
        let field = sources.find(&[name])?;
        // `order` may be the order itself.
        if field.value.is_object() {
            return None;
        }
        let id = id(&field, reader)?;
        if *name != "orderid" {
            reader.warn(sources.path_of("order_id"), format!("is missing; {} is used", field.path));
        }
        Some(id)
    })
}

/// An id that can be used. One that is too long is known by its digest.
fn id(field: &Field<'_>, reader: &mut LenientReader) -> Option<OrderId> {
    let text = field.identity().ok().and_then(|text| clean(&text, usize::MAX));
    let id = text.and_then(|text| {
        if text.len() > OrderId::LIMIT {
            reader.warn(&field.path, format!("is longer than {} bytes; a digest stands for it", OrderId::LIMIT));
            return OrderId::parse(&short_digest(&["order", &text], 26)).ok();
        }
        OrderId::parse(&text).ok()
    });
    if id.is_none() {
        reader.leave_out(&field.path, LeftOutReason::NotAnId, field.value);
    }
    id
}

/// The id of an order that names none: that of the message.
fn stand_in(message_id: &str, sources: &Sources<'_>, so: &str, reader: &mut LenientReader) -> OrderId {
    let reason = format!("is missing; the event {so}, known by its messageId");
    reader.warn(sources.path_of("order_id"), reason);
    let digest = || OrderId::parse(&short_digest(&["order", message_id], 26)).expect("a digest is an id");
    OrderId::parse(message_id).unwrap_or_else(|_| digest())
}

/// Whether the event has an amount and does not say in which currency.
pub(crate) fn needs_currency(sources: &Sources<'_>) -> bool {
    totals::named_currency(sources).is_none()
}

/// The currency of an event that is no order, by the same rules.
pub(crate) fn currency_of(sources: &Sources<'_>, default: Currency, reader: &mut LenientReader) -> EventCurrency {
    totals::currency(sources, default, reader)
}
