//! Tests of a policy's versions, of restoring one, and of previewing a policy's effects.

use super::{JOURNEY, mail, rig};
use futures::future::join_all;
use serde_json::{Value, json};

fn capped(total: usize) -> String {
    format!("[frequency_cap]\ntotal = {total}\n")
}

#[tokio::test]
async fn an_edit_can_be_reverted_and_both_versions_keep_their_author() {
    let rig = rig().await;
    for (text, version) in [(capped(2), 1), (capped(4), 2), (capped(4), 2)] {
        assert_eq!(rig.json("PUT", "/v1/policy", &text).await["version"], version);
    }
    rig.refused(422, "PUT", "/v1/policy", &capped(0)).await;
    assert_eq!(rig.json("POST", "/v1/policy/versions/1/restore", "").await["version"], 3);
    assert_eq!(rig.call("GET", "/v1/policy", "").await.1, capped(2));

    let listed = rig.json("GET", "/v1/policy/versions", "").await;
    let versions = listed["versions"].as_array().expect("versions");
    let numbers: Vec<_> = versions.iter().map(|one| one["version"].as_u64()).collect();
    assert_eq!(numbers, [Some(3), Some(2), Some(1)]);
    assert_eq!(versions[0]["digest"], versions[2]["digest"]);
    assert_eq!(versions[0]["at"], "2026-03-02T12:00:00Z");
    let by = versions[0]["by"].as_str().expect("who");
    let hash = rekindle_store::shop::api_keys::hash_of(&rig.key);
    assert_eq!(by, format!("admin key {}", &hash[..12]));
    assert!(!listed.to_string().contains(&rig.key[9..]));

    let page = rig.json("GET", "/v1/policy/versions?limit=2", "").await;
    assert_eq!(page["next_before"], 2);
    let page = rig.json("GET", "/v1/policy/versions?limit=2&before=2", "").await;
    assert_eq!((page["versions"].as_array().map(Vec::len), &page["next_before"]), (Some(1), &Value::Null));

    assert_eq!(rig.json("GET", "/v1/policy/versions/2", "").await["policy"], capped(4));
    rig.refused(404, "GET", "/v1/policy/versions/4", "").await;
    rig.refused(404, "POST", "/v1/policy/versions/0/restore", "").await;
    rig.refused(400, "GET", "/v1/policy/versions/last", "").await;
    rig.refused(405, "PUT", "/v1/policy/versions/2", "").await;
}

#[tokio::test]
async fn a_change_that_began_from_another_version_than_the_one_in_force_is_not_stored() {
    let rig = rig().await;
    assert_eq!(rig.json("PUT", "/v1/policy?from=0", &capped(2)).await["version"], 1);
    let told = rig.refused(409, "PUT", "/v1/policy?from=0", &capped(3)).await;
    assert!(told.contains("version 1 of the policy is in force"), "{told}");
    rig.refused(409, "PUT", "/v1/policy?from=2", &capped(3)).await;
    rig.refused(400, "PUT", "/v1/policy?from=last", &capped(3)).await;
    assert_eq!(rig.call("GET", "/v1/policy", "").await.1, capped(2));
    assert_eq!(rig.json("PUT", "/v1/policy?from=1", &capped(3)).await["version"], 2);
}

#[tokio::test]
async fn a_version_whose_template_is_gone_is_not_restored() {
    let rig = rig().await;
    assert_eq!(rig.call("PUT", "/v1/templates/own-words/en", &mail("Hi")).await.0, 200);
    rig.json("PUT", "/v1/policy", JOURNEY).await;
    rig.json("PUT", "/v1/policy", &capped(2)).await;
    assert_eq!(rig.call("DELETE", "/v1/templates/own-words/en", "").await.0, 200);
    let detail = rig.refused(422, "POST", "/v1/policy/versions/1/restore", "").await;
    assert!(detail.contains("own-words"), "{detail}");
    assert_eq!(rig.call("GET", "/v1/policy", "").await.1, capped(2));
}

#[tokio::test]
async fn two_edits_at_once_are_both_versions() {
    let rig = rig().await;
    let texts = [capped(2), capped(3), capped(4)];
    let stored = join_all(texts.iter().map(|text| rig.json("PUT", "/v1/policy", text))).await;
    let mut versions: Vec<_> = stored.iter().filter_map(|answer| answer["version"].as_u64()).collect();
    versions.sort_unstable();
    assert_eq!(versions, [1, 2, 3]);
    for text in texts {
        let mut found = 0;
        for version in 1..=3 {
            let told = rig.json("GET", &format!("/v1/policy/versions/{version}"), "").await;
            found += usize::from(told["policy"] == text.as_str());
        }
        assert_eq!(found, 1, "{text}");
    }
}

#[tokio::test]
async fn a_dry_run_counts_what_would_change_and_writes_nothing() {
    let rig = rig().await;
    rig.json("PUT", "/v1/policy", "[experiment]\nholdout = 0.0\n").await;
    for customer in ["anna", "bob", "carl"] {
        rig.ordered(customer, 20 * 24).await;
    }
    rig.ordered("dora", 2).await;
    let before = rig.everything().await;
    let dry_run =
        async |policy: &str, query: &str| rig.json("POST", &format!("/v1/policy/dry-run{query}"), policy).await;

    let same = dry_run("[experiment]\nholdout = 0.0\n", "").await;
    assert_eq!((&same["examined"], &same["complete"]), (&json!(4), &json!(true)));
    assert_eq!(same["stages"], json!({ "changed": 0, "moves": [] }));
    let welcome = json!([{ "journey": "welcome", "stored": 1, "candidate": 1 }]);
    assert_eq!(same["messages_now"], json!({ "stored": 1, "candidate": 1, "journeys": welcome }));

    let other = dry_run("[stages]\nhoneymoon = \"10d\"\n[experiment]\ncontrol_group = 1.0\n", "").await;
    let moves = json!([{ "from": "new", "to": "active", "customers": 3 }]);
    assert_eq!(other["stages"], json!({ "changed": 3, "moves": moves }));
    let welcome = json!([{ "journey": "welcome", "stored": 1, "candidate": 0 }]);
    assert_eq!(other["messages_now"], json!({ "stored": 1, "candidate": 0, "journeys": welcome }));

    let part = dry_run("", "?limit=3").await;
    assert_eq!((&part["examined"], &part["complete"]), (&json!(3), &json!(false)));
    assert_eq!(rig.everything().await, before);
    assert_eq!(rig.json("GET", "/v1/policy/versions", "").await["versions"].as_array().map(Vec::len), Some(1));
    let detail = rig.refused(422, "POST", "/v1/policy/dry-run", "\n[stages]\nhoneymon = \"1d\"").await;
    assert!(detail.contains("line 3"), "{detail}");
    rig.refused(400, "POST", "/v1/policy/dry-run?limit=0", "").await;

    let other = rig.other_key().await;
    let answer = rig.call_with(&format!("Bearer {other}"), "POST", "/v1/policy/dry-run", "").await;
    assert!(answer.1.contains("\"examined\":0"), "another shop's customers are not read: {}", answer.1);
}
