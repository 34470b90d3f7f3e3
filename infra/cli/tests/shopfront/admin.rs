//! Calls of the platform team to a running stack.

use crate::stage::Stage;
use rekindle_lifecycle::policy::Policy;
use serde_json::{Value, json};

const ORDER: &str = r#"{"type":"track","event":"Order Completed","userId":"anna/1 ж","messageId":"m1","timestamp":"2026-03-10T11:59:00Z",
  "properties":{"order_id":"o1","total":"25.00","currency":"EUR"},"context":{"traits":{"email":"anna@example.com","firstName":"Anna"}}}"#;
/// No holdout, so that the test knows who gets which message.
const POLICY: &str = "time_zone = \"Europe/Berlin\"\n[experiment]\nholdout = 0.0\n";

/// A stack in which one customer ordered and was thanked.
async fn with_a_customer() -> Stage {
    let stage = Stage::new().await;
    assert_eq!(stage.admin("PUT", "/v1/policy", POLICY).await.0, 200);
    let mut pump = stage.pump();
    let batch = format!("{{\"batch\":[{ORDER}]}}");
    assert_eq!(stage.call("POST", "/v1/batch", &stage.write_key, &batch).await.0, 200);
    let until = "2026-03-10T14:00:00Z".parse().expect("an instant");
    pump.run_until(until).await.expect("run");
    stage
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_and_all_decisions_about_them_are_shown() {
    let stage = with_a_customer().await;
    let customer = stage.get_json("/v1/customers/anna%2F1%20%D0%B6").await;
    assert_eq!(customer["stage"], "new");
    assert_eq!(customer["profile"]["first_name"]["value"], "Anna");
    assert_eq!(customer["orders"]["value"], json!(["25.00 EUR"]));
    assert_eq!(customer["permissions"]["sms"]["marketing"], false);
    assert!(customer["runs"]["welcome"]["done"].as_array().is_some_and(|done| done.contains(&json!("thanks"))));
    assert!(customer["due_at"].is_string());

    let timeline = stage.get_json("/v1/customers/anna%2F1%20%D0%B6/timeline").await;
    let entries = timeline["entries"].as_array().expect("entries");
    let times: Vec<&str> = entries.iter().filter_map(|entry| entry["at"].as_str()).collect();
    assert!(times.len() == entries.len() && times.is_sorted_by(|a, b| a >= b), "{times:?}");
    let sent = entries.iter().find(|entry| entry["what"] == "message").expect("a message");
    assert_eq!((&sent["step"], &sent["template"]), (&json!("thanks"), &json!("welcome-thanks")));
    assert!(["accepted", "delivered"].contains(&sent["state"].as_str().unwrap_or_default()), "{sent}");
    assert!(sent["because"].as_str().is_some_and(|because| !because.is_empty()));
    let moved = entries.iter().find(|entry| entry["entry"] == "transition").expect("a transition");
    assert_eq!((&moved["from"], &moved["to"]), (&json!("prospect"), &json!("new")));
    assert_eq!(entries.last().expect("entries")["kind"], "completed");
    let short = stage.get_json("/v1/customers/anna%2F1%20%D0%B6/timeline?limit=1").await;
    assert_eq!(short["more"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inbox_links_to_the_page_of_a_customer_whatever_their_name_is() {
    let stage = with_a_customer().await;
    let (_, inbox) = stage.call("GET", "/inbox/1", "", "").await;
    assert!(inbox.contains("href=\"/dashboard/customers/anna%2F1%20%D0%B6\""), "{inbox}");
    // Which leads to the console, and without a session to signing in.
    let (status, page) = stage.call("GET", "/dashboard/customers/anna%2F1%20%D0%B6", "", "").await;
    assert_eq!(status, 200);
    let next = "value=\"&#x2f;console&#x2f;customer?id=anna%2F1%20%D0%B6\"";
    assert!(page.contains("Admin key of your shop") && page.contains(next), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_changed_with_the_admin_key_and_used_for_the_next_message() {
    let stage = Stage::new().await;
    assert_eq!(stage.call("PUT", "/v1/policy", &stage.write_key, POLICY).await.0, 403);
    assert_eq!(stage.call("PUT", "/v1/policy", "", POLICY).await.0, 401);
    assert_eq!(stage.admin("PUT", "/v1/policy", POLICY).await.0, 200);
    let mut brand = stage.get_json("/v1/brand").await;
    brand["name"] = "Salt and Tea".into();
    assert_eq!(stage.admin("PUT", "/v1/brand", &brand.to_string()).await.0, 200);
    let own = json!({
        "channel": "email", "subject": "Our own words, {{ first_name if first_name else 'you' }}", "preheader": "",
        "mjml": "<mj-text>Own words.</mj-text>", "text": "Own words.",
    });
    let (status, told) = stage.admin("PUT", "/v1/templates/welcome-thanks/en", &own.to_string()).await;
    assert_eq!(status, 200, "{told}");
    let mut broken = own.clone();
    broken["text"] = "One\nTwo {{ nickname }}".into();
    let (status, told) = stage.admin("PUT", "/v1/templates/welcome-thanks/en", &broken.to_string()).await;
    assert_eq!(status, 422);
    assert!(told.contains("text, line 2: "), "{told}");

    let mut pump = stage.pump();
    let batch = format!("{{\"batch\":[{ORDER}]}}");
    stage.call("POST", "/v1/batch", &stage.write_key, &batch).await;
    pump.run_until("2026-03-10T14:00:00Z".parse().expect("an instant")).await.expect("run");
    let (_, inbox) = stage.call("GET", "/inbox.json", "", "").await;
    let inbox: Value = serde_json::from_str(&inbox).expect("JSON");
    assert_eq!(inbox[0]["subject"], "Our own words, Anna");
    assert!(inbox[0]["html"].as_str().is_some_and(|html| html.contains("Salt and Tea")));
    let policy = stage.stack.store.policy(&stage.stack.shop.id, stage.stack.time.now()).await.expect("read");
    assert_eq!(*policy, Policy::parse(POLICY).expect("valid"));
}
