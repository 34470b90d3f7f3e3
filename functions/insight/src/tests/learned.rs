//! What the reports say.

use super::*;
use rekindle_insight::learned::{Learned, LearningTerms};
use rekindle_insight::{Buyer, Day, History, Occasion};
use serde_json::json;

/// What the same customers tell when they are at hand.
fn expected(shop: &str, customers: &[(&str, &[i64], i64)]) -> Value {
    let buyers: Vec<Buyer> = customers
        .iter()
        .map(|(customer, days_ago, value)| {
            let occasions = days_ago.iter().map(|days| Occasion {
                day: Day::from_date(day(now() - SignedDuration::from_hours(24 * days))),
                value: *value,
                lines: 1,
            });
            Buyer::new(Buyer::hash_of(shop, customer), occasions)
        })
        .collect();
    let through = Day::from_date(day(now())).plus(-1);
    json!(Learned::from_buyers(History::from_the_beginning(through), &buyers, &LearningTerms::default()))
}

#[tokio::test]
async fn a_shops_report_is_what_its_customers_tell_through_yesterday() {
    let rig = Rig::new().await;
    let many: Vec<i64> = (0..300).map(|n| 2 * n + 3).collect();
    let customers: [(&str, &[i64], i64); 4] =
        [("anna", &[400, 300, 20], 2_000), ("ben", &[90], 500), ("cleo", &many[..20], 700), ("dora", &[0], 900)];
    for (customer, days, value) in customers {
        rig.ordered("tea", customer, days, eur(value)).await;
    }
    rig.ordered("vinyl", "anna", &[10, 5], eur(1)).await;
    assert_eq!(rig.finish().await, Worked { customers: 5, shops: 2, advanced: 0, finished: true });
    let report = rig.report("tea").await.expect("a report");
    assert_eq!(report.through, day(now() - SignedDuration::from_hours(24)));
    assert_eq!(report.report["learned"], expected("tea", &customers));
    assert_eq!(report.report["currency"], "EUR");
    assert_eq!(rig.learned("vinyl").await, expected("vinyl", &[("anna", &[10, 5], 1)]));
    let sentences = report.report["sentences"]["ru"].as_array().expect("subjects");
    assert!(sentences.iter().any(|said| !said["sentences"].as_array().expect("sentences").is_empty()));
}

#[tokio::test]
async fn there_is_one_pass_a_day() {
    let rig = Rig::new().await;
    rig.ordered("tea", "anna", &[3], eur(100)).await;
    rig.finish().await;
    rig.insight.store.capacity().take();
    rig.wait(SignedDuration::from_hours(1));
    assert_eq!(rig.finish().await, Worked { finished: true, ..Worked::default() });
    let idle = rig.insight.store.capacity().take();
    assert!(idle.read <= 1.0 && idle.write == 0.0, "an hour with nothing to do costs one read: {idle:?}");
    rig.ordered("tea", "ben", &[2], eur(100)).await;
    rig.wait(SignedDuration::from_hours(24));
    assert_eq!(rig.finish().await.customers, 2);
    let days = rig.insight.store.report_days(&shop_named("tea"), LEARNED).await.expect("read");
    assert_eq!(days.len(), 2);
    assert_eq!(rig.learned("tea").await["data"]["customers"], 2);
    // A clock that was set back begins no pass of an earlier day.
    rig.wait(SignedDuration::from_hours(-24));
    assert_eq!(rig.finish().await.customers, 0);
}

#[tokio::test]
async fn two_currencies_are_two_histories_and_the_report_says_which_one_it_is() {
    let rig = Rig::new().await;
    let usd = Money { minor: 500, currency: Currency::parse("USD").expect("a currency") };
    rig.ordered("tea", "anna", &[30, 20, 10], eur(900)).await;
    rig.ordered("tea", "ben", &[30, 20], usd).await;
    rig.finish().await;
    let report = rig.report("tea").await.expect("a report").report;
    assert_eq!((&report["currency"], &report["days_in_other_currencies"]), (&json!("EUR"), &json!({ "USD": 2 })));
    assert_eq!(report["learned"]["data"]["customers"], 1);
    // What the shop says its currency is decides, if anybody ordered in it.
    rig.insight.store.put_policy(&shop_named("tea"), "currency = \"USD\"").await.expect("stored");
    rig.wait(SignedDuration::from_hours(25));
    rig.finish().await;
    assert_eq!(rig.report("tea").await.expect("a report").report["currency"], "USD");
}

#[tokio::test]
async fn a_shop_without_orders_has_no_report_and_costs_the_others_nothing() {
    let rig = Rig::new().await;
    let key = customer_of("empty", "anna");
    let visit = rekindle_testing::builders::other("Page Viewed", now());
    rig.insight.store.store_and_apply(&key, &[visit], now()).await.expect("applied");
    rig.ordered(shop().as_str(), "anna", &[3], eur(100)).await;
    rig.finish().await;
    assert_eq!(rig.report("empty").await, None);
    assert!(rig.report(shop().as_str()).await.is_some());
}

#[tokio::test]
async fn a_day_begins_where_the_shop_is() {
    let rig = Rig::new().await;
    // Of the order two hours ago and of yesterday's evening, seen from a zone that is ahead.
    rig.insight.store.put_policy(&shop_named("far"), "time_zone = \"Pacific/Kiritimati\"").await.expect("stored");
    rig.ordered("far", "anna", &[3], eur(100)).await;
    rig.finish().await;
    let today = now().in_tz("Pacific/Kiritimati").expect("a zone").date();
    assert_eq!(rig.report("far").await.expect("a report").through, today.yesterday().expect("a day"));
    assert_ne!(today, day(now()), "the zone makes a difference at this instant");
}

#[tokio::test]
async fn what_the_history_speaks_for_is_proposed() {
    let rig = Rig::new().await;
    // Everybody who returns does so after some ten days, so 90 days of silence are too long.
    for number in 0..120_i64 {
        let first = 100 + number;
        let days = if number % 2 == 0 { vec![first, first - 10 - number % 3] } else { vec![first] };
        rig.ordered("tea", &format!("c{number}"), &days, eur(100)).await;
    }
    rig.finish().await;
    let proposals = rig.insight.store.proposals::<Proposals>(&shop_named("tea")).await.expect("read").state;
    let today = Day::from_date(day(now()));
    let open = proposals.open(rekindle_insight::proposals::Subject::InactiveFirst, today).expect("proposed");
    assert_eq!(open.found.old, 90);
    assert!((10..30).contains(&open.found.new), "{:?}", open.found);
    // The next day's pass proposes nothing a second time.
    rig.wait(SignedDuration::from_hours(24));
    rig.finish().await;
    let again = rig.insight.store.proposals::<Proposals>(&shop_named("tea")).await.expect("read").state;
    assert_eq!(again.latest_first().count(), proposals.latest_first().count());
}

#[tokio::test]
async fn a_shop_whose_policy_cannot_be_read_has_no_report_and_costs_the_others_nothing() {
    let rig = Rig::new().await;
    for shop in ["broken", "tea"] {
        rig.ordered(shop, "anna", &[30, 3], eur(100)).await;
    }
    let store = &rig.insight.store;
    let policy = json!({ "toml": "", "values": { "stages": { "of_a_later_version": 7 } } });
    store.put_setting(&shop_named("broken"), rekindle_store::keys::POLICY_SK, &policy).await.expect("stored");
    // What was remembered is used for a minute.
    rig.wait(SignedDuration::from_mins(2));
    assert_eq!(rig.finish().await, Worked { customers: 2, shops: 1, advanced: 0, finished: true });
    assert_eq!(rig.report("broken").await, None);
    assert!(rig.report("tea").await.is_some());
}

impl Rig {
    /// A customer whose older orders an earlier version rolled up without keeping their days.
    async fn ordered_before(&self, customer: &str) {
        self.ordered("tea", customer, &[90, 80, 70, 60, 50, 40, 30, 20, 10], eur(100)).await;
        let store = &self.insight.store;
        let mut stored = store.customer(&customer_of("tea", customer)).await.expect("read");
        let mut orders = json!(stored.folded.orders);
        orders["r"].as_object_mut().expect("totals").remove("d").expect("days");
        stored.folded.orders = serde_json::from_value(orders).expect("readable");
        store.commit(&stored, &[], &[], now()).await.expect("written");
    }
}

#[tokio::test]
async fn a_few_customers_who_are_not_counted_yet_are_said_and_with_many_there_is_no_report() {
    let mut rig = Rig::new().await;
    // As many as a worker may have counted again at once.
    rig.insight.limits.recounts = 0;
    for number in 0..99 {
        rig.ordered("tea", &format!("c{number}"), &[number + 1], eur(100)).await;
    }
    rig.ordered_before("old").await;
    assert_eq!(rig.finish().await.advanced, 0);
    let report = rig.report("tea").await.expect("a report").report;
    assert_eq!((&report["customers_not_counted"], &report["learned"]["data"]["customers"]), (&json!(1), &json!(99)));
    rig.ordered_before("older").await;
    rig.wait(SignedDuration::from_hours(24));
    rig.finish().await;
    let days = rig.insight.store.report_days(&shop_named("tea"), LEARNED).await.expect("read");
    assert_eq!(days.len(), 1, "without two of 101 there is no second one");
}
