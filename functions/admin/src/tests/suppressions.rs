//! Tests of the suppression list: the addresses and numbers that the shop must not write to.

use super::{now, rig, shop};
use http::Request;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::facts::{Event, SuppressionCause};
use rekindle_platform::gateway::Body;
use rekindle_store::sending::suppressions::SuppressedAddress;
use serde_json::{Value, json};

const LIST: &str = "channel,address,cause\n\
    email,Anna@Example.com,complaint\n\
    email,nobody,manual\n\
    sms,+44 20 7183 8750,\n\
    fax,1,\n\
    email,anna@example.com,manual\n\
    email,=cmd|'/c calc'!A1@example.com,permanent_bounce\n\
    email,bob@example.com,rude\n";

#[tokio::test]
async fn a_list_is_imported_line_by_line_and_a_bad_line_affects_no_other() {
    let rig = rig().await;
    let told = rig.json("POST", "/v1/suppressions", LIST).await;
    assert_eq!((&told["accepted"], &told["changed"], &told["success"]), (&json!(3), &json!(2), &json!(false)));
    let rejected = told["rejected"].as_array().expect("rejected");
    let lines: Vec<_> = rejected.iter().map(|one| (one["line"].as_u64(), one["field"].as_str())).collect();
    let expected = [(5, "channel"), (8, "cause"), (3, "address"), (7, "address")];
    for (line, field) in expected {
        assert!(lines.contains(&(Some(line), Some(field))), "{line} {field}: {lines:?}");
    }
    assert_eq!(lines.len(), expected.len());
    assert!(!told.to_string().contains("nobody"), "an address is not repeated");
    assert_eq!(rig.json("POST", "/v1/suppressions", LIST).await["changed"], 0);

    let listed = rig.json("GET", "/v1/suppressions", "").await;
    let entries = listed["suppressions"].as_array().expect("entries");
    assert_eq!(entries.len(), 2);
    let anna = entries.iter().find(|entry| entry["channel"] == "email").expect("there");
    assert_eq!((&anna["cause"], &anna["address"]), (&json!("complaint"), &json!("Anna@example.com")));
    let other = format!("Bearer {}", rig.other_key().await);
    assert!(rig.call_with(&other, "GET", "/v1/suppressions", "").await.1.contains("\"suppressions\":[]"));

    let line = json!({ "channel": "email", "address": "carl@example.com", "cause": "stop" }).to_string();
    assert_eq!(rig.json("POST", "/v1/suppressions", &line).await["changed"], 1);
    let too_many = format!("channel,address\n{}", "email,x@example.com\n".repeat(20_001));
    rig.refused(413, "POST", "/v1/suppressions", &too_many).await;
}

#[tokio::test]
async fn an_export_has_every_entry_no_formula_and_can_be_imported_again() {
    let rig = rig().await;
    let lines: String = (0..700).map(|number| format!("email,c{number}@example.com,stop\n")).collect();
    let list = format!("channel,address,cause\n{lines}sms,+442071838750,manual\nemail,=1+1@example.com,manual\n");
    assert_eq!(rig.json("POST", "/v1/suppressions", &list).await["changed"], 702);
    let page = rig.json("GET", "/v1/suppressions", "").await;
    assert_eq!(page["suppressions"].as_array().map(Vec::len), Some(500));
    let after = page["next_after"].as_str().expect("more").replace('#', "%23");
    let rest = rig.json("GET", &format!("/v1/suppressions?after={after}"), "").await;
    assert_eq!((rest["suppressions"].as_array().map(Vec::len), &rest["next_after"]), (Some(202), &Value::Null));

    let (status, csv) = rig.call("GET", "/v1/suppressions?format=csv", "").await;
    assert_eq!((status, csv.lines().count()), (200, 703));
    assert!(csv.contains(",'+442071838750,manual,") && csv.contains(",'=1+1@example.com,manual,"), "{csv}");
    let again = rig.json("POST", "/v1/suppressions", &csv).await;
    assert_eq!((&again["accepted"], &again["changed"], &again["success"]), (&json!(702), &json!(0), &json!(true)));
}

#[tokio::test]
async fn a_list_is_exported_in_parts_each_of_which_says_where_the_next_one_is() {
    let rig = rig().await;
    let lines: String = (0..25).map(|number| format!("email,c{number}@example.com,stop\n")).collect();
    rig.json("POST", "/v1/suppressions", &format!("channel,address,cause\n{lines}")).await;
    let all = rig.call("GET", "/v1/suppressions?format=csv", "").await.1;
    let (mut path, mut rows) = ("/v1/suppressions?format=csv&limit=10".to_owned(), Vec::new());
    for part in [10, 10, 5] {
        let request = Request::get(&path).header("authorization", format!("Bearer {}", rig.key));
        let answer = rig.send(request.body(Body::Empty).expect("a request")).await;
        assert_eq!(answer.body.lines().count(), part + 1);
        rows.extend(answer.body.lines().skip(1).map(str::to_owned));
        let link = answer.headers.get("link").map(|link| link.to_str().expect("text").to_owned());
        assert_eq!(link.is_some(), part == 10);
        let next = link.map(|link| link.trim_start_matches('<').split('>').next().unwrap_or_default().to_owned());
        path = next.map(|next| format!("{next}&limit=10")).unwrap_or_default();
    }
    assert_eq!(rows, all.lines().skip(1).collect::<Vec<_>>());
}

#[tokio::test]
async fn lifting_an_address_reopens_its_customer_unless_they_refused_themselves() {
    let rig = rig().await;
    let anna = rig.ordered("anna", 24).await;
    let address = EmailAddress::parse("anna@example.com").expect("an address");
    let fingerprint = rig.function.link_keys.email_fingerprint(&address);
    let entry = SuppressedAddress {
        channel: Channel::Email,
        fingerprint,
        cause: SuppressionCause::PermanentBounce,
        at: now(),
        until: None,
        address: Some(address.into()),
        customer: Some(anna.customer.clone()),
        erased: false,
    };
    rig.store.put_suppression(&shop(), &entry).await.expect("noted");
    let path = "/v1/suppressions/email/Anna%40example.com";
    let other = format!("Bearer {}", rig.other_key().await);
    assert_eq!(rig.call_with(&other, "DELETE", path, "").await.0, 404);
    assert_eq!(rig.call("DELETE", path, "").await.0, 200);
    rig.refused(404, "DELETE", path, "").await;
    let facts = rig.store.facts_of(&anna).all().await.expect("read");
    assert_eq!(facts.iter().filter(|fact| matches!(fact.event, Event::Unsuppressed(_))).count(), 1);

    let complaint = SuppressedAddress { cause: SuppressionCause::Complaint, ..entry };
    rig.store.put_suppression(&shop(), &complaint).await.expect("noted");
    let detail = rig.refused(409, "DELETE", path, "").await;
    assert!(detail.contains("Only they can take that back"), "{detail}");
    rig.refused(400, "DELETE", "/v1/suppressions/email/anna", "").await;
    rig.refused(400, "DELETE", "/v1/suppressions/fax/anna%40example.com", "").await;
}
