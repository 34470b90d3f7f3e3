use jiff::Timestamp;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_store::customers::scan::Examined;
use rekindle_testing::database::store_and_client;
use std::collections::BTreeSet;

#[tokio::test]
async fn every_customer_of_the_shop_is_read_once_or_the_result_says_that_not_all_were() {
    let (store, _) = store_and_client().await;
    for (shop, count) in [("tea", 60), ("tea-2", 40)] {
        for number in 0..count {
            let shop = ShopId::parse(shop).expect("an id");
            let customer = Customer::new(shop, CustomerId::parse(&format!("c{number}")).expect("an id"));
            store.commit(&customer, &[], &[], Timestamp::UNIX_EPOCH).await.expect("written");
        }
    }
    let tea = ShopId::parse("tea").expect("an id");
    for (limit, examined, complete) in
        [(1_000, 60, true), (61, 60, true), (60, 60, true), (59, 59, false), (1, 1, false)]
    {
        let mut seen = BTreeSet::new();
        let examined_of_shop = store.examine_customers(&tea, limit, |customer| {
            assert_eq!(customer.shop, tea);
            assert!(seen.insert(customer.id), "read twice");
        });
        let examined_of_shop = examined_of_shop.await.expect("read");
        assert_eq!(seen.len(), examined);
        assert_eq!(examined_of_shop, Examined { customers: examined, complete }, "{limit}");
    }
    let other = ShopId::parse("te").expect("an id");
    let examined_of_shop =
        store.examine_customers(&other, 1_000, |_| panic!("another shop's customer")).await.expect("read");
    assert_eq!(examined_of_shop, Examined { customers: 0, complete: true });
    let examined_of_shop = store.examine_customers(&other, 2, |_| ()).await.expect("read");
    assert_eq!(
        examined_of_shop,
        Examined { customers: 0, complete: false },
        "the bound on reading holds, and the result says so"
    );
}
