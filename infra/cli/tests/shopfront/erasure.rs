//! Erasing a customer of a running stack.

use crate::stage::Stage;
use serde_json::Value;

fn order(customer: &str, number: u32, at: &str) -> String {
    format!(
        r#"{{"batch":[{{"type":"track","event":"Order Completed","userId":"{customer}","messageId":"m{number}",
        "timestamp":"{at}","properties":{{"order_id":"o{number}","total":"25.00","currency":"EUR"}},
        "context":{{"traits":{{"email":"{customer}@example.com"}}}}}}]}}"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_more_is_sent_to_an_erased_customer_and_the_others_are_not_affected() {
    let stage = Stage::new().await;
    assert_eq!(stage.admin("PUT", "/v1/policy", "[experiment]\nholdout = 0.0\n").await.0, 200);
    let mut pump = stage.pump();
    for (number, customer) in (1..).zip(["anna", "bob"]) {
        let order = order(customer, number, "2026-03-10T11:59:00Z");
        assert_eq!(stage.call("POST", "/v1/batch", &stage.write_key, &order).await.0, 200);
    }
    pump.run_until("2026-03-10T14:00:00Z".parse().expect("an instant")).await.expect("run");
    let before = stage.overview().await;
    let (status, told) = stage.admin("DELETE", "/v1/customers/anna", "").await;
    assert_eq!(status, 200, "{told}");
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(told["erased"], true);

    // Months later, the other customer's journeys have continued.
    pump.run_until("2026-09-10T14:00:00Z".parse().expect("an instant")).await.expect("run");
    let (_, inbox) = stage.call("GET", "/inbox.json", "", "").await;
    let inbox: Vec<Value> = serde_json::from_str(&inbox).expect("JSON");
    let to = |customer: &str| inbox.iter().filter(|mail| mail["to"] == format!("{customer}@example.com")).count();
    assert!(to("anna") == 1 && to("bob") > 1, "{} and {}", to("anna"), to("bob"));
    assert_eq!(stage.admin("GET", "/v1/customers/anna", "").await.0, 404);
    assert_eq!(stage.admin("GET", "/v1/customers/bob", "").await.0, 200);
    // The sent messages are still counted.
    let after = stage.overview().await;
    assert_eq!(before.messages["welcome"]["thanks"], 2);
    assert_eq!(after.messages["welcome"]["thanks"], 2);
}
