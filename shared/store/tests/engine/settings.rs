use rekindle_lifecycle::id::ShopId;
use rekindle_testing::database::store_and_client;
use serde_json::json;

#[tokio::test]
async fn a_setting_is_replaced_and_belongs_to_one_shop() {
    let (store, _) = store_and_client().await;
    let (vinyl, tea) = (ShopId::parse("vinyl").expect("an id"), ShopId::parse("tea").expect("an id"));
    store.put_setting(&vinyl, "settings", &json!({"z": 1, "a": "ü"})).await.expect("stored");
    store.put_setting(&vinyl, "settings", &json!({"z": 2, "a": "ü"})).await.expect("stored");
    let found = store.get_setting(&vinyl, "settings").await.expect("read");
    assert_eq!(found, Some(json!({"z": 2, "a": "ü"})));
    assert_eq!(store.get_setting(&tea, "settings").await.expect("read"), None);
    assert!(!store.delete_setting(&tea, "settings").await.expect("nothing to remove"));
    assert!(store.delete_setting(&vinyl, "settings").await.expect("removed"));
    assert_eq!(store.get_setting(&vinyl, "settings").await.expect("read"), None);
}
