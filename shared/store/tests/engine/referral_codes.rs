use jiff::Timestamp;
use rekindle_store::table::tables::EXPIRES_AT;
use rekindle_store::{CustomerKey, Used};
use rekindle_testing::builders::customer_of;
use rekindle_testing::database::store_and_client;

fn customer(name: &str) -> CustomerKey {
    customer_of("vinyl", name)
}

fn candidates(codes: &[&str]) -> Vec<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

#[tokio::test]
async fn a_customer_has_one_code_however_often_and_by_however_many_it_is_asked_for() {
    let (store, _) = store_and_client().await;
    let anna = customer("anna");
    let ask = || store.referral_code(&anna, candidates(&["AAAA", "BBBB"]));
    let (one, two, three) = tokio::join!(ask(), ask(), ask());
    for code in [one, two, three] {
        assert_eq!(code.expect("asked").as_deref(), Some("AAAA"));
    }
    store.capacity().take();
    ask().await.expect("asked");
    assert_eq!(store.capacity().take(), Used { read: 1.0, write: 0.0 });
    assert_eq!(store.referral_owner("AAAA").await.expect("read"), Some(anna));
    assert_eq!(store.referral_owner("BBBB").await.expect("read"), None);
}

#[tokio::test]
async fn a_code_of_another_customer_is_skipped_and_stays_theirs() {
    let (store, _) = store_and_client().await;
    let (anna, bob) = (customer("anna"), customer("bob"));
    store.referral_code(&anna, candidates(&["AAAA"])).await.expect("asked");
    for _ in 0..2 {
        let code = store.referral_code(&bob, candidates(&["AAAA", "BBBB"])).await.expect("asked");
        assert_eq!(code.as_deref(), Some("BBBB"));
    }
    assert_eq!(store.referral_code(&customer("carl"), candidates(&["AAAA", "BBBB"])).await.expect("asked"), None);
    assert_eq!(store.referral_owner("AAAA").await.expect("read"), Some(anna));
}

#[tokio::test]
async fn a_code_is_removed_for_its_owner_only() {
    let (store, _) = store_and_client().await;
    let (anna, bob) = (customer("anna"), customer("bob"));
    store.referral_code(&anna, candidates(&["AAAA"])).await.expect("asked");
    store.forget_referral_code("AAAA", &bob).await.expect("nothing to forget");
    assert_eq!(store.referral_owner("AAAA").await.expect("read"), Some(anna.clone()));
    for _ in 0..2 {
        store.forget_referral_code("AAAA", &anna).await.expect("forgotten");
    }
    assert_eq!(store.referral_owner("AAAA").await.expect("read"), None);
}

#[tokio::test]
async fn a_visitor_counts_once_until_they_are_forgotten() {
    let (store, client) = store_and_client().await;
    let first = at("2026-01-01T00:00:00Z");
    let visit = async |visitor: &str, at| store.note_visit("AAAA", visitor, at).await.expect("noted");
    assert!(visit("one", first).await);
    assert!(!visit("one", at("2026-06-29T23:59:59Z")).await);
    assert!(visit("two", at("2026-01-02T00:00:00Z")).await);
    assert_eq!(store.referral_visits("AAAA", at("2026-01-03T00:00:00Z")).await.expect("counted"), 2);
    assert_eq!(store.referral_visits("BBBB", at("2026-01-03T00:00:00Z")).await.expect("counted"), 0);
    // Half a year later the first has expired, whether or not the database has cleaned up.
    let later = at("2026-06-30T00:00:00Z");
    assert_eq!(store.referral_visits("AAAA", later).await.expect("counted"), 1);
    assert!(visit("one", later).await);
    let items = client.scan().table_name(&store.tables().shops).send().await.expect("scanned").items;
    let expiring = items.expect("items").iter().filter(|item| item.contains_key(EXPIRES_AT)).count();
    assert_eq!(expiring, 2);
    let expiry = client.describe_time_to_live().table_name(&store.tables().shops).send().await.expect("described");
    let attribute = expiry.time_to_live_description().and_then(|expiry| expiry.attribute_name());
    assert_eq!(attribute, Some(EXPIRES_AT), "the table expires them");
}
