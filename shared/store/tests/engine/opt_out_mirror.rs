use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use rekindle_store::keys;
use rekindle_store::sending::opt_out_mirror::MirrorPlace;
use rekindle_testing::database::store_and_client;

fn place(next_page: Option<&str>) -> MirrorPlace {
    let at = Timestamp::from_second(1_800_000_000).expect("an instant");
    MirrorPlace { began_at: at, written_at: at, next_page: next_page.map(str::to_owned) }
}

#[tokio::test]
async fn of_two_concurrent_runs_one_continues() {
    let (store, _) = store_and_client().await;
    assert_eq!(store.mirror_place().await.expect("read"), (None, 0));
    assert!(store.put_mirror_place(&place(Some("page 2")), 0).await.expect("asked"));
    assert!(!store.put_mirror_place(&place(Some("page 2")), 0).await.expect("asked"), "another run wrote it");
    assert!(store.put_mirror_place(&place(None), 1).await.expect("asked"));
    assert_eq!(store.mirror_place().await.expect("read"), (Some(place(None)), 2));
}

#[tokio::test]
async fn a_position_of_an_unknown_form_counts_as_none_and_can_be_replaced() {
    let (store, client) = store_and_client().await;
    let put = client.put_item().table_name(&store.tables().shops);
    let put = put.item("pk", AttributeValue::S(keys::OPT_OUT_MIRROR_PK.to_owned()));
    let put = put.item("sk", AttributeValue::S(keys::OPT_OUT_MIRROR_SK.to_owned()));
    let put = put.item("place", AttributeValue::S("{\"page\":7}".to_owned()));
    put.item("revision", AttributeValue::N("4".to_owned())).send().await.expect("stored");
    assert_eq!(store.mirror_place().await.expect("read"), (None, 4));
    assert!(store.put_mirror_place(&place(None), 4).await.expect("asked"));
}
