//! What journeys changed, as the nightly pass tells.

use super::*;
use rekindle_lifecycle::customer::{Arm, Draw};
use serde_json::json;

impl Rig {
    /// A customer who was drawn into an arm that many days ago, with orders.
    async fn drawn(&self, customer: &str, arm: Arm, days_ago: i64, orders: &[i64]) {
        self.ordered("tea", customer, orders, eur(1_000)).await;
        let store = &self.insight.store;
        let mut stored = store.customer(&customer_of("tea", customer)).await.expect("read");
        let drawn = now() - SignedDuration::from_hours(24 * days_ago);
        let journey = Some("reengage".to_owned());
        stored.decided.draws = vec![Draw { day: day(drawn), journey, holdout_millionths: 500_000, arm }];
        store.commit(&stored, &[], &[], now()).await.expect("written");
    }

    async fn lift(&self) -> Value {
        self.report("tea").await.expect("a report").report["lift"].take()
    }
}

#[tokio::test]
async fn a_journeys_effect_is_told_from_who_was_held_out_once_enough_were() {
    let rig = Rig::new().await;
    for number in 0..240_i64 {
        let arm = if number % 2 == 0 { Arm::Holdout } else { Arm::Treated };
        // Of the held-out every fourth orders within a month, of the others four in five; who orders later counts for nothing.
        let back = if number % 2 == 0 { number % 8 == 0 } else { number % 5 != 0 };
        let orders: &[i64] = if back { &[200, 50] } else { &[200, 20] };
        rig.drawn(&format!("c{number}"), arm, 60, orders).await;
    }
    // Not over yet, and nobody knows what comes of it.
    rig.drawn("late", Arm::Treated, 10, &[200]).await;
    rig.finish().await;
    let lift = rig.lift().await;
    assert_eq!((&lift[0]["journey"], &lift[0]["holdout_millionths"]), (&json!("reengage"), &json!(500_000)));
    let month = &lift[0]["by_window"]["30"];
    assert_eq!((&month["n_treated"], &month["n_holdout"], &month["pending"]), (&json!(120), &json!(120), &json!(1)));
    let effect = month["any"]["effect"]["value"].as_f64().expect("a number");
    assert!((effect - (0.8 - 0.25)).abs() < 1e-9, "{effect}");
    let through = day(now() - SignedDuration::from_hours(24));
    assert_eq!(month["verdict"], json!({ "proven": { "since": through.to_string() } }));
    let sentence = month["sentences"]["en"].as_str().expect("a sentence");
    assert!(sentence.starts_with(&format!("reengage: Proven since {through}: ")), "{sentence}");
    // In 90 days, nothing is over.
    assert_eq!(lift[0]["by_window"]["90"]["verdict"], "too_few_to_tell");
    let said = rig.report("tea").await.expect("a report").report["sentences"]["en"].take();
    assert!(said.to_string().contains("What journeys change"), "{said}");

    // The next day's report knows since when, and caps values by what this one saw.
    rig.wait(SignedDuration::from_hours(24));
    rig.finish().await;
    let next = rig.lift().await;
    assert_eq!(next[0]["by_window"]["30"]["verdict"], json!({ "proven": { "since": through.to_string() } }));
}

#[tokio::test]
async fn arms_of_another_size_than_planned_are_not_compared() {
    let rig = Rig::new().await;
    for number in 0..400_i64 {
        // Planned was every second one.
        let arm = if number % 4 == 0 { Arm::Holdout } else { Arm::Treated };
        rig.drawn(&format!("c{number}"), arm, 60, if number % 3 == 0 { &[200, 50] } else { &[200] }).await;
    }
    rig.finish().await;
    let month = rig.lift().await[0]["by_window"]["30"].take();
    assert_eq!(month["verdict"], "withheld");
    assert_eq!(month["any"]["effect"]["value"], Value::Null);
    assert!(month["sentences"]["en"].as_str().is_some_and(|said| said.contains("planned sizes")), "{month}");
}

#[tokio::test]
async fn who_was_drawn_and_never_ordered_counts_too() {
    let rig = Rig::new().await;
    rig.drawn("anna", Arm::Holdout, 60, &[]).await;
    rig.drawn("ben", Arm::Treated, 60, &[30]).await;
    rig.finish().await;
    let month = rig.lift().await[0]["by_window"]["30"].take();
    assert_eq!((&month["n_treated"], &month["n_holdout"]), (&json!(1), &json!(1)));
    assert_eq!(month["sentences"]["ru"], "reengage: Пока нет: слишком мало покупателей; не хватает 99 покупателей.");
}
