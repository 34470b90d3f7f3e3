//! Refunds of Shopify.
//!
//! What went back is the sum of the successful transactions. They are in the currency that the customer paid in; the refund's own
//! lines tell what it is in the shop's. A refund without money only puts things back into stock.

use super::answer::{events, without_id};
use super::line;
use super::money::{self, both};
use crate::amount::{Amount, currency_code, places_of};
use crate::connector::Call;
use crate::draft::Draft;
use crate::fields::{Node, Warnings};
use crate::lines::{self, Line, MAX_LINES};
use crate::person::Person;
use crate::reading::Outcome;
use jiff::Timestamp;

pub(super) fn read(call: &Call<'_>, warnings: &mut Warnings) -> (Outcome, Option<Timestamp>) {
    let refund = Node::root(call.body);
    let Some(order_id) = refund.get("order_id").id() else { return without_id("order_id") };
    let version = at(&refund, warnings);
    let transactions = refund.get("transactions").list();
    let is_test = |transaction: &Node<'_>| transaction.get("test").truth() == Some(true);
    if !transactions.is_empty() && transactions.iter().all(is_test) {
        return (Outcome::test("a refund of a test payment"), version);
    }
    match draft(&refund, None, &order_id, Person::default(), warnings) {
        Some(draft) => (events(vec![draft], warnings), version),
        None if warnings.0.is_empty() => {
            (Outcome::ignored("no money went back, or not yet; orders/updated tells when it did"), version)
        }
        None => (Outcome::ignored("what went back cannot be read; orders/updated brings the order's refunds"), version),
    }
}

fn at(refund: &Node<'_>, warnings: &mut Warnings) -> Option<Timestamp> {
    refund.get("processed_at").time(warnings).or_else(|| refund.get("created_at").time(warnings))
}

/// The refund as an event; nothing if no money went back. `order` is the order's body, if that is known.
pub(super) fn draft(
    refund: &Node<'_>,
    order: Option<&Node<'_>>,
    order_id: &str,
    whose: Person,
    warnings: &mut Warnings,
) -> Option<Draft> {
    let id = refund.get("id").id().or_else(|| refund.get("admin_graphql_api_id").id());
    let Some(id) = id else {
        warnings.add(refund.get("id").path(), "is missing; the refund is left out, because it could count twice");
        return None;
    };
    let (amount, currency) = returned(refund, order, warnings)?;
    let at = at(refund, warnings);
    let mut draft = Draft::track("Order Refunded", at, whose);
    draft.identity = vec!["refund".into(), id.clone()];
    draft.property("order_id", Some(order_id));
    draft.property("refund_id", Some(id));
    draft.property("total", Some(amount.to_text(places_of(Some(&currency)))));
    let code = currency.clone();
    draft.property("currency", Some(currency));
    let lines = refund.get("refund_line_items").list();
    let lines: Vec<Line> =
        lines.iter().take(MAX_LINES).map(|line| refunded_line(line, order, &code, warnings)).collect();
    draft.property("products", lines::to_json(lines));
    Some(draft)
}

/// What went back, in the shop's currency as far as the refund or the order tells it.
fn returned(refund: &Node<'_>, order: Option<&Node<'_>>, warnings: &mut Warnings) -> Option<(Amount, String)> {
    let shop_currency = order.and_then(money::currency);
    let paid_in =
        order.and_then(|order| order.get("presentment_currency").text()).and_then(|code| currency_code(&code));
    let mut sums: Vec<(Amount, String)> = Vec::new();
    for transaction in refund.get("transactions").list() {
        let is = |name: &str, wanted: &str| transaction.get(name).word().as_deref() == Some(wanted);
        if !is("kind", "refund") || !is("status", "success") || transaction.get("test").truth() == Some(true) {
            continue;
        }
        let amount = transaction.get("amount").amount(warnings).map(Amount::abs);
        let own = transaction.get("currency").text().and_then(|code| currency_code(&code));
        let currency = own.or_else(|| paid_in.clone()).or_else(|| shop_currency.clone());
        // A refund whose amount is not known in full is none: without an amount it would be one of everything.
        let (Some(amount), Some(currency)) = (amount, currency) else {
            warnings.add(transaction.path(), "has no readable amount and currency; the refund is left out");
            return None;
        };
        match sums.iter_mut().find(|(_, code)| *code == currency) {
            Some((sum, _)) => *sum = *sum + amount,
            None => sums.push((amount, currency)),
        }
    }
    sums.retain(|(sum, _)| !sum.is_zero());
    let mut rates = Rates::of_refund(refund);
    rates.add_order(order);
    let shop_currency = shop_currency.or_else(|| rates.shop_currency());
    let mut total = Amount::ZERO;
    let mut currency: Option<String> = None;
    for (sum, paid) in sums {
        let (amount, code) = match &shop_currency {
            Some(shop) if *shop == paid => (sum, paid),
            Some(shop) => match rates.convert(sum, &paid, shop) {
                Some(amount) => (amount, shop.clone()),
                None => {
                    warnings.add(
                        refund.get("transactions").path(),
                        format!("are in {paid}, of which nothing tells the worth in {shop}"),
                    );
                    (sum, paid)
                }
            },
            None => (sum, paid),
        };
        if currency.as_ref().is_some_and(|known| *known != code) {
            warnings.add(refund.get("transactions").path(), "are in several currencies; the refund is left out");
            return None;
        }
        total = total + amount;
        currency = Some(code);
    }
    Some((total, currency?))
}

/// What amounts in one currency are in the other, by pairs of which both are known.
struct Rates {
    /// Sums of the pairs: customer's currency, its amount, shop's currency, its amount.
    of_refund: Option<(String, Amount, String, Amount)>,
    of_order: Option<(String, Amount, String, Amount)>,
}

impl Rates {
    /// All amounts of the refund that are there in both currencies, added up, so that roundings even out.
    fn of_refund(refund: &Node<'_>) -> Self {
        let lists = [
            ("refund_line_items", "subtotal_set"),
            ("refund_shipping_lines", "subtotal_amount_set"),
            ("order_adjustments", "amount_set"),
        ];
        let mut of_refund: Option<(String, Amount, String, Amount)> = None;
        for (list, set) in lists {
            for pair in refund.get(list).list().iter().take(MAX_LINES).filter_map(|part| both(&part.get(set))) {
                let (shop, customer) = (pair.shop, pair.customer);
                match &mut of_refund {
                    None => of_refund = Some((customer.1, customer.0.abs(), shop.1, shop.0.abs())),
                    Some((code, sum, shop_code, shop_sum)) if *code == customer.1 && *shop_code == shop.1 => {
                        *sum = *sum + customer.0.abs();
                        *shop_sum = *shop_sum + shop.0.abs();
                    }
                    Some(_) => {}
                }
            }
        }
        Self { of_refund, of_order: None }
    }

    fn add_order(&mut self, order: Option<&Node<'_>>) {
        self.of_order = order
            .and_then(|order| both(&order.get("total_price_set")))
            .map(|pair| (pair.customer.1, pair.customer.0, pair.shop.1, pair.shop.0));
    }

    fn shop_currency(&self) -> Option<String> {
        self.of_refund.as_ref().or(self.of_order.as_ref()).map(|(_, _, shop, _)| shop.clone())
    }

    fn convert(&self, amount: Amount, from: &str, to: &str) -> Option<Amount> {
        [&self.of_refund, &self.of_order].into_iter().flatten().find_map(|(customer, sum, shop, shop_sum)| {
            (customer == from && shop == to && !shop_sum.is_zero()).then(|| amount.scaled(*shop_sum, *sum)).flatten()
        })
    }
}

/// A line that was taken back. The refund itself names its product, or the order does.
fn refunded_line(part: &Node<'_>, order: Option<&Node<'_>>, code: &str, warnings: &mut Warnings) -> Line {
    let own = part.get("line_item");
    let line_id = part.get("line_item_id").id();
    let of_order = || {
        let items = order?.get("line_items").list();
        let id = |item: &Node<'_>| item.get("id").id().or_else(|| item.get("admin_graphql_api_id").id());
        items.into_iter().find(|item| line_id.is_some() && id(item) == line_id)
    };
    let item = if own.is_null() { of_order() } else { Some(own) };
    let mut line = item.map(|item| line::line(&item, Some(code), warnings)).unwrap_or_default();
    line.quantity = part.get("quantity").positive(warnings).map(Amount::to_shortest);
    line.discount = None;
    line
}
