//! What holds of every summary: any order and split gives the same bytes, bytes are read back, bad input does no harm.

use crate::cdnow::Customer;
use proptest::prelude::*;
use rekindle_insight::cohorts::Cohorts;
use rekindle_insight::early_score::EarlyScore;
use rekindle_insight::honeymoon::Honeymoon;
use rekindle_insight::lift::{Arm, Covariate, Lift, Plan, Unit};
use rekindle_insight::next_visit::NextVisit;
use rekindle_insight::orders_to_come::{OrderValues, OrdersToCome};
use rekindle_insight::overview::Overview;
use rekindle_insight::repeat::Repeat;
use rekindle_insight::rfm::{AnchoredCuts, RfmCuts, Scale, SegmentMoves};
use rekindle_insight::scenarios::{IdealProfile, Scenarios};
use rekindle_insight::season::Season;
use rekindle_insight::second_order::SecondOrder;
use rekindle_insight::sending_pressure::{Delivered, SendingPressure};
use rekindle_insight::thresholds::Thresholds;
use rekindle_insight::value::ValueCurve;
use rekindle_insight::{Buyer, Day, History, Mismatch, Occasion, Stored, StoredError, Summary};

/// The summary of these customers.
pub(crate) fn summary_of<S: Summary>(mut empty: S, customers: &[Customer]) -> S {
    customers.iter().for_each(|customer| empty.add(&customer.buyer));
    empty
}

/// Asserts that any split of the customers, merged in either direction, gives the same bytes, and that they are read back.
#[track_caller]
pub(crate) fn assert_merges<S: Summary + Clone + PartialEq + std::fmt::Debug>(
    empty: &S,
    buyers: &[Buyer],
    cuts: &[usize],
) {
    let mut whole = empty.clone();
    buyers.iter().for_each(|buyer| whole.add(buyer));
    let bytes = whole.to_bytes().expect("bytes");
    assert_eq!(S::from_bytes(&bytes).expect("a summary"), whole);
    let mut parts: Vec<S> = vec![empty.clone(); cuts.len() + 1];
    for (place, buyer) in buyers.iter().rev().enumerate() {
        let part = cuts.iter().filter(|cut| **cut <= place).count();
        parts[part].add(buyer);
    }
    let merged = |parts: &mut dyn Iterator<Item = &S>| {
        let mut merged = empty.clone();
        parts.for_each(|part| merged.merge(part).expect("the same history"));
        merged.to_bytes().expect("bytes")
    };
    assert_eq!(merged(&mut parts.iter()), bytes);
    assert_eq!(merged(&mut parts.iter().rev()), bytes);
}

pub(crate) fn scale() -> Scale {
    Scale::Anchored(AnchoredCuts {
        silence: [[40, 90, 180], [30, 80, 170], [20, 60, 120]],
        value: [500, 1_000, 2_000, 4_000],
    })
}

fn histories() -> impl Strategy<Value = History> {
    let from = Day::from_number(10_000);
    (0_i32..900, any::<bool>()).prop_map(move |(days, from_the_beginning)| {
        let through = from.plus(days);
        if from_the_beginning { History::from_the_beginning(through) } else { History::complete_from(from, through) }
    })
}

/// Customers with some orders of any value around the days of the histories.
fn buyers() -> impl Strategy<Value = Vec<Buyer>> {
    let order = (9_950_i32..11_000, prop_oneof![-5_000_i64..50_000, Just(0), any::<i64>()], 0_u32..9);
    let order = order.prop_map(|(day, value, lines)| Occasion { day: Day::from_number(day), value, lines });
    let buyer = proptest::collection::vec(order, 0..12);
    proptest::collection::vec(buyer, 0..80).prop_map(|buyers| {
        let hash = |place: usize| Buyer::hash_of("shop", &place.to_string());
        buyers.into_iter().enumerate().map(|(place, orders)| Buyer::new(hash(place), orders)).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn any_order_and_split_gives_the_same_bytes(
        buyers in buyers(), history in histories(), cuts in proptest::collection::vec(0_usize..80, 0..4)
    ) {
        let (before, after) = (history.through.plus(-28), history.through);
        assert_merges(&Overview::new(history), &buyers, &cuts);
        assert_merges(&SecondOrder::new(history), &buyers, &cuts);
        assert_merges(&SecondOrder::of_first_days(history, before, after), &buyers, &cuts);
        assert_merges(&Repeat::new(history), &buyers, &cuts);
        assert_merges(&Thresholds::new(history), &buyers, &cuts);
        assert_merges(&Honeymoon::new(history), &buyers, &cuts);
        assert_merges(&RfmCuts::new(history, before), &buyers, &cuts);
        assert_merges(&SegmentMoves::new(history, before, after, scale()), &buyers, &cuts);
        assert_merges(&Cohorts::new(history), &buyers, &cuts);
        assert_merges(&ValueCurve::new(history), &buyers, &cuts);
        assert_merges(&Season::new(history), &buyers, &cuts);
        assert_merges(&Scenarios::new(history, scale()), &buyers, &cuts);
        assert_merges(&OrdersToCome::new(history, 90), &buyers, &cuts);
        assert_merges(&OrderValues::new(history), &buyers, &cuts);
        assert_merges(&EarlyScore::new(history), &buyers, &cuts);
        assert_merges(&NextVisit::new(history), &buyers, &cuts);
    }

    #[test]
    fn lift_pressure_and_profiles_merge_too(buyers in buyers(), history in histories(), cut in 0_usize..80) {
        let covariate = Covariate::SameBefore;
        let plan = Plan { holdout_millionths: 500_000, window: 30, covariate, cap: Some(3_000) };
        let lift = |buyers: &[Buyer]| {
            let mut lift = Lift::new(history, plan);
            for buyer in buyers {
                let arm = if buyer.hash() % 2 == 0 { Arm::Holdout } else { Arm::Treated };
                let trigger = buyer.occasions().first().map_or(Day::from_number(10_000), |occasion| occasion.day);
                lift.add(&Unit::new(buyer, arm, trigger, 30, covariate));
            }
            lift
        };
        let pressure = |buyers: &[Buyer]| {
            let mut pressure = SendingPressure::new(history);
            for buyer in buyers {
                let message = |occasion: &Occasion| {
                    Delivered { at: i64::from(occasion.day.number()) * 86_400, left: occasion.lines == 3 }
                };
                pressure.add(&buyer.occasions().iter().map(message).collect::<Vec<_>>());
            }
            pressure
        };
        let profile = |buyers: &[Buyer]| {
            let mut profile = IdealProfile::new(history, scale());
            for buyer in buyers {
                let categories = buyer.occasions().iter().map(|occasion| (occasion.lines, occasion.day));
                profile.add(buyer, &categories.collect::<Vec<_>>());
            }
            profile
        };
        let (left, right) = buyers.split_at(cut.min(buyers.len()));
        let mut merged = lift(right);
        prop_assert_eq!(merged.merge(&lift(left)), Ok(()));
        prop_assert_eq!(merged.to_bytes(), lift(&buyers).to_bytes());
        let mut merged = pressure(right);
        prop_assert_eq!(merged.merge(&pressure(left)), Ok(()));
        prop_assert_eq!(merged.to_bytes(), pressure(&buyers).to_bytes());
        let mut merged = profile(right);
        prop_assert_eq!(merged.merge(&profile(left)), Ok(()));
        prop_assert_eq!(merged.to_bytes(), profile(&buyers).to_bytes());
        prop_assert_eq!(IdealProfile::from_bytes(&merged.to_bytes().expect("bytes")), Ok(merged));
    }
}

fn day(number: i32) -> Day {
    Day::from_number(number)
}

#[test]
fn summaries_of_different_histories_do_not_merge() {
    let (one, other) = (History::from_the_beginning(day(1)), History::from_the_beginning(day(2)));
    assert_eq!(Overview::new(one).merge(&Overview::new(other)), Err(Mismatch));
    assert_eq!(SecondOrder::new(one).merge(&SecondOrder::of_first_days(one, day(0), day(1))), Err(Mismatch));
    assert_eq!(Repeat::new(one).merge(&Repeat::new(one.with_decimal_places(0))), Err(Mismatch));
    assert_eq!(Thresholds::new(one).merge(&Thresholds::new(other)), Err(Mismatch));
    assert_eq!(Honeymoon::new(one).merge(&Honeymoon::new(other)), Err(Mismatch));
    assert_eq!(RfmCuts::new(one, day(0)).merge(&RfmCuts::new(one, day(1))), Err(Mismatch));
    assert_eq!(
        SegmentMoves::new(one, day(0), day(1), scale()).merge(&SegmentMoves::new(one, day(1), day(1), scale())),
        Err(Mismatch)
    );
    assert_eq!(Cohorts::new(one).merge(&Cohorts::new(other)), Err(Mismatch));
    assert_eq!(ValueCurve::new(one).merge(&ValueCurve::new(other)), Err(Mismatch));
    assert_eq!(Season::new(one).merge(&Season::new(other)), Err(Mismatch));
    assert_eq!(Scenarios::new(one, scale()).merge(&Scenarios::new(other, scale())), Err(Mismatch));
    assert_eq!(IdealProfile::new(one, scale()).merge(&IdealProfile::new(other, scale())), Err(Mismatch));
    assert_eq!(SendingPressure::new(one).merge(&SendingPressure::new(other)), Err(Mismatch));
    assert_eq!(OrdersToCome::new(one, 90).merge(&OrdersToCome::new(one, 30)), Err(Mismatch), "another back-test");
    assert_eq!(OrderValues::new(one).merge(&OrderValues::new(other)), Err(Mismatch));
    assert_eq!(EarlyScore::new(one).merge(&EarlyScore::new(other)), Err(Mismatch));
    assert_eq!(NextVisit::new(one).merge(&NextVisit::new(other)), Err(Mismatch));
    let plan = Plan { holdout_millionths: 50_000, window: 30, covariate: Covariate::SameBefore, cap: None };
    let changed = Plan { holdout_millionths: 100_000, ..plan };
    assert_eq!(Lift::new(one, plan).merge(&Lift::new(one, changed)), Err(Mismatch), "another planned share");
}

#[test]
fn bytes_of_another_kind_or_version_or_cut_off_are_refused() {
    let history = History::from_the_beginning(day(10_000));
    let bytes = Overview::new(history).to_bytes().expect("bytes");
    assert_eq!(Overview::from_bytes(&bytes), Ok(Overview::new(history)));
    assert_eq!(Repeat::from_bytes(&bytes), Err(StoredError::Kind { expected: 3, found: 1 }));
    let mut later = bytes.clone();
    later[1] = 9;
    assert_eq!(Overview::from_bytes(&later), Err(StoredError::Version { expected: 1, found: 9 }));
    assert_eq!(Overview::from_bytes(&bytes[..1]), Err(StoredError::CutOff));
    assert!(matches!(Overview::from_bytes(&bytes[..bytes.len() - 1]), Err(StoredError::Read(_))));
    let longer = [bytes.as_slice(), &[0]].concat();
    assert_eq!(Overview::from_bytes(&longer), Err(StoredError::TooLong(1)));
}

#[test]
fn fifty_customers_take_the_bytes_of_fifty() {
    let customers = crate::cdnow::sample();
    let history = crate::cdnow::history();
    let size = |count: usize| {
        let customers = &customers[..count];
        [
            summary_of(SecondOrder::new(history), customers).to_bytes(),
            summary_of(Thresholds::new(history), customers).to_bytes(),
            summary_of(Honeymoon::new(history), customers).to_bytes(),
            summary_of(Cohorts::new(history), customers).to_bytes(),
            summary_of(RfmCuts::new(history, history.through), customers).to_bytes(),
            summary_of(Season::new(history), customers).to_bytes(),
            summary_of(ValueCurve::new(history), customers).to_bytes(),
        ]
        .map(|bytes| bytes.expect("bytes").len())
    };
    println!("{:?} {:?} {:?}", size(0), size(50), size(2_357));
    assert!(size(0).iter().sum::<usize>() < 600);
    assert!(size(50).iter().sum::<usize>() < 20_000, "{:?}", size(50));
}
