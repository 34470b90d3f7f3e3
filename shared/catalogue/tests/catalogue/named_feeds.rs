//! Which feed a product comes from, and what it means that it is missing from one.

use crate::{availability, euros, hours, now};
use rekindle_catalogue::fetching::FeedName;
use rekindle_catalogue::{Availability, Leaving, Product, Source, Statement};

fn feed(name: &str) -> FeedName {
    FeedName::parse(name).expect("a name")
}

fn said(name: &str, hours_ago: i64) -> Statement {
    Statement {
        name: Some(name.to_owned()),
        price: Some(euros(1_000)),
        availability: Some(Availability::InStock),
        ..Statement::new(now() - hours(hours_ago))
    }
}

#[test]
fn a_product_that_no_other_feed_states_is_discontinued_and_comes_back_when_it_is_stated_again() {
    let mut product = Product::default();
    assert!(product.apply_feed(&feed("main"), said("Tea", 10)));
    assert!(!product.apply_feed(&feed("main"), said("Tea", 9)), "what is known is not written");
    let others = [feed("sale")];
    assert_eq!(product.leaving(&feed("sale"), &[feed("main")]), None, "it does not come from there");
    assert_eq!(product.leaving(&feed("main"), &others), Some(Leaving::Discontinued));
    assert!(product.leave_feed(&feed("main"), &others, now() - hours(5)));
    assert_eq!(availability(&product), Some(Availability::Discontinued));
    assert_eq!(product.offer(now()).name.as_deref(), Some("Tea"), "it can still be named");
    assert_eq!(product.leaving(&feed("main"), &others), None, "it is known already");
    assert!(product.apply_feed(&feed("main"), said("Tea", 1)));
    assert_eq!(availability(&product), Some(Availability::InStock));
}

#[test]
fn a_product_that_another_feed_states_stays_as_that_one_says() {
    let mut product = Product::default();
    product.apply_feed(&feed("main"), said("Tea", 10));
    product.apply_feed(&feed("sale"), said("Cheap tea", 9));
    assert_eq!(product.offer(now()).name.as_deref(), Some("Cheap tea"));
    assert_eq!(product.leaving(&feed("sale"), &[feed("main")]), Some(Leaving::StatedElsewhere));
    assert!(product.leave_feed(&feed("sale"), &[feed("main")], now()));
    let offer = product.offer(now());
    assert_eq!((offer.name.as_deref(), offer.availability), (Some("Tea"), Some(Availability::InStock)));
    assert_eq!(product.feeds().collect::<Vec<_>>(), ["main"]);
    assert!(product.leave_feed(&feed("main"), &[feed("sale")], now()));
    assert_eq!(availability(&product), Some(Availability::Discontinued));
}

#[test]
fn what_a_feed_said_that_the_shop_has_no_more_holds_no_product_up() {
    let mut product = Product::default();
    product.apply_feed(&feed("removed"), said("Tea", 10));
    product.apply_feed(&feed("main"), said("Tea", 9));
    assert_eq!(product.leaving(&feed("main"), &[feed("sale")]), Some(Leaving::Discontinued));
    let mut of_removed = Product::default();
    of_removed.apply_feed(&feed("removed"), said("Tea", 10));
    assert_eq!(of_removed.leaving(&feed("main"), &[]), None, "its products stay as they are");
}

#[test]
fn what_an_earlier_version_stored_is_the_only_feeds_and_of_several_nobodys_until_one_states_it() {
    let stored = r#"{"said":{"feed":{"at":1700000000,"n":"Tea","b":"Leaf","a":"in_stock"}}}"#;
    let old: Product = serde_json::from_str(stored).expect("readable");
    assert_eq!(old.statement(Source::Feed).and_then(|said| said.name.as_deref()), Some("Tea"));
    assert_eq!(old.leaving(&feed("main"), &[feed("sale")]), None, "it may be in the other one");
    assert_eq!(old.leaving(&feed("main"), &[]), Some(Leaving::Discontinued));
    let mut left = old.clone();
    assert!(left.leave_feed(&feed("main"), &[], now()));
    assert_eq!(availability(&left), Some(Availability::Discontinued));
    let mut named = old;
    assert!(named.apply_feed(&feed("sale"), Statement { price: None, ..said("Tea", 1) }));
    assert_eq!(
        named.leaving(&feed("sale"), &[feed("main")]),
        Some(Leaving::Discontinued),
        "now it is known whose it is"
    );
    assert_eq!(named.leaving(&feed("main"), &[feed("sale")]), None);
    assert_eq!(named.offer(now()).brand, None, "what was said before without a name is replaced");
    let again = serde_json::to_string(&named).expect("JSON");
    assert_eq!(serde_json::from_str::<Product>(&again).expect("the same"), named);
}
