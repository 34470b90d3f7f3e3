use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
use rekindle_store::customers::erasure::ErasureMark;
use rekindle_testing::database::store_and_client;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).expect("an instant")
}

#[tokio::test]
async fn a_mark_moves_forward_only_and_stays() {
    let (store, client) = store_and_client().await;
    assert_eq!(store.erased_at("f1").await.expect("read"), None);
    for (second, complete) in [(5, false), (9, true), (7, false)] {
        store.mark_erased("f1", at(second), complete).await.expect("marked");
    }
    assert_eq!(store.erasure_mark("f1").await.expect("read"), Some(ErasureMark { at: at(9), complete: true }));
    assert_eq!(store.erased_at("f2").await.expect("read"), None);
    let items = client.scan().table_name(&store.tables().shops).send().await.expect("scanned");
    assert!(!items.items()[0].contains_key("expires_at"), "{items:?}");
}

#[tokio::test]
async fn an_answer_of_an_erased_customer_is_counted_once() {
    let (store, _) = store_and_client().await;
    let tea = ShopId::parse("tea").expect("an id");
    for name in ["f1", "f1", "f2"] {
        store.keep_answer(&tea, name, 9, at(4_000)).await.expect("kept");
    }
    let kept = store.kept_answers(&tea).await.expect("read");
    assert_eq!(kept, [(9, "2027-01-15T00:00:00Z".parse().expect("a day")); 2]);
    assert!(store.kept_answers(&ShopId::parse("vinyl").expect("an id")).await.expect("read").is_empty());
}
