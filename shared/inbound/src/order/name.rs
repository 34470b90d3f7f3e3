//! The names under which systems report orders.
//!
//! Names are compared by their letters and digits: `Order Completed`, `order_completed`, `OrderCompleted` and
//! `ORDER  COMPLETED` are one name.

use super::OrderReport;
use rekindle_lifecycle::facts::OrderStatus;

/// What a name says about orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderName {
    /// It reports an order.
    Reports(Reported),
    /// It is nearly one that does: that of the specification which may be meant.
    Resembles(&'static str),
    /// Neither.
    None,
}

/// What a name reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reported {
    pub(crate) report: OrderReport,
    /// Whether the event is about an order only if it also has an order's id, amount or products: the name alone may mean
    /// something else.
    pub(crate) needs_content: bool,
    /// Whether nothing in the name says if the order is paid.
    pub(crate) leaves_payment_open: bool,
}

const PLACED: OrderReport = OrderReport::Reached(OrderStatus::Pending);
const COMPLETED: OrderReport = OrderReport::Reached(OrderStatus::Completed);
const UPDATED: OrderReport = OrderReport::Reached(OrderStatus::Updated);
const CANCELLED: OrderReport = OrderReport::Reached(OrderStatus::Cancelled);
const REFUNDED: OrderReport = OrderReport::Refunded;

/// Names that mean an order whatever else the event says. The first of each report is that of the specification.
const CERTAIN: &[(OrderReport, &str)] = &[
    (COMPLETED, "Order Completed"),
    (COMPLETED, "Completed Order"),
    (COMPLETED, "Order Complete"),
    (COMPLETED, "Order Paid"),
    (COMPLETED, "Paid Order"),
    (COMPLETED, "Order Confirmed"),
    (COMPLETED, "Purchase Completed"),
    (COMPLETED, "Completed Purchase"),
    (COMPLETED, "Purchase Complete"),
    // Klaviyo's name of an order; Segment's `Order Placed` is one that waits for its payment.
    (COMPLETED, "Placed Order"),
    (PLACED, "Order Placed"),
    (PLACED, "Order Failed"),
    (UPDATED, "Order Updated"),
    (UPDATED, "Updated Order"),
    (UPDATED, "Order Edited"),
    (CANCELLED, "Order Cancelled"),
    (CANCELLED, "Order Canceled"),
    (CANCELLED, "Cancelled Order"),
    (CANCELLED, "Canceled Order"),
    (CANCELLED, "Order Voided"),
    (REFUNDED, "Order Refunded"),
    (REFUNDED, "Refunded Order"),
    (REFUNDED, "Order Partially Refunded"),
];

/// Names that say that an order was taken and not whether it is paid.
const OPEN: &[&str] =
    &["Order Created", "Created Order", "Order Submitted", "Submitted Order", "New Order", "Create Order"];

/// Names that mean an order only where the event has the content of one.
const UNCERTAIN: &[(OrderReport, &str)] = &[
    (COMPLETED, "Purchase"),
    (COMPLETED, "Purchased"),
    (COMPLETED, "Purchase Made"),
    (COMPLETED, "Order Success"),
    (COMPLETED, "Order Confirmation"),
    (COMPLETED, "Checkout Completed"),
    (COMPLETED, "Checkout Complete"),
    (COMPLETED, "Completed Checkout"),
    (COMPLETED, "Order"),
    (CANCELLED, "Cancel Order"),
    (REFUNDED, "Refund"),
    (REFUNDED, "Refunded"),
    (REFUNDED, "Refund Created"),
    (REFUNDED, "Order Refund"),
    (REFUNDED, "Refund Order"),
];

/// Words before a name that make it the name of something else.
const OTHER_MEANINGS: &[&str] = &[
    "abandoned",
    "back",
    "draft",
    "fake",
    "first",
    "food",
    "job",
    "last",
    "mock",
    "no",
    "non",
    "not",
    "page",
    "pre",
    "print",
    "purchase",
    "repair",
    "repeat",
    "sort",
    "standing",
    "supplier",
    "test",
    "transfer",
    "work",
];

/// How many words may stand before a name: that of the system, such as `Saleor` or `Shop Backend`.
const MAX_PREFIX_WORDS: usize = 2;

/// How many letters a misspelt name may differ in.
const MAX_TYPING_ERRORS: usize = 2;

impl OrderName {
    /// Reads the name of an event.
    pub(crate) fn parse(name: &str) -> Self {
        let letters = letters(name);
        if let Some(reported) = exact(&letters) {
            return Self::Reports(reported);
        }
        if letters.contains("order") || letters.contains("purchase") {
            if let Some(reported) = behind_prefix(name) {
                return Self::Reports(Reported { needs_content: true, ..reported });
            }
            if let Some(name) = within(name) {
                return Self::Resembles(name);
            }
        }
        match misspelt(&letters) {
            Some(name) => Self::Resembles(name),
            None => Self::None,
        }
    }
}

/// The letters and digits of a name, in small letters.
pub(crate) fn letters(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn is_name(name: &str, letters: &str) -> bool {
    let mut own = name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase());
    letters.bytes().all(|letter| own.next() == Some(letter)) && own.next().is_none()
}

fn exact(letters: &str) -> Option<Reported> {
    let reported = |report, needs_content, leaves_payment_open| Reported { report, needs_content, leaves_payment_open };
    let find = |names: &[(OrderReport, &str)]| {
        names.iter().find(|(_, name)| is_name(name, letters)).map(|(report, _)| *report)
    };
    find(CERTAIN)
        .map(|report| reported(report, false, false))
        .or_else(|| OPEN.iter().any(|name| is_name(name, letters)).then(|| reported(PLACED, false, true)))
        .or_else(|| find(UNCERTAIN).map(|report| reported(report, true, false)))
}

/// What the name behind that of a system reports: `Saleor Order Completed`, `ecommerce.order_placed`.
fn behind_prefix(name: &str) -> Option<Reported> {
    let words = words(name);
    (1..=MAX_PREFIX_WORDS.min(words.len().saturating_sub(2))).find_map(|prefix| {
        let is_system = words[..prefix].iter().all(|word| !OTHER_MEANINGS.contains(&word.as_str()));
        exact(&words[prefix..].concat()).filter(|_| is_system)
    })
}

/// A name of the specification that stands in a longer one.
fn within(name: &str) -> Option<&'static str> {
    let words = words(name);
    let pairs = words.windows(2).map(<[String]>::concat);
    let reports: Vec<OrderReport> = pairs.filter_map(|pair| exact(&pair)).map(|reported| reported.report).collect();
    reports.first().map(|report| name_of(*report))
}

/// The name of the specification.
pub(crate) fn name_of(report: OrderReport) -> &'static str {
    CERTAIN.iter().find(|(known, _)| *known == report).map_or("Order Completed", |(_, name)| *name)
}

/// The words of a name: parts between other signs, and within a word from one capital to the next.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in name.chars() {
        let starts = !before.is_alphanumeric() || (before.is_lowercase() && c.is_uppercase());
        if c.is_alphanumeric() {
            if starts {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
        }
        before = c;
    }
    words
}

/// The name of the specification that differs in a typing error or two.
fn misspelt(letters: &str) -> Option<&'static str> {
    let near = |name: &'static str| {
        let length = name.bytes().filter(u8::is_ascii_alphanumeric).count();
        // Short names are near to everything.
        length >= 10
            && length.abs_diff(letters.len()) <= MAX_TYPING_ERRORS
            && distance_is_within(letters.as_bytes(), self::letters(name).as_bytes(), MAX_TYPING_ERRORS)
    };
    CERTAIN.iter().find(|(_, name)| near(name)).map(|(report, _)| name_of(*report))
}

/// Whether one text becomes the other by inserting, removing and replacing at most `max` letters.
fn distance_is_within(a: &[u8], b: &[u8], max: usize) -> bool {
    if a.len().abs_diff(b.len()) > max {
        return false;
    }
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[same..], &b[same..]);
    if a.is_empty() || b.is_empty() {
        return a.len().max(b.len()) <= max;
    }
    max > 0
        && [(&a[1..], &b[1..]), (&a[1..], b), (a, &b[1..])].into_iter().any(|(a, b)| distance_is_within(a, b, max - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_name_is_that_name() {
        for (names, code) in [
            (
                &[
                    "Order Completed",
                    "order_completed",
                    "OrderCompleted",
                    "ORDER  COMPLETED",
                    " order-completed ",
                    "Order Paid",
                    "Order complete",
                    "Completed Order",
                    "Placed Order",
                    "orderCompleted",
                    "Saleor Order Completed",
                    "shop: Order Completed",
                    "Shopify - OrderPaid",
                    "ecommerce.order_completed",
                    "Purchase",
                    "PURCHASE",
                    "purchase_completed",
                ][..],
                "completed",
            ),
            (
                &[
                    "Order Placed",
                    "ecommerce.order_placed",
                    "Order Created",
                    "order_created",
                    "orderPlaced",
                    "New Order",
                ],
                "pending",
            ),
            (&["Order Updated", "order.updated"], "updated"),
            (&["Order Canceled", "Order Cancelled", "cancelled_order"], "cancelled"),
            (&["Order Refunded", "Refund", "WooCommerce Order Refunded"], "refunded"),
        ] {
            for name in names {
                let OrderName::Reports(reported) = OrderName::parse(name) else { panic!("{name}") };
                let found = match reported.report {
                    OrderReport::Reached(status) => status.code().to_owned(),
                    OrderReport::Refunded => "refunded".to_owned(),
                };
                assert_eq!(found, code, "{name}");
            }
        }
    }

    #[test]
    fn a_name_that_is_nearly_one_of_the_specification_is_told_from_names_of_other_things() {
        for (name, meant) in [
            ("Order Complited", "Order Completed"),
            ("Oder Completed", "Order Completed"),
            ("Order Completd", "Order Completed"),
            ("Completed Order Test", "Order Completed"),
            ("Order Completed v2", "Order Completed"),
            ("Test Order Completed", "Order Completed"),
            ("Work Order Completed", "Order Completed"),
            ("Order Cancled", "Order Cancelled"),
            ("Order Refundet", "Order Refunded"),
        ] {
            assert_eq!(OrderName::parse(name), OrderName::Resembles(meant), "{name}");
        }
        for name in [
            "Product Viewed",
            "Order History Viewed",
            "Cart Viewed",
            "Job Completed",
            "Checkout Started",
            "Border Crossed",
            "",
        ] {
            assert_eq!(OrderName::parse(name), OrderName::None, "{name}");
        }
    }
}
