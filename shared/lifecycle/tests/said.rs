//! What orders, refunds and events about shopping say beside an amount: how it is stored, what of it counts, and that it is read
//! by versions before and after.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use rekindle_lifecycle::customer::{Folded, Order, OrderBook};
use rekindle_lifecycle::facts::{
    Event, Fact, FactClass, Line, Lines, OrderEvent, OrderStatus, OtherEvent, Quantity, RefundEvent, ShoppingAction,
    ShoppingEvent, Traits,
};
use rekindle_lifecycle::id::OrderId;
use rekindle_lifecycle::money::{Currency, Money};
use rekindle_lifecycle::policy::Policy;
use serde_json::json;

fn second(number: i64) -> Timestamp {
    "2026-03-02T10:00:00Z".parse::<Timestamp>().expect("an instant") + SignedDuration::from_secs(number)
}

fn fact(at: i64, event: Event) -> Fact {
    Fact { at: second(at), id: "o1".to_owned(), event, traits: Traits::default() }
}

fn money(minor: i64, code: &str) -> Money {
    Money { minor, currency: Currency::parse(code).expect(code) }
}

fn id() -> OrderId {
    OrderId::parse("o1").expect("an id")
}

fn order(at: i64, status: OrderStatus, minor: i64) -> Fact {
    fact(at, Event::Order(OrderEvent::new(id(), status, Some(money(minor, "EUR")))))
}

fn refund(at: i64, amount: Money, currency_assumed: bool) -> Fact {
    let refund = RefundEvent { currency_assumed, ..RefundEvent::new(id(), Some(amount)) };
    Fact { id: format!("r{at}"), ..fact(at, Event::Refund(refund)) }
}

/// The order that facts amount to, the same in every order of arrival and after it was stored in between.
fn folded(facts: &[Fact]) -> Order {
    let calendar = &Policy::built_in().calendar;
    let book = OrderBook::count(facts, calendar);
    let mut backwards = OrderBook::default();
    for fact in facts.iter().rev() {
        backwards.add(fact, calendar).expect("none is rolled up");
        let stored = serde_json::to_string(&backwards).expect("JSON");
        backwards = serde_json::from_str(&stored).expect("it is read");
    }
    assert_eq!(book, backwards);
    book.recent()[0].clone()
}

#[test]
fn the_amount_of_the_newest_report_counts_be_it_higher_or_lower_and_a_change_outranks_a_completion_told_again() {
    use OrderStatus::{Completed, Pending, Updated};
    for (reports, minor) in [
        (vec![order(0, Completed, 199_900), order(9, Updated, 1_999)], 1_999),
        (vec![order(0, Completed, 1_999), order(9, Completed, 2_999)], 2_999),
        (vec![order(0, Completed, 2_999), order(9, Completed, 1_999)], 1_999),
        // A page that is loaded again reports the completion once more.
        (vec![order(0, Updated, 2_999), order(9, Completed, 1_999)], 2_999),
        (vec![order(0, Pending, 2_999), order(9, Completed, 1_999)], 1_999),
        // At one instant the later status counts.
        (vec![order(0, Completed, 2_999), order(0, Updated, 1_999)], 1_999),
    ] {
        let order = folded(&reports);
        assert_eq!((order.value(), order.disputed), (Some(money(minor, "EUR")), false), "{reports:?}");
    }
}

#[test]
fn an_order_takes_the_time_at_which_it_was_placed_and_never_a_later_one() {
    let placed = |reported: i64, ordered: i64| {
        let mut fact = order(reported, OrderStatus::Updated, 1_999);
        if let Event::Order(event) = &mut fact.event {
            event.details.ordered_at = Some(second(ordered));
        }
        fact
    };
    assert_eq!(folded(&[placed(500, 100)]).ordered_at(), second(100));
    assert_eq!(folded(&[placed(500, 100), order(50, OrderStatus::Completed, 1)]).ordered_at(), second(50));
    assert_eq!(folded(&[placed(500, 900)]).ordered_at(), second(500));
    let of_newest = folded(&[placed(500, 100), order(300, OrderStatus::Completed, 1)]);
    assert_eq!(
        of_newest.value(),
        Some(money(1_999, "EUR")),
        "the amount is that of the newest report, not of the newest order"
    );
}

#[test]
fn a_refund_without_a_currency_is_in_that_of_the_order_and_one_in_another_currency_counts_nothing() {
    let placed = order(0, OrderStatus::Completed, 5_000);
    for (refund, left) in [
        (refund(9, money(2_000, "USD"), true), 3_000),
        (refund(9, money(20, "JPY"), true), 3_000),
        (refund(9, money(20_000, "KWD"), true), 3_000),
        (refund(9, money(2_000, "USD"), false), 5_000),
    ] {
        assert_eq!(folded(&[placed.clone(), refund.clone()]).value(), Some(money(left, "EUR")), "{refund:?}");
    }
    assert!(!folded(&[placed, refund(9, money(5_000, "USD"), true)]).counts(), "all of it went back");
}

#[test]
fn an_order_says_why_it_does_not_count_or_has_another_value_than_expected() {
    use OrderStatus::{Cancelled, Completed, Pending, Updated};
    for (facts, part) in [
        (vec![order(0, Completed, 100)], None),
        (vec![order(0, Updated, 100)], None),
        (vec![order(0, Pending, 100)], Some("not paid")),
        (vec![order(0, Completed, 100), order(1, Cancelled, 100)], Some("called off")),
        (vec![order(0, Completed, 100), order(0, Completed, 200)], Some("two reports of one instant")),
        (vec![order(0, Completed, 100), order(1, Updated, 200)], Some("a later report")),
        (vec![order(0, Completed, 100), refund(1, money(40, "EUR"), false)], Some("a part of it")),
        (vec![order(0, Completed, 100), refund(1, money(100, "EUR"), false)], Some("all of it")),
        (vec![refund(1, money(100, "EUR"), false)], Some("only a refund")),
    ] {
        let remark = folded(&facts).remark();
        assert!(
            remark.is_some() == part.is_some() && remark.unwrap_or_default().contains(part.unwrap_or_default()),
            "{remark:?} {part:?}"
        );
    }
    let corrected = folded(&[order(0, Completed, 100), order(5, Updated, 200)]);
    assert_eq!(corrected.amount_reported(), Some((second(5), Updated)));
}

#[test]
fn of_what_was_said_the_customer_keeps_only_how_many_lines_there_were() {
    let plain = order(0, OrderStatus::Completed, 5_000);
    let mut full = plain.clone();
    if let Event::Order(order) = &mut full.event {
        let line = Line { product: Some("p1".to_owned()), name: Some("Tea".to_owned()), ..Line::default() };
        order.details.lines = Lines::new(vec![line; 5]);
        order.details.shipping = Some(300);
    }
    let size = |fact: &Fact| {
        serde_json::to_string(&Folded::recount(std::slice::from_ref(fact), &Policy::built_in().calendar)).expect("JSON")
    };
    assert_eq!(size(&full), size(&plain).replace("\"EUR\"]]", "\"EUR\"]],\"m\":[5]"));
}

#[test]
fn a_plain_order_is_stored_as_ever_and_one_of_before_is_read() {
    let stored = r#"{"at":"2026-03-02T10:00:00Z","id":"o1","kind":"order","order_id":"o1","status":"completed","amount":{"m":5000,"c":"EUR"}}"#;
    assert_eq!(order(0, OrderStatus::Completed, 5_000).to_json(), stored);
    assert_eq!(Fact::parse(stored, Some("o")), Some(order(0, OrderStatus::Completed, 5_000)));
    let stored =
        r#"{"at":"2026-03-02T10:00:00Z","id":"r0","kind":"refund","order_id":"o1","amount":{"m":5000,"c":"EUR"}}"#;
    assert_eq!(refund(0, money(5_000, "EUR"), false).to_json(), stored);
    let stored = r#"{"at":"2026-03-02T10:00:00Z","id":"o1","kind":"other","name":"Waved"}"#;
    assert_eq!(fact(0, Event::Other(OtherEvent::named("Waved"))).to_json(), stored);
}

#[test]
fn lines_of_a_later_version_cost_the_order_nothing() {
    for lines in [json!({"v": 2, "l": "x"}), json!(7), json!({"l": [["p1", 7, {}, "2", "x"], 5, {}]})] {
        let stored = json!({
            "at": "2026-03-02T10:00:00Z", "id": "o1", "kind": "order", "order_id": "o1", "status": "completed",
            "amount": {"m": 5000, "c": "EUR"}, "d": {"l": lines, "new": 1},
        });
        let fact = Fact::parse(&stored.to_string(), Some("o")).expect("a fact");
        assert_eq!(folded(&[fact]).value(), Some(money(5_000, "EUR")), "{lines}");
    }
}

#[test]
fn shopping_is_a_visit_of_the_customer_unless_a_program_did_it() {
    let visited = |event: ShoppingEvent| {
        let facts = [fact(0, Event::Shopping(event))];
        let folded = Folded::recount(&facts, &Policy::built_in().calendar);
        (folded.reactions.latest(), folded.uncounted.is_some())
    };
    let viewed = ShoppingEvent::new(ShoppingAction::ProductViewed);
    assert_eq!(visited(viewed.clone()), (Some(second(0)), false));
    assert_eq!(visited(ShoppingEvent { by_program: true, ..viewed.clone() }), (None, false));
    let later = ShoppingAction::from_code("product_tried_on").expect("a code");
    assert_eq!(
        visited(ShoppingEvent { action: later, ..viewed }),
        (None, true),
        "counted by the version that knows it"
    );
}

#[test]
fn a_version_that_does_not_know_shopping_keeps_it_as_something_else_that_is_no_permission() {
    let fact = fact(0, Event::Shopping(ShoppingEvent::new(ShoppingAction::CartViewed)));
    assert_eq!((fact.class(), fact.kind()), (FactClass::Other, "cart_viewed"));
    // As an earlier version reads it: its kind is unknown.
    let stored = fact.to_json().replace("\"shopping\"", "\"of another version\"");
    let read = Fact::parse(&stored, Some(fact.class().code())).expect("a fact");
    let Event::Unrecognised(unrecognised) = &read.event else { panic!("{read:?}") };
    assert!(!unrecognised.may_be_permission());
    assert_eq!(read.to_json(), stored);
}

#[test]
fn a_line_costs_its_price_times_its_quantity_less_the_discount() {
    let line = |thousandths: Option<i64>, unit_price, discount| Line {
        quantity: thousandths.map(|thousandths| Quantity { thousandths }),
        unit_price,
        discount,
        ..Line::default()
    };
    assert_eq!(line(Some(2_000), Some(1_250), Some(250)).cost(), Some(2_250));
    assert_eq!(line(None, Some(1_250), None).cost(), Some(1_250));
    assert_eq!(line(Some(1_500), Some(333), None).cost(), Some(500));
    assert_eq!(line(Some(1_000), Some(100), Some(500)).cost(), Some(0));
    assert_eq!(line(Some(1_000), None, None).cost(), None);
    assert_eq!(line(Some(i64::MAX), Some(i64::MAX), None).cost(), None);
}

fn any_line() -> impl Strategy<Value = Line> {
    let text = || proptest::option::of("\\PC{0,20}");
    let amount = || proptest::option::of(any::<i64>());
    let quantity = proptest::option::of((0_i64..10_000_000).prop_map(|thousandths| Quantity { thousandths }));
    (text(), text(), text(), text(), quantity, amount(), amount()).prop_map(
        |(product, variant, sku, name, quantity, unit_price, discount)| Line {
            product,
            variant,
            sku,
            name,
            quantity,
            unit_price,
            discount,
        },
    )
}

proptest! {
    #[test]
    fn lines_are_read_as_they_were_stored_within_a_fact(lines in proptest::collection::vec(any_line(), 0..30)) {
        let mut event = OrderEvent::new(id(), OrderStatus::Completed, None);
        event.details.lines = Lines::new(lines);
        let fact = fact(0, Event::Order(event));
        let read = Fact::parse(&fact.to_json(), Some(fact.class().code())).expect("a fact");
        prop_assert_eq!(read.to_json(), fact.to_json());
        prop_assert_eq!(read, fact);
    }
}
