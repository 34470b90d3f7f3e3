use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
use rekindle_testing::database::store_and_client;

#[tokio::test]
async fn a_shop_is_on_the_list_once() {
    let (store, _) = store_and_client().await;
    let (vinyl, tea) = (ShopId::parse("vinyl").expect("an id"), ShopId::parse("tea").expect("an id"));
    assert_eq!(store.listed_shops().await.expect("read"), []);
    for (shop, is_new) in [(&vinyl, true), (&tea, true), (&vinyl, false)] {
        assert_eq!(store.list_shop(shop, Timestamp::UNIX_EPOCH).await.expect("written"), is_new);
    }
    assert_eq!(store.listed_shops().await.expect("read"), [tea, vinyl]);
}
