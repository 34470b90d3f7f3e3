//! Stock that a shop system reports by itself, place by place.

use crate::{availability, euros, hours, now};
use proptest::prelude::*;
use rekindle_catalogue::{Availability, MAX_PLACES, Product, Source, Statement, StockLevel, StockLevels, StockReport};

fn level(place: &str, available: Option<i64>, hours_ago: i64) -> StockLevel {
    StockLevel { place: place.to_owned(), available, at: now() - hours(hours_ago) }
}

fn stated(availability: Availability, hours_ago: i64) -> Statement {
    Statement {
        availability: Some(availability),
        price: Some(euros(1_000 + hours_ago)),
        inventory_item: Some("808950810".to_owned()),
        ..Statement::new(now() - hours(hours_ago))
    }
}

#[test]
fn a_variant_can_be_bought_if_there_is_any_at_some_place() {
    let mut product = Product::default();
    product.apply_statement(Source::ShopSystem, stated(Availability::InStock, 50));
    for (next, expected) in [
        (level("a", Some(0), 40), Availability::OutOfStock),
        (level("b", Some(3), 30), Availability::InStock),
        (level("b", Some(-2), 20), Availability::OutOfStock),
        (level("c", None, 19), Availability::OutOfStock),
        (level("a", Some(1), 10), Availability::InStock),
    ] {
        assert!(product.apply_level(&next), "{next:?}");
        assert_eq!(availability(&product), Some(expected), "{next:?}");
    }
    assert!(!product.apply_level(&level("b", Some(9), 30)), "what is older than the known one changes nothing");
    let mut uncounted = Product::default();
    uncounted.apply_statement(Source::ShopSystem, stated(Availability::InStock, 50));
    uncounted.apply_level(&level("a", None, 1));
    assert_eq!(availability(&uncounted), Some(Availability::InStock), "a place that does not count says nothing");
}

#[test]
fn the_newest_word_holds_be_it_of_the_product_or_of_the_stock() {
    let mut product = Product::default();
    product.apply_level(&level("a", Some(0), 20));
    product.apply_statement(Source::ShopSystem, stated(Availability::InStock, 30));
    assert_eq!(availability(&product), Some(Availability::OutOfStock));
    product.apply_statement(Source::ShopSystem, stated(Availability::InStock, 10));
    assert_eq!(availability(&product), Some(Availability::InStock));
    // The same again is written, because the stock was reported in between.
    product.apply_level(&level("a", Some(0), 5));
    let again = Statement { at: now() - hours(1), ..stated(Availability::InStock, 10) };
    assert!(product.apply_statement(Source::ShopSystem, again));
    assert_eq!(availability(&product), Some(Availability::InStock));
}

#[test]
fn what_is_sold_without_stock_is_in_stock_whatever_the_number_and_what_is_not_for_sale_is_not() {
    let sold_on = |hours_ago| Statement { is_sold_without_stock: true, ..stated(Availability::InStock, hours_ago) };
    let mut product = Product::default();
    product.apply_statement(Source::ShopSystem, sold_on(50));
    product.apply_level(&level("a", Some(-7), 40));
    assert_eq!(availability(&product), Some(Availability::InStock));
    // From when on it is not sold without any, the level that is known counts again.
    product.apply_statement(Source::ShopSystem, stated(Availability::InStock, 45));
    assert_eq!(availability(&product), Some(Availability::OutOfStock));
    for gone in [Availability::Hidden, Availability::Discontinued] {
        let mut product = Product::default();
        product.apply_statement(Source::ShopSystem, stated(gone, 50));
        product.apply_level(&level("a", Some(7), 40));
        assert_eq!(availability(&product), Some(gone), "no stock brings it back");
    }
}

#[test]
fn a_product_as_a_whole_is_as_the_best_of_its_variants_is() {
    let variant = |available, hours_ago| {
        let mut variant = Product::default();
        variant.apply_statement(Source::ShopSystem, stated(Availability::InStock, 50));
        variant.apply_level(&level("a", Some(available), hours_ago));
        variant
    };
    let mut whole = Product::default();
    whole.apply_statement(Source::ShopSystem, stated(Availability::InStock, 50));
    let none = Product::stock_of(&[variant(0, 20), variant(0, 10)]).expect("reported");
    assert_eq!(none, StockReport { availability: Availability::OutOfStock, at: now() - hours(10) });
    assert!(whole.follow_variants(&none) && !whole.follow_variants(&none));
    assert_eq!(availability(&whole), Some(Availability::OutOfStock));
    let some = Product::stock_of(&[variant(0, 20), variant(4, 10)]).expect("reported");
    assert!(whole.follow_variants(&some), "what they say now replaces what they said, though it is of the same hour");
    assert_eq!(availability(&whole), Some(Availability::InStock));
    let mut without = Product::default();
    without.apply_statement(Source::ShopSystem, stated(Availability::OutOfStock, 1));
    assert_eq!(Product::stock_of(&[without]), None, "no level was reported");
}

#[test]
fn of_very_many_places_the_latest_are_kept() {
    let levels: Vec<StockLevel> =
        (0..40).map(|number| level(&format!("place-{number:02}"), Some(number), 100 - number)).collect();
    let (mut forwards, mut backwards) = (StockLevels::default(), StockLevels::default());
    for level in &levels {
        forwards.note(level);
    }
    for level in levels.iter().rev() {
        backwards.note(level);
    }
    assert_eq!(forwards, backwards);
    let kept = serde_json::to_value(&forwards).expect("JSON");
    let kept = kept.as_object().expect("an object");
    assert_eq!(kept.len(), MAX_PLACES);
    assert!(kept.contains_key("place-39") && !kept.contains_key("place-19"), "{kept:?}");
    assert!(!forwards.note(&levels[0]), "an old one more changes nothing");
}

#[test]
fn a_place_with_a_long_name_is_cut_at_a_letter() {
    let mut levels = StockLevels::default();
    levels.note(&level(&"é".repeat(300), Some(1), 1));
    assert!(serde_json::to_string(&levels).expect("JSON").len() < 100);
}

#[derive(Debug, Clone)]
enum Report {
    Level(StockLevel),
    Product(Box<Statement>),
}

fn report() -> impl Strategy<Value = Report> {
    let place = prop::sample::select(vec!["a", "b", "c"]);
    let availability =
        prop::sample::select(vec![Availability::InStock, Availability::OutOfStock, Availability::Hidden]);
    prop_oneof![
        (place, prop::option::of(-2..3_i64), 0..40_i64)
            .prop_map(|(place, available, at)| Report::Level(level(place, available, at))),
        // Its price tells one report from another.
        (availability, any::<bool>(), 0..40_i64).prop_map(|(availability, is_sold_without_stock, at)| {
            Report::Product(Box::new(Statement { is_sold_without_stock, ..stated(availability, at) }))
        }),
    ]
}

proptest! {
    #[test]
    fn reports_in_any_order_and_any_number_of_times_end_the_same(
        reports in prop::collection::vec(report(), 1..20),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        waiting in any::<prop::sample::Index>(),
    ) {
        let apply = |product: &mut Product, report: &Report| match report {
            Report::Level(level) => product.apply_level(level),
            Report::Product(statement) => product.apply_statement(Source::ShopSystem, Statement::clone(statement)),
        };
        let mut expected = Product::default();
        for report in &reports {
            apply(&mut expected, report);
        }
        // Some more than once, then all of them backwards; and the first levels wait until the product is known.
        let mut product = Product::default();
        let mut levels = StockLevels::default();
        let repeated: Vec<&Report> = order.iter().map(|index| index.get(&reports)).chain(reports.iter().rev()).collect();
        let waits = waiting.index(repeated.len());
        for (place, report) in repeated.into_iter().enumerate() {
            match report {
                Report::Level(level) if place < waits => levels.note(level),
                report => apply(&mut product, report),
            };
        }
        product.apply_levels(&levels);
        prop_assert_eq!(product.stock(), expected.stock());
        prop_assert_eq!(product.statement(Source::ShopSystem), expected.statement(Source::ShopSystem));
        prop_assert!(!product.apply_levels(&levels), "and are known then");
        let stored = serde_json::to_string(&product).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<Product>(&stored).expect("the same"), product);
    }
}
