//! Ways through the segments, and profiles.

use crate::cdnow::{history, sample};
use crate::summaries::{scale, summary_of};
use rekindle_insight::rfm::Segment;
use rekindle_insight::scenarios::{IdealProfile, ProfileReport, ScenarioReport, Scenarios};
use rekindle_insight::{Buyer, Day, History, Language, Occasion, Summary};

const FROM: i32 = 10_000;

fn buyer(place: u32, days: impl IntoIterator<Item = i32>) -> Buyer {
    let order = |day| Occasion { day: Day::from_number(FROM + day), value: 700, lines: 1 };
    Buyer::new(Buyer::hash_of("shop", &place.to_string()), days.into_iter().map(order))
}

fn scenarios(buyers: impl IntoIterator<Item = Buyer>) -> ScenarioReport {
    let mut summary = Scenarios::new(History::from_the_beginning(Day::from_number(FROM + 500)), scale());
    buyers.into_iter().for_each(|buyer| summary.add(&buyer));
    ScenarioReport::new(&summary, Segment::New)
}

#[test]
fn the_way_of_those_who_stay_parts_where_it_differs_most() {
    let once = (0..150).map(|place| buyer(place, [0]));
    let twice = (150..190).map(|place| buyer(place, [0, 85]));
    let loyal = (190..250).map(|place| buyer(place, (0..25).map(|order| order * 15)));
    let young = std::iter::once(buyer(900, [200]));
    let report = scenarios(once.chain(twice).chain(loyal).chain(young));
    assert_eq!((report.customers, report.desired_customers), (250, 60), "the young one is not known for a year");
    let typical = report.typical.expect("enough");
    assert_eq!(typical.segments, [Segment::New, Segment::Promising, Segment::NeedsAttention, Segment::Dormant]);
    assert_eq!(typical.share.value, Some(0.6));
    let desired = report.desired.expect("enough");
    assert_eq!(desired.segments, [Segment::New, Segment::Champions, Segment::Champions, Segment::Champions]);
    let parting = report.parting.expect("both ways");
    // On both days all of them and nobody else are champions; the later of equals is as good.
    assert_eq!(
        (parting.segment, parting.of_desired.value, parting.of_all.value),
        (Segment::Champions, Some(1.0), Some(0.24))
    );
    assert!(report.sentence(Language::English).contains("new → promising → in need of attention → dormant"));
    assert!(
        report.sentence(Language::English).contains("100.0\u{a0}% of them are champions then, of all 24.0\u{a0}%.")
    );
}

#[test]
fn fewer_than_thirty_have_no_way() {
    let report = scenarios((0..29).map(|place| buyer(place, [0])));
    assert_eq!((report.customers, report.typical, report.parting), (29, None, None));
    let report = scenarios(
        (0..50)
            .map(|place| buyer(place, [0]))
            .chain((50..79).map(|place| buyer(place, (0..25).map(|order| order * 15)))),
    );
    assert_eq!((report.desired_customers, report.desired), (29, None));
    assert!(report.sentence(Language::Russian).starts_with("Обычный путь"));
}

#[test]
fn the_ways_of_the_sample_add_up() {
    let summary = summary_of(Scenarios::new(history(), scale()), &sample());
    assert_eq!(
        ScenarioReport::new(&summary, Segment::New).customers,
        2_357,
        "all began as new customers, more than a year ago"
    );
}

#[test]
fn a_profile_holds_what_a_segment_buys_more_often_than_others() {
    let through = Day::from_number(FROM + 400);
    let mut profile = IdealProfile::new(History::from_the_beginning(through), scale());
    let lately = through.plus(-20);
    for place in 0..100 {
        // Champions buy 1, mostly with 2; all buy 3; who buys 4 buys 1 half the time; 5 was bought long ago.
        let mut categories = vec![(1, lately), (3, lately), (5, through.plus(-365))];
        if place < 80 {
            categories.push((2, lately));
        }
        if place < 50 {
            categories.push((4, lately));
        }
        profile.add(&buyer(place, (0..25).map(|order| order * 16)), &categories);
    }
    for place in 100..400 {
        let categories = if place < 150 { vec![(3, lately), (4, lately)] } else { vec![(3, lately)] };
        profile.add(&buyer(place, [395]), &categories);
    }
    let report = ProfileReport::new(&profile, Segment::Champions);
    assert_eq!((report.customers, report.all_customers), (100, 400));
    let found: Vec<_> = report.categories.iter().map(|of| (of.category, of.share.value, of.of_all.value)).collect();
    assert_eq!(found, [(1, Some(1.0), Some(0.25)), (2, Some(0.8), Some(0.2)), (4, Some(0.5), Some(0.25))]);
    let gaps: Vec<_> =
        report.gaps(&[3, 4]).into_iter().map(|(code, share)| (code, share.and_then(|share| share.value))).collect();
    assert_eq!(gaps, [(1, Some(0.5)), (2, Some(0.5))], "of those who bought 4");
    let unknown: Vec<_> = report.gaps(&[99]).into_iter().map(|(code, share)| (code, share.is_some())).collect();
    assert_eq!(unknown, [(1, false), (2, false), (4, false)]);
    assert_eq!(
        report.sentence(Language::English, |code| format!("tea {code}")).replace('\u{a0}', " "),
        "Customers who are champions buy more often than all: tea 1 (100.0 % against 25.0 %), tea 2 (80.0 % against 20.0 %), \
         tea 4 (50.0 % against 25.0 %)."
    );
    let new = ProfileReport::new(&profile, Segment::New);
    assert!(new.sentence(Language::Russian, |code| code.to_string()).contains("не отличается"));
    let dormant = ProfileReport::new(&profile, Segment::Dormant);
    assert!(
        dormant.categories.is_empty()
            && dormant.sentence(Language::English, |code| code.to_string()).starts_with("Not yet")
    );
}

#[test]
fn of_many_categories_the_latest_sixteen_count() {
    let through = Day::from_number(FROM + 400);
    let mut profile = IdealProfile::new(History::from_the_beginning(through), scale());
    for place in 0..40 {
        let categories: Vec<(u32, Day)> =
            (0..20).map(|code| (code, through.plus(-i32::try_from(code).expect("small")))).collect();
        profile.add(&buyer(place, (0..25).map(|order| order * 16)), &categories);
    }
    for place in 40..80 {
        profile.add(&buyer(place, [395]), &[]);
    }
    let report = ProfileReport::new(&profile, Segment::Champions);
    let codes: Vec<u32> = report.categories.iter().map(|of| of.category).collect();
    assert_eq!(codes, (0..16).collect::<Vec<_>>());
}
