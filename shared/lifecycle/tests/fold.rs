//! The fold of facts: any order of arrival, any duplicate and any replay ends in the same customer.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::customer::{
    Folded, MAX_ORDER_DAYS, MAX_RECENT_ORDERS, MAX_REFUNDS, MAX_REMEMBERED_ORDERS, OrderBook,
};
use rekindle_lifecycle::facts::{
    ConsentEvent, Event, Fact, Invited, Marks, NpsAnswer, OrderEvent, OrderStatus, Pause, Reaction, ReactionKind,
    Referred, RefundEvent, SoftBounce, Suppression, SuppressionCause, TaskClosed, Traits, Unsuppression,
};
use rekindle_lifecycle::id::{MessageId, OrderId};
use rekindle_lifecycle::money::{Currency, Money};
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::time::Calendar;

fn calendar() -> &'static Calendar {
    &Policy::built_in().calendar
}

fn at(hours: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
}

fn eur(minor: i64) -> Money {
    Money { minor, currency: Currency::parse("EUR").expect("EUR exists") }
}

fn order(id: &str, status: OrderStatus, hours: i64, minor: i64) -> Fact {
    let order_id = OrderId::parse(id).expect("an order id");
    let amount = (status != OrderStatus::Cancelled).then(|| eur(minor));
    Fact {
        at: at(hours),
        id: id.to_owned(),
        event: Event::Order(OrderEvent::new(order_id, status, amount)),
        traits: Traits::default(),
    }
}

fn refund(id: &str, refund: &str, hours: i64, minor: Option<i64>) -> Fact {
    let order_id = OrderId::parse(id).expect("an order id");
    let event = Event::Refund(RefundEvent::new(order_id, minor.map(eur)));
    Fact { at: at(hours), id: refund.to_owned(), event, traits: Traits::default() }
}

/// Folds facts one by one as they arrive, and recounts all facts so far when the book requests it.
fn fold_in_turn(facts: &[Fact]) -> Folded {
    let mut folded = Folded::default();
    for (index, fact) in facts.iter().enumerate() {
        if folded.apply(fact, calendar()).is_err() {
            folded = Folded::recount(&facts[..=index], calendar());
        }
    }
    folded
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let order_id = (0..14_u8).prop_map(|n| format!("order-{n}"));
    let status = prop_oneof![
        1 => Just(OrderStatus::Pending),
        6 => Just(OrderStatus::Completed),
        1 => Just(OrderStatus::Updated),
        1 => Just(OrderStatus::Cancelled),
    ];
    let orders = (order_id.clone(), status, 0..2_000_i64, 0..9_i64)
        .prop_map(|(id, status, hours, minor)| order(&id, status, hours, minor));
    let refunds = (order_id, 0..3_u8, 0..2_000_i64, proptest::option::of(1..9_i64))
        .prop_map(|(id, which, hours, minor)| refund(&id, &format!("refund-{which}"), hours, minor));
    let traits = (0..2_000_i64, 0..4_u8, proptest::option::of(any::<bool>())).prop_map(|(hours, who, sms_consent)| {
        let email = EmailAddress::parse(&format!("person{who}@example.com")).ok();
        let traits = Traits { email, sms_consent, ..Traits::default() };
        Fact { at: at(hours), id: format!("m{who}"), event: Event::Identified, traits }
    });
    let consents = (0..40_i64, any::<bool>(), any::<bool>(), proptest::option::of(Just(Purpose::Survey))).prop_map(
        |(hours, granted, own, purpose)| {
            let event = Event::Consent(ConsentEvent {
                channel: Channel::Email,
                purpose,
                granted,
                source: "page".to_owned(),
                text_version: None,
                own,
            });
            Fact { at: at(hours), id: "c".to_owned(), event, traits: Traits::default() }
        },
    );
    let clicks = (0..2_000_i64, 0..3_u8, 0..3_u8).prop_map(|(hours, which, link)| Fact {
        at: at(hours / 9),
        id: "r".to_owned(),
        event: Event::Reaction(Reaction {
            how: [ReactionKind::Click, ReactionKind::Visit, ReactionKind::Reply][usize::from(which)],
            message: MessageId::parse(&"a".repeat(26)).ok(),
            run: Some(format!("run{which}")),
            link: Some(format!("l{link}")),
        }),
        traits: Traits::default(),
    });
    let closures = (0..60_i64, 0..4_u8).prop_map(|(days, which)| {
        let channel = Channel::Email;
        let event = match which {
            0 => Event::Suppressed(Suppression { channel, cause: SuppressionCause::Complaint, address: None }),
            1 => Event::Unsuppressed(Unsuppression { channel }),
            _ => Event::SoftBounce(SoftBounce { channel, address: None }),
        };
        Fact { at: at(days * 24), id: "s".to_owned(), event, traits: Traits::default() }
    });
    let referrals = (0..2_000_i64, 0..30_u8, any::<bool>()).prop_map(|(hours, friend, counts)| {
        let event = match friend {
            0 => Event::Invited(Invited { code: format!("CODE{}", hours % 3) }),
            1 => Event::TaskClosed(TaskClosed {
                task: MessageId::parse(&format!(
                    "{:a<26}",
                    ["a", "b", "c", "d", "e", "f"][usize::try_from(hours % 6).unwrap_or(0)]
                ))
                .expect("an id"),
                outcome: None,
            }),
            _ => Event::Referred(Referred {
                code: "CODE".to_owned(),
                friend: format!("f{friend}"),
                ordered_at: at(i64::from(friend)),
                counts,
                marks: Marks { phone: counts.then(|| "p".to_owned()), ..Marks::default() },
            }),
        };
        Fact { at: at(hours), id: "x".to_owned(), event, traits: Traits::default() }
    });
    let wishes = (0..40_i64, 0..3_u8).prop_map(|(hours, score)| {
        let event = match score {
            0 => Event::Pause(Pause { until: at(hours * 7 % 11) }),
            _ => Event::NpsAnswer(NpsAnswer { score, comment: None, may_call: None }),
        };
        Fact { at: at(hours / 2), id: "w".to_owned(), event, traits: Traits::default() }
    });
    prop_oneof![8 => orders, 2 => refunds, 1 => traits, 1 => consents, 2 => clicks, 1 => wishes, 1 => closures, 2 => referrals]
}

fn shuffled_with_repeats() -> impl Strategy<Value = (Vec<Fact>, Vec<Fact>)> {
    proptest::collection::vec(any_fact(), 0..40).prop_flat_map(|facts| {
        let mut doubled = facts.clone();
        doubled.extend(facts.iter().step_by(3).cloned());
        (Just(facts), Just(doubled).prop_shuffle())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn facts_in_any_order_with_any_repetition_fold_to_the_same_customer((facts, arrived) in shuffled_with_repeats()) {
        prop_assert_eq!(fold_in_turn(&arrived), Folded::recount(&facts, calendar()));
    }

    #[test]
    fn what_is_stored_reads_back_the_same(facts in proptest::collection::vec(any_fact(), 0..40)) {
        let folded = Folded::recount(&facts, calendar());
        let stored = serde_json::to_string(&folded).expect("a customer can be stored");
        prop_assert_eq!(serde_json::from_str::<Folded>(&stored).expect("and read"), folded);
        for fact in facts {
            let stored = serde_json::to_string(&fact).expect("a fact can be stored");
            prop_assert_eq!(Fact::parse(&stored, None).expect("and read"), fact);
        }
    }
}

fn counted(facts: &[Fact]) -> (u32, u32, i64) {
    let book = OrderBook::count(facts, calendar());
    let purchases = book.purchases(calendar(), at(1_000_000));
    (purchases.orders, purchases.occasions, book.value().values().sum())
}

#[test]
fn split_orders_of_one_day_count_as_one_day_and_undone_orders_as_none() {
    use OrderStatus::{Cancelled, Completed, Pending, Updated};
    let first = order("a", Completed, 10, 500);
    assert_eq!(counted(&[first.clone(), order("b", Completed, 12, 100)]), (2, 1, 600));
    assert_eq!(counted(&[first.clone(), order("a", Cancelled, 9, 0)]), (0, 0, 0));
    assert_eq!(counted(&[order("a", Pending, 10, 500)]), (0, 0, 0));
    assert_eq!(counted(&[first.clone(), order("a", Updated, 11, 700)]), (1, 1, 700));
    assert_eq!(counted(&[first.clone(), refund("a", "r1", 50, Some(200))]), (1, 1, 300));
    assert_eq!(
        counted(&[first.clone(), refund("a", "r1", 50, Some(200)), refund("a", "r1", 60, Some(200))]),
        (1, 1, 300)
    );
    assert_eq!(
        counted(&[first.clone(), refund("a", "r1", 50, Some(200)), refund("a", "r2", 60, Some(300))]),
        (0, 0, 0)
    );
    assert_eq!(counted(&[refund("a", "r1", 5, None), first]), (0, 0, 0));
    assert_eq!(counted(&[order("free", Completed, 10, 0)]), (1, 1, 0));
}

#[test]
fn an_order_posted_again_with_another_timestamp_is_still_one_order() {
    let many: Vec<Fact> = (0..30).map(|n| order(&format!("o{n}"), OrderStatus::Completed, n * 48, 100)).collect();
    let mut again = many;
    again.push(order("o3", OrderStatus::Completed, 5_000, 100));
    assert_eq!(fold_in_turn(&again), Folded::recount(&again, calendar()));
    assert_eq!(counted(&again), (30, 30, 3_000));
}

#[test]
fn a_change_of_an_order_in_the_totals_asks_for_a_recount_and_changes_nothing() {
    use OrderStatus::{Cancelled, Completed, Updated};
    let many: Vec<Fact> = (0..12).map(|n| order(&format!("o{n}"), Completed, n * 48, 100)).collect();
    let folded = fold_in_turn(&many);
    let asks = |fact: &Fact| {
        let mut after = folded.clone();
        let asks = after.apply(fact, calendar()).is_err();
        assert_eq!(after == folded, asks, "either it is folded in or it is left to the recount");
        asks
    };
    let later = 48 * 20;
    for fact in [
        refund("o2", "r", later, Some(10)),
        order("o2", Cancelled, later, 0),
        order("o2", Updated, later, 120),
        order("o2", Completed, later, 100),
        // The order is unknown, but it may be older than the orders that the book keeps.
        order("o99", Cancelled, later, 0),
        order("o99", Completed, 24, 100),
    ] {
        assert!(asks(&fact), "{fact:?}");
    }
    for fact in
        [refund("o9", "r", later, Some(10)), order("o9", Cancelled, later, 0), order("o99", Completed, later, 100)]
    {
        assert!(!asks(&fact), "{fact:?}");
    }
}

#[test]
fn a_long_history_takes_little_more_room_than_the_latest_orders() {
    let size = |orders: i64| {
        let facts: Vec<Fact> =
            (0..orders).map(|n| order(&format!("order-{n}"), OrderStatus::Completed, n * 30, 1_999)).collect();
        let mut folded = Folded::default();
        let mut recounts = 0;
        for (index, fact) in facts.iter().enumerate() {
            if folded.apply(fact, calendar()).is_err() {
                folded = Folded::recount(&facts[..=index], calendar());
                recounts += 1;
                assert!(recounts < 20, "orders that come in turn are counted again only where two ids look alike");
            }
        }
        assert_eq!(folded.orders.recent().len(), MAX_RECENT_ORDERS.min(usize::try_from(orders).expect("small")));
        serde_json::to_string(&folded).expect("a customer can be stored").len()
    };
    let few = size(i64::try_from(MAX_RECENT_ORDERS + MAX_REMEMBERED_ORDERS).expect("small"));
    let many = size(5_000);
    // The numbers get longer, and there are more days with an order, up to a limit, of some five characters each.
    assert!(many <= few + 64 + 5 * MAX_ORDER_DAYS, "{few} bytes grow to {many}");
    assert!(size(10_000) <= many + 16, "{many} bytes grow to {}", size(10_000));
    assert!(size(10) < 550, "ten orders take {} bytes", size(10));
}

#[test]
fn two_amounts_for_one_order_at_one_instant_are_flagged_and_the_larger_holds() {
    let facts = [order("a", OrderStatus::Completed, 1, 100), order("a", OrderStatus::Completed, 1, 120)];
    let book = OrderBook::count(&facts, calendar());
    assert!(book.recent()[0].disputed);
    let again = [facts[0].clone(), facts[1].clone(), facts[1].clone()];
    assert!(OrderBook::count(&again, calendar()).recent()[0].disputed, "repeating an amount resolves nothing");
    let later = [facts[0].clone(), facts[1].clone(), order("a", OrderStatus::Completed, 2, 110)];
    assert!(!OrderBook::count(&later, calendar()).recent()[0].disputed, "a later amount resolves it");
    assert_eq!(counted(&facts), (1, 1, 120));
}

#[test]
fn however_many_refunds_orders_have_the_customer_stays_small_and_the_largest_count() {
    let many = i64::try_from(MAX_REFUNDS).expect("small");
    let id = |n: i64| format!("{n}-{}", "refund".repeat(60));
    // All that can be kept of one order in full, with identities as long as they come.
    let exact: Vec<Fact> = (0..many).map(|n| refund("o0", &id(n), 100 + n, Some(10))).collect();
    let first = [order("o0", OrderStatus::Completed, 1, many * 10 + 1)];
    assert_eq!(counted(&[&first[..], &exact, &exact].concat()), (1, 1, 1), "each counts once");

    let mut facts: Vec<Fact> = (0..6).map(|n| order(&format!("o{n}"), OrderStatus::Completed, n * 48, 9_000)).collect();
    facts.extend((0..24_000).map(|n| refund(&format!("o{}", n % 6), &id(n), 1_000, Some(1 + n % 7))));
    let counted = Folded::recount(&facts, calendar());
    let size = serde_json::to_string(&counted).expect("a customer can be stored").len();
    assert!(size < 200_000, "{size} bytes");
    assert_eq!(counted.orders.value().values().sum::<i64>(), 6 * (9_000 - many * 7));
    facts.reverse();
    assert_eq!(Folded::recount(&facts, calendar()), counted, "in any order");
    facts.push(refund("o1", "everything", 2_000, None));
    assert_eq!(Folded::recount(&facts, calendar()).orders.purchases(calendar(), at(9_000)).orders, 5);
}

/// The days with an order and what they were worth, of the latest orders and of those in the totals.
fn days(book: &OrderBook) -> Option<Vec<(i64, i64, u32)>> {
    let days = book.days(calendar())?;
    let since_1970 = |day: jiff::civil::Date| {
        i64::from(jiff::civil::date(1970, 1, 1).until(day).expect("a number of days").get_days())
    };
    Some(days.kept().iter().map(|day| (since_1970(day.day), day.value.minor, day.lines)).collect())
}

#[test]
fn the_days_with_an_order_are_known_however_many_there_are() {
    let mut facts: Vec<Fact> =
        (0..20).map(|n| order(&format!("o{n}"), OrderStatus::Completed, n * 48, 100 + n)).collect();
    facts.push(refund("o3", "r1", 500, Some(3)));
    facts.push(refund("o19", "r2", 2_000, None));
    let expected: Vec<(i64, i64, u32)> = (0..19).map(|n| (2 * n, if n == 3 { 100 } else { 100 + n }, 1)).collect();
    let book = OrderBook::count(&facts, calendar());
    assert_eq!(days(&book), Some(expected.clone()));
    let stored = serde_json::to_string(&book).expect("a book can be stored");
    assert_eq!(days(&serde_json::from_str(&stored).expect("and read")), Some(expected));
}

#[test]
fn days_that_an_earlier_version_did_not_keep_are_not_known_until_a_recount() {
    let facts: Vec<Fact> = (0..20).map(|n| order(&format!("o{n}"), OrderStatus::Completed, n * 48, 100)).collect();
    let mut stored = serde_json::to_value(OrderBook::count(&facts, calendar())).expect("a book can be stored");
    stored["r"].as_object_mut().expect("totals").remove("d").expect("days");
    let book: OrderBook = serde_json::from_value(stored.clone()).expect("as the earlier version stored it");
    assert_eq!(days(&book), None);
    assert_eq!(book.purchases(calendar(), at(1_000_000)).orders, 20, "the totals hold all the same");
    // What it does not know is not made up when it goes on.
    let mut later = book;
    later.add(&order("o20", OrderStatus::Completed, 20 * 48, 100), calendar()).expect("a later order");
    assert_eq!(days(&later), None);
    stored["r"]["d"] = "*".into();
    assert_eq!(days(&serde_json::from_value(stored).expect("readable")), None, "nor what it cannot read");
}

#[test]
fn an_order_has_the_lines_that_a_report_of_it_named() {
    use rekindle_lifecycle::facts::{Event, Line, Lines};
    let mut facts = vec![order("a", OrderStatus::Completed, 10, 500), order("b", OrderStatus::Completed, 60, 500)];
    let Event::Order(reported) = &mut facts[1].event else { panic!("an order") };
    reported.details.lines = Lines::new(vec![Line::default(); 23]);
    facts.push(order("b", OrderStatus::Updated, 61, 400));
    let book = OrderBook::count(&facts, calendar());
    assert_eq!(days(&book), Some(vec![(0, 500, 1), (2, 400, 23)]));
    let stored = serde_json::to_value(&book).expect("a book can be stored");
    assert_eq!(serde_json::from_value::<OrderBook>(stored.clone()).expect("and read"), book);
    // A version that does not know lines leaves the field alone, and its next write leaves it out.
    let mut without = stored;
    without.as_object_mut().expect("a book").remove("m").expect("lines");
    assert_eq!(days(&serde_json::from_value(without).expect("readable")), Some(vec![(0, 500, 1), (2, 400, 1)]));
}
