//! Everything together.

use crate::cdnow::{Customer, history, sample};
use rekindle_insight::learned::{Gathered, Learned, LearningTerms, Placed};
use rekindle_insight::{Buyer, Day, History, Language, Occasion};

/// The reports of customers who are seen in parts.
fn from_parts(customers: &[Customer], parts: usize) -> Learned {
    let (terms, history) = (LearningTerms::default(), history());
    let parts: Vec<&[Customer]> = customers.chunks(customers.len().div_ceil(parts)).collect();
    let mut gathered = Gathered::new(history);
    for part in parts.iter().rev() {
        let mut own = Gathered::new(history);
        part.iter().rev().for_each(|customer| own.add(&customer.buyer));
        gathered.merge(&own).expect("the same history");
    }
    let scales = gathered.scales(terms.policy_days).expect("customers");
    let mut placed = Placed::new(history, &scales);
    for part in parts {
        let mut own = Placed::new(history, &scales);
        part.iter().for_each(|customer| own.add(&customer.buyer));
        placed.merge(&own).expect("the same history");
    }
    Learned::new(&gathered, Some(&placed), &terms)
}

#[test]
fn the_same_is_learned_however_the_customers_were_split() {
    let customers = sample();
    let buyers: Vec<Buyer> = customers.iter().map(|customer| customer.buyer.clone()).collect();
    let whole = Learned::from_buyers(history(), &buyers, &LearningTerms::default());
    let whole = serde_json::to_string(&whole).expect("JSON");
    for parts in [1, 2, 7, 100] {
        assert_eq!(serde_json::to_string(&from_parts(&customers, parts)).expect("JSON"), whole, "{parts}");
    }
}

#[test]
fn parts_of_different_histories_do_not_merge() {
    let other = history().as_of(history().through.plus(-1));
    assert!(Gathered::new(history()).merge(&Gathered::new(other)).is_err());
}

#[test]
fn a_shop_of_a_few_customers_is_told_what_is_missing_in_both_languages() {
    let day = Day::from_number(20_000);
    let order = |days: i32, value: i64| Occasion { day: day.plus(days), value, lines: 1 };
    let histories: [Vec<Buyer>; 3] = [
        Vec::new(),
        vec![Buyer::new(1, [order(0, 500)])],
        (0..3).map(|hash| Buyer::new(hash, [order(0, 0), order(9, -500), order(9, 100)])).collect(),
    ];
    for buyers in histories {
        let learned =
            Learned::from_buyers(History::from_the_beginning(day.plus(10)), &buyers, &LearningTerms::default());
        assert!(learned.honeymoon.honeymoon_days.value.is_none() && learned.ltv_cac.is_none());
        for language in [Language::English, Language::Russian] {
            let said = learned.sentences(language);
            assert!(said.len() >= 8 && said.iter().all(|said| !said.title.is_empty()), "{said:?}");
            let all: String = said.iter().flat_map(|said| said.sentences.clone()).collect();
            assert!(!all.contains("NaN") && !all.contains("inf"), "{all}");
        }
    }
}
