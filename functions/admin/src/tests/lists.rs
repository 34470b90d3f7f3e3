//! Tests of lists of customers, of counts by stage, and of what comes next.

use super::rig;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::id::CustomerId;
use rekindle_lifecycle::policy::Policy;
use rekindle_lifecycle::stage::Stage;
use rekindle_store::CustomerKey;
use rekindle_testing::builders::{customer_key, now};
use serde_json::{Value, json};

fn ids(page: &Value) -> Vec<&str> {
    page["customers"].as_array().expect("a list").iter().filter_map(|row| row["id"].as_str()).collect()
}

#[tokio::test]
async fn the_customers_of_a_stage_are_listed_page_by_page_in_the_order_of_their_ids() {
    let rig = rig().await;
    for customer in ["carl", "anna", "a b", "бо"] {
        rig.ordered(customer, 5).await;
    }
    let stage = rig.store.customer(&customer_key("anna")).await.expect("stored").stage;
    let all = rig.json("GET", &format!("/v1/customers?stage={}", stage.code()), "").await;
    assert_eq!((ids(&all), &all["next_after"]), (vec!["a b", "anna", "carl", "бо"], &Value::Null));
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = rig.json("GET", &format!("/v1/customers?stage={}&limit=1{after}", stage.code()), "").await;
        found.extend(ids(&page).into_iter().map(str::to_owned));
        let Some(next) = page["next_after"].as_str() else { break };
        after = format!("&after={}", percent_encoding::utf8_percent_encode(next, percent_encoding::NON_ALPHANUMERIC));
    }
    assert_eq!(found, ["a b", "anna", "carl", "бо"]);
    let counts = rig.json("GET", "/v1/reports/stages", "").await;
    let of =
        |name: &str| counts["stages"].as_array().and_then(|rows| rows.iter().find(|row| row["stage"] == name)).cloned();
    assert_eq!(of(stage.code()), Some(json!({ "stage": stage, "ids": 4, "complete": true })));
    let others: u64 = Stage::KNOWN
        .iter()
        .filter(|other| **other != stage)
        .filter_map(|other| of(other.code())?["ids"].as_u64())
        .sum();
    assert_eq!(others, 0);
}

#[tokio::test]
async fn a_list_is_that_of_one_question_and_of_the_callers_shop() {
    let rig = rig().await;
    rig.ordered("anna", 5).await;
    for wrong in [
        "",
        "?stage=loud",
        "?stage=new&email=a%40b.example",
        "?email=nobody",
        "?phone=1",
        "?stage=new&limit=101",
        "?stage=new&after=",
    ] {
        rig.refused(400, "GET", &format!("/v1/customers{wrong}"), "").await;
    }
    let other = rig.other_key().await;
    for path in ["/v1/customers?stage=new", "/v1/customers?stage=prospect", "/v1/customers?email=anna%40example.com"] {
        let answer = rig.call_with(&format!("Bearer {other}"), "GET", path, "").await;
        assert!(answer.1.contains("\"customers\":[]"), "{path}: {}", answer.1);
    }
    let answer = rig.call_with(&format!("Bearer {other}"), "GET", "/v1/reports/stages", "").await;
    assert!(!answer.1.contains("\"ids\":1"), "{}", answer.1);
}

#[tokio::test]
async fn a_customer_is_found_by_a_whole_address_under_the_main_id_and_once() {
    let rig = rig().await;
    rig.ordered("anna", 5).await;
    let address = EmailAddress::parse("Anna@example.com").expect("an address");
    let fingerprint = rig.function.link_keys.email_fingerprint(&address);
    let other = CustomerKey { shop: customer_key("anna").shop, customer: CustomerId::parse("nobody").expect("an id") };
    for key in [&customer_key("anna"), &other] {
        rig.store.note_holder(&fingerprint, key).await.expect("noted");
    }
    let found = rig.json("GET", "/v1/customers?email=anna%40EXAMPLE.com", "").await;
    assert_eq!(ids(&found), ["anna"], "an id without anything stored is nobody");
    assert_eq!(ids(&rig.json("GET", "/v1/customers?phone=%2B12025550143", "").await), [""; 0]);
}

#[tokio::test]
async fn a_table_for_spreadsheets_has_no_formulas_and_says_where_it_continues() {
    let rig = rig().await;
    for customer in ["=1+1", "zoe"] {
        rig.ordered(customer, 5).await;
    }
    let stage = rig.store.customer(&customer_key("zoe")).await.expect("stored").stage;
    let path = format!("/v1/customers?stage={}&format=csv&limit=1", stage.code());
    let request = http::Request::builder().uri(&path).header("authorization", format!("Bearer {}", rig.key));
    let answer = rig.send(request.body(rekindle_platform::gateway::Body::Empty).expect("a request")).await;
    let lines: Vec<&str> = answer.body.lines().collect();
    assert_eq!(lines[0], "id,stage,since,first_name,email,phone,orders,last_order_at,value");
    assert!(lines.len() == 2 && lines[1].starts_with("'=1+1,"), "{lines:?}");
    let next = answer.headers["link"].to_str().expect("text");
    assert!(next.contains("after=%3D1%2B1>; rel=\"next\""), "{next}");
}

#[tokio::test]
async fn what_comes_next_is_what_the_engine_would_decide_and_nothing_is_written() {
    let rig = rig().await;
    rig.ordered("anna", 2).await;
    let before = rig.everything().await;
    let customer = rig.store.customer(&customer_key("anna")).await.expect("stored");
    let next = crate::next::forecast(Policy::built_in(), &customer, now());
    assert!(!next.is_empty());
    let times: Vec<&str> = next.iter().filter_map(|one| one["at"].as_str()).collect();
    assert!(times.is_sorted() && times.len() == next.len(), "{next:?}");
    let steps: Vec<&str> = next.iter().filter_map(|one| one["step"].as_str()).collect();
    assert!(steps.contains(&"guide") || next[0]["reason"] == "holdout" || next[0]["what"] == "stage", "{next:?}");
    assert_eq!(rig.everything().await, before);
    assert!(
        Channel::KNOWN.iter().any(|channel| next.iter().any(|one| one["channel"] == json!(channel)))
            || steps.is_empty()
    );
}
