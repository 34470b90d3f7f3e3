use futures::future::join_all;
use jiff::Timestamp;
use rekindle_lifecycle::id::{ShopId, short_digest};
use rekindle_lifecycle::policy::MAX_JOURNEYS;
use rekindle_store::keys;
use rekindle_store::shop::policy_versions::Edit;
use rekindle_testing::database::store_and_client;
use serde_json::json;

fn shop() -> ShopId {
    ShopId::parse("tea").expect("an id")
}

fn edit(by: &str) -> Edit {
    Edit { by: by.to_owned(), at: Timestamp::UNIX_EPOCH }
}

fn policy(total: usize) -> String {
    format!("[frequency_cap]\ntotal = {total}\n")
}

#[tokio::test]
async fn every_edit_makes_a_version_and_the_text_in_force_makes_none() {
    let (store, _) = store_and_client().await;
    let (anna, bob) = (edit("Anna"), edit("Bob"));
    let stored = [(1, 2, Some(&anna)), (2, 3, None), (2, 3, Some(&bob)), (3, 2, Some(&bob))];
    for (expected, total, edit) in stored {
        let version = store.edit_policy(&shop(), &policy(total), edit).await.expect("valid");
        assert_eq!(version.number, expected);
    }
    assert!(store.edit_policy(&shop(), "[frequency_cap]\ntotal = 0", Some(&bob)).await.is_err());
    assert_eq!(store.policy(&shop(), Timestamp::UNIX_EPOCH).await.expect("read").frequency_cap.total, 2);

    let all = store.policy_versions(&shop(), None, 10).await.expect("listed");
    let told: Vec<_> = all.iter().map(|one| (one.number, one.edit.as_ref().map(|edit| edit.by.as_str()))).collect();
    assert_eq!(told, [(3, Some("Bob")), (2, None), (1, Some("Anna"))]);
    assert_eq!(all[0].digest, all[2].digest);
    assert_ne!(all[0].digest, all[1].digest);
    let cut = store.policy_versions(&shop(), Some(3), 1).await.expect("listed");
    assert_eq!(cut, all[1..2]);
    let (version, toml) = store.policy_version(&shop(), 2).await.expect("read").expect("there");
    assert_eq!((version, toml), (all[1].clone(), policy(3)));
    assert_eq!(store.policy_version(&shop(), 4).await.expect("read"), None);
    let other = ShopId::parse("vinyl").expect("an id");
    assert_eq!(store.policy_versions(&other, None, 10).await.expect("listed"), []);
}

#[tokio::test]
async fn a_policy_that_no_item_could_hold_is_refused_with_its_length() {
    let (store, _) = store_and_client().await;
    let refused = store.edit_policy(&shop(), &journeys_of(20), None).await.expect_err("it does not fit");
    assert!(refused.to_string().contains(" bytes as it is kept, and at most 380000 fit"), "{refused}");
    store.edit_policy(&shop(), &journeys_of(15), None).await.expect("it fits");
    assert_eq!(store.policy(&shop(), Timestamp::UNIX_EPOCH).await.expect("read").journeys.len(), MAX_JOURNEYS);
}

/// As many journeys as are allowed, each of `steps` steps whose conditions take more room as they are kept than in the text.
fn journeys_of(steps: usize) -> String {
    let step = |number: usize| {
        let all = ["ordered", "clicked", "replied", "answered", "reacted"];
        let conditions = format!("unless = {all:?}\nonly_if = {all:?}\n");
        format!(
            "[[journey.step]]\nid = \"s{number}\"\ndelay = \"{number}h\"\nchannel = \"email\"\ntemplate = \"thanks\"\n{conditions}"
        )
    };
    let steps: String = (1..=steps).map(step).collect();
    let head = "trigger = \"first_order\"\npurpose = \"marketing\"\npriority = 1\n";
    (1..=MAX_JOURNEYS).map(|number| format!("[[journey]]\nid = \"j{number}\"\n{head}{steps}")).collect()
}

#[tokio::test]
async fn of_concurrent_edits_none_is_lost() {
    let (store, _) = store_and_client().await;
    let texts: Vec<String> = (1..=5).map(policy).collect();
    let edits = texts.iter().map(|text| {
        let store = store.clone();
        async move { store.edit_policy(&shop(), text, Some(&edit("Anna"))).await }
    });
    let mut numbers: Vec<u32> = join_all(edits).await.into_iter().map(|one| one.expect("stored").number).collect();
    let last = numbers.iter().position(|number| *number == 5).expect("five versions");
    assert_eq!(store.policy_text(&shop()).await.expect("read").as_ref(), Some(&texts[last]));
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    for text in &texts {
        let versions = store.policy_versions(&shop(), None, 10).await.expect("listed");
        let digest = short_digest(&["policy", text], 26);
        assert_eq!(versions.iter().filter(|one| one.digest == digest).count(), 1, "{text}");
    }
}

#[tokio::test]
async fn a_policy_of_another_engine_is_not_taken_for_the_default_and_can_be_stored_again() {
    let (store, _) = store_and_client().await;
    for other in [json!({ "toml": policy(2) }), json!({ "toml": policy(2), "values": { "moods": {} } })] {
        store.put_setting(&shop(), keys::POLICY_SK, &other).await.expect("stored");
        assert!(store.policy(&shop(), Timestamp::UNIX_EPOCH).await.is_err(), "{other}");
        assert_eq!(store.policy_text(&shop()).await.expect("read"), Some(policy(2)));
    }
    assert_eq!(store.edit_policy(&shop(), &policy(2), None).await.expect("stored").number, 1);
    assert_eq!(store.policy(&shop(), Timestamp::UNIX_EPOCH).await.expect("read").frequency_cap.total, 2);
    assert_eq!(store.edit_policy(&shop(), &policy(4), None).await.expect("stored").number, 2);
}
