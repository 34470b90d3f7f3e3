//! Tests of the reports over a shop's customers.

use super::{now, rig, shop};
use jiff::SignedDuration;
use rekindle_lifecycle::facts::{Event, Fact, NpsAnswer, Traits};
use serde_json::{Value, json};

#[tokio::test]
async fn the_nps_report_has_the_score_and_count_of_each_month_and_says_whether_all_customers_were_read() {
    let rig = rig().await;
    rig.store.put_policy(&shop(), "time_zone = \"Europe/Berlin\"").await.expect("a policy");
    for (index, (score, days_ago)) in [(10, 1), (9, 1), (7, 1), (3, 1), (10, 40), (9, 40)].into_iter().enumerate() {
        let key = rig.ordered(&format!("c{index}"), 24).await;
        let event = Event::NpsAnswer(NpsAnswer { score, comment: None, may_call: None });
        let at = now() - SignedDuration::from_hours(24 * days_ago);
        let fact = Fact { at, id: "m1".to_owned(), event, traits: Traits::default() };
        rig.store.store_and_apply(&key, &[fact], now()).await.expect("applied");
    }
    rig.ordered("silent", 24).await;
    let report = rig.json("GET", "/v1/reports/nps?by=month", "").await;
    assert_eq!((&report["examined"], &report["complete"]), (&json!(7), &json!(true)));
    let months = report["months"].as_array().expect("months");
    let told: Vec<_> = months.iter().map(|month| (&month["month"], &month["score"], &month["answers"])).collect();
    assert_eq!(told, [(&json!("2026-01"), &json!(100.0), &json!(2)), (&json!("2026-03"), &json!(25.0), &json!(4)),]);
    // Values 100, 100, 0, −100: sample standard deviation 95.74, over √4.
    assert_eq!(months[1]["margin"], 93.8);
    assert_eq!(report["all"]["answers"], 6);
    let part = rig.json("GET", "/v1/reports/nps?limit=2", "").await;
    assert_eq!((&part["examined"], &part["complete"]), (&json!(2), &json!(false)));
    rig.refused(400, "GET", "/v1/reports/nps?by=week", "").await;
    rig.refused(404, "GET", "/v1/reports/sales", "").await;
    let other = rig.other_key().await;
    let (_, empty) = rig.call_with(&format!("Bearer {other}"), "GET", "/v1/reports/nps", "").await;
    let empty: Value = serde_json::from_str(&empty).expect("JSON");
    assert_eq!((&empty["examined"], &empty["all"]["score"]), (&json!(0), &Value::Null));
}
