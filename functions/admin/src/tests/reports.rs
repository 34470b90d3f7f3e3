//! Tests of the reports over a shop's customers.

use super::{now, rig, shop};
use crate::Admin;
use jiff::SignedDuration;
use rekindle_lifecycle::facts::{Event, Fact, NpsAnswer, Traits};
use rekindle_store::insight::reports::StoredReport;
use rekindle_testing::Rig;
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
    let other = rig.other_key().await;
    let (_, empty) = rig.call_with(&format!("Bearer {other}"), "GET", "/v1/reports/nps", "").await;
    let empty: Value = serde_json::from_str(&empty).expect("JSON");
    assert_eq!((&empty["examined"], &empty["all"]["score"]), (&json!(0), &Value::Null));
}

async fn learned(rig: &Rig<Admin>, through: &str, customers: u64) {
    let report = json!({
        "form": 1,
        "currency": "EUR",
        "days_in_other_currencies": {},
        "customers_with_days_left_out": 0,
        "learned": {
            "data": { "customers": customers, "first_day": "2025-01-01", "with_formula": "=1+1" },
            "repeat": {
                "ever": { "value": -0.25, "lo": -0.5, "hi": 0.125, "n": 40, "shown": "yes" },
                "later": { "value": null, "lo": null, "hi": null, "n": 3, "shown": { "not_yet": { "needs": { "days": 9 } } } },
            },
            "ltv_cac": null,
        },
        "sentences": { "en": [{ "title": "Repeat", "sentences": ["25 % came back."] }], "ru": [] },
    });
    let through = through.parse().expect("a day");
    let stored = StoredReport { through, report };
    rig.store.put_report(&shop(), "learned", &stored, now()).await.expect("stored");
}

#[tokio::test]
async fn what_was_learned_is_shown_as_a_whole_or_by_subject_of_the_latest_day_or_another() {
    let rig = rig().await;
    assert_eq!(rig.json("GET", "/v1/reports", "").await, json!({ "reports": ["stages", "nps"], "days": [] }));
    let none = rig.refused(404, "GET", "/v1/reports/learned", "").await;
    assert!(none.contains("no report yet"), "{none}");
    learned(&rig, "2026-02-28", 40).await;
    learned(&rig, "2026-03-01", 41).await;
    let listed = rig.json("GET", "/v1/reports", "").await;
    let names = json!(["stages", "nps", "learned", "data", "repeat", "ltv_cac"]);
    assert_eq!(listed, json!({ "reports": names, "days": ["2026-03-01", "2026-02-28"] }));

    let whole = rig.json("GET", "/v1/reports/learned", "").await;
    assert_eq!((&whole["through"], &whole["currency"]), (&json!("2026-03-01"), &json!("EUR")));
    assert_eq!(whole["report"]["data"]["customers"], 41);
    assert_eq!(whole["sentences"]["en"][0]["sentences"][0], "25 % came back.");
    let subject = rig.json("GET", "/v1/reports/data?day=2026-02-28", "").await;
    assert_eq!((&subject["report"]["customers"], &subject["name"]), (&json!(40), &json!("data")));

    let unknown = rig.refused(404, "GET", "/v1/reports/sales", "").await;
    assert!(unknown.contains("learned, data, repeat"), "{unknown}");
    let missing = rig.refused(404, "GET", "/v1/reports/learned?day=2026-02-27", "").await;
    assert!(missing.contains("2026-02-27"), "{missing}");
    rig.refused(400, "GET", "/v1/reports/learned?day=yesterday", "").await;
    let other = rig.other_key().await;
    let (status, _) = rig.call_with(&format!("Bearer {other}"), "GET", "/v1/reports/learned", "").await;
    assert_eq!(status, 404, "another shop's key");
}

#[tokio::test]
async fn a_report_is_a_table_with_a_row_for_each_number() {
    let rig = rig().await;
    learned(&rig, "2026-03-01", 41).await;
    let (status, csv) = rig.call("GET", "/v1/reports/learned?format=csv", "").await;
    assert_eq!(status, 200);
    insta::assert_snapshot!(csv.replace('\r', ""), @r#"
    name,value,lo,hi,n,shown
    data.customers,41,,,,
    data.first_day,2025-01-01,,,,
    data.with_formula,'=1+1,,,,
    repeat.ever,-0.25,-0.5,0.125,40,yes
    repeat.later,,,,3,"{""not_yet"":{""needs"":{""days"":9}}}"
    "#);
}
