//! Who says what of a product, and what holds.

use crate::{euros, hours, now};
use proptest::prelude::*;
use rekindle_catalogue::{Availability, Product, ProductId, Sale, Sighting, Source, Statement, StockLevel};

fn priced(minor: i64, hours_ago: i64) -> Statement {
    Statement { price: Some(euros(minor)), ..Statement::new(now() - hours(hours_ago)) }
}

fn sighting(name: &str, minor: i64, hours_ago: i64) -> Sighting {
    Sighting {
        id: ProductId::new("T-100", None).expect("an id"),
        at: now() - hours(hours_ago),
        name: Some(name.to_owned()),
        url: None,
        image: None,
        brand: None,
        category: None,
        sku: None,
        price: Some(euros(minor)),
    }
}

#[test]
fn what_a_source_says_holds_over_what_events_show_and_events_fill_the_gaps() {
    let mut product = Product::default();
    assert!(product.apply_sighting(&sighting("Tea", 1_200, 1)));
    assert_eq!(product.offer(now()).price, Some(euros(1_200)));
    assert!(product.apply_statement(Source::Feed, priced(1_300, 48)));
    let offer = product.offer(now());
    assert_eq!((offer.name.as_deref(), offer.price), (Some("Tea"), Some(euros(1_300))));
}

#[test]
fn of_two_sources_the_newest_decides_and_the_other_fills_its_gaps() {
    let mut product = Product::default();
    let feed = Statement { name: Some("Tea".to_owned()), brand: Some("Leaf".to_owned()), ..priced(1_300, 48) };
    product.apply_statement(Source::Feed, feed);
    product.apply_statement(Source::ShopSystem, Statement { name: Some("Green tea".to_owned()), ..priced(1_100, 1) });
    let offer = product.offer(now());
    assert_eq!(offer.name.as_deref(), Some("Green tea"));
    assert_eq!(offer.brand.as_deref(), Some("Leaf"));
    assert_eq!(offer.price, Some(euros(1_100)));
}

#[test]
fn a_sale_of_an_older_statement_does_not_outlive_the_newer_price() {
    let mut product = Product::default();
    let sale = Some(Sale { price: euros(900), from: None, until: None });
    product.apply_statement(Source::Feed, Statement { sale, ..priced(1_300, 48) });
    product.apply_statement(Source::ShopSystem, priced(1_300, 1));
    assert_eq!(product.offer(now()).sale_price, None);
}

#[test]
fn a_sale_holds_within_its_time_and_only_if_it_is_lower() {
    let during = |from, until| {
        let mut product = Product::default();
        let sale = Some(Sale { price: euros(900), from: Some(now() + hours(from)), until: Some(now() + hours(until)) });
        product.apply_statement(Source::Api, Statement { sale, ..priced(1_300, 48) });
        product.offer(now()).sale_price
    };
    assert_eq!(during(-1, 1), Some(euros(900)));
    assert_eq!(during(1, 2), None);
    assert_eq!(during(-2, 0), None, "the end is exclusive");
    let mut product = Product::default();
    let sale = Some(Sale { price: euros(1_300), from: None, until: None });
    product.apply_statement(Source::Api, Statement { sale, ..priced(1_300, 48) });
    assert_eq!(product.offer(now()).sale_price, None);
}

#[test]
fn what_a_source_does_not_say_any_more_is_not_there_any_more() {
    let mut product = Product::default();
    let reorder = Statement { reorder_days: Some(30), ..priced(1_300, 48) };
    product.apply_statement(Source::Api, reorder);
    product.apply_statement(Source::Api, priced(1_300, 1));
    assert_eq!(product.offer(now()).reorder_days, None);
}

#[test]
fn a_variant_takes_from_its_product_what_it_does_not_say_itself() {
    let mut product = Product::default();
    let whole = Statement {
        name: Some("Tea".to_owned()),
        image: Some("https://tea.example/i.jpg".to_owned()),
        availability: Some(Availability::Hidden),
        ..priced(1_300, 1)
    };
    product.apply_statement(Source::Api, whole);
    let mut variant = Product::default();
    let small = Statement {
        name: Some("100 g".to_owned()),
        availability: Some(Availability::InStock),
        ..Statement::new(now())
    };
    variant.apply_statement(Source::Api, small);
    let offer = variant.offer(now()).within(&product.offer(now()));
    assert_eq!(offer.name.as_deref(), Some("Tea, 100 g"));
    assert_eq!(offer.price, Some(euros(1_300)));
    assert_eq!(offer.image.as_deref(), Some("https://tea.example/i.jpg"));
    assert_eq!(
        offer.availability,
        Some(Availability::Hidden),
        "what is hidden as a whole cannot be bought in any form"
    );
}

#[test]
fn a_product_with_everything_stays_within_a_write_unit() {
    let mut product = Product::default();
    let text = |len| Some("x".repeat(len));
    let statement = Statement {
        name: text(60),
        url: text(100),
        image: text(120),
        brand: text(20),
        category: text(40),
        sku: text(20),
        sale: Some(Sale { price: euros(900), from: Some(now()), until: Some(now() + hours(48)) }),
        availability: Some(Availability::InStock),
        reorder_days: Some(30),
        inventory_item: Some("43729076363012".to_owned()),
        ..priced(1_300, 1)
    };
    product.apply_level(&StockLevel { place: "53716844710".to_owned(), available: Some(120), at: now() });
    product.apply_statement(Source::ShopSystem, statement);
    product.apply_sighting(&sighting(&"y".repeat(60), 1_250, 0));
    for day in 2..8 {
        product.apply_statement(Source::Api, priced(1_000 + day, 24 * (20 - day)));
    }
    let json = serde_json::to_string(&product).expect("JSON");
    // Its keys and revision take 80 bytes more.
    assert!(json.len() <= 940, "{} bytes: {json}", json.len());
    assert_eq!(serde_json::from_str::<Product>(&json).expect("the same"), product);
}

#[test]
fn what_a_later_version_stored_beside_it_does_not_hide_a_product() {
    let stored = r#"{"said":{"api":{"at":1,"n":"Tea","new":7},"oracle":{"at":2,"n":"?"}},"later":{}}"#;
    let product: Product = serde_json::from_str(stored).expect("readable");
    assert_eq!(product.statement(Source::Api).and_then(|said| said.name.as_deref()), Some("Tea"));
}

#[derive(Debug, Clone)]
enum Change {
    Said(Source, Statement),
    Seen(Sighting),
    Level(StockLevel),
}

fn apply(product: &mut Product, change: &Change) -> bool {
    match change {
        Change::Said(source, statement) => product.apply_statement(*source, statement.clone()),
        Change::Seen(sighting) => product.apply_sighting(sighting),
        Change::Level(level) => product.apply_level(level),
    }
}

fn change() -> impl Strategy<Value = Change> {
    let source = prop::sample::select(Source::KNOWN.to_vec());
    prop_oneof![
        (source, 1..9_i64, 0..99_i64).prop_map(|(source, price, at)| Change::Said(source, priced(price, at))),
        (1..9_i64, 0..99_i64).prop_map(|(price, at)| Change::Seen(sighting(&format!("{price}"), price, at))),
        (-2..9_i64, 0..99_i64).prop_map(|(available, at)| {
            Change::Level(StockLevel { place: "a".to_owned(), available: Some(available), at: now() - hours(at) })
        }),
    ]
}

proptest! {
    #[test]
    fn what_was_taken_in_changes_nothing_the_second_time(changes in prop::collection::vec(change(), 1..30)) {
        let mut product = Product::default();
        for change in &changes {
            apply(&mut product, change);
        }
        let once = product.clone();
        // In their order: a later value that was the same as an earlier one may have been skipped.
        for change in changes.iter().rev().take(1) {
            prop_assert!(!apply(&mut product, change));
        }
        prop_assert_eq!(product, once);
    }

    #[test]
    fn whatever_comes_last_the_newest_statement_of_each_source_holds(
        changes in prop::collection::vec((prop::sample::select(Source::KNOWN.to_vec()), 0..99_i64), 1..30),
    ) {
        let mut product = Product::default();
        for (place, (source, at)) in changes.iter().enumerate() {
            // No two say the same.
            product.apply_statement(*source, priced(1 + place as i64, *at));
        }
        for source in Source::KNOWN {
            let newest = changes.iter().filter(|(of, _)| *of == source).map(|(_, at)| *at).min();
            let held = product.statement(source).map(|statement| statement.at);
            prop_assert_eq!(held, newest.map(|at| now() - hours(at)));
        }
    }
}
