use jiff::Timestamp;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_store::Store;
use rekindle_store::customers::of_shop::Examined;
use rekindle_testing::database::store_and_client;
use std::collections::BTreeSet;

async fn add(store: &Store, shop: &ShopId, count: usize) {
    for number in 0..count {
        let customer = Customer::new(shop.clone(), CustomerId::parse(&format!("c{number}")).expect("an id"));
        store.commit(&customer, &[], &[], Timestamp::UNIX_EPOCH).await.expect("written");
    }
}

fn shop(id: &str) -> ShopId {
    ShopId::parse(id).expect("an id")
}

#[tokio::test]
async fn every_customer_of_the_shop_is_read_once_or_the_result_says_that_not_all_were() {
    let (store, _) = store_and_client().await;
    let tea = shop("tea");
    add(&store, &tea, 260).await;
    add(&store, &shop("tea-2"), 40).await;
    for (limit, examined, complete) in
        [(1_000, 260, true), (261, 260, true), (260, 260, true), (259, 259, false), (1, 1, false)]
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
}

#[tokio::test]
async fn the_customers_of_other_shops_cost_a_shop_nothing() {
    let (store, _) = store_and_client().await;
    add(&store, &shop("tea"), 200).await;
    store.capacity().take();
    let te = shop("te");
    let examined = store.examine_customers(&te, 1_000, |_| panic!("another shop's customer")).await.expect("read");
    assert_eq!(examined, Examined { customers: 0, complete: true });
    let read = store.capacity().take().read;
    assert!(read <= 6.0, "a look at each stage of the index, not {read} units");
}

#[tokio::test]
async fn of_too_many_customers_a_fair_sample_is_read() {
    let (store, _) = store_and_client().await;
    let tea = shop("tea");
    add(&store, &tea, 400).await;
    let mut numbers = Vec::new();
    let examined = store.examine_customers(&tea, 100, |customer| {
        numbers.push(customer.id.as_str()[1..].parse::<u32>().expect("a number"));
    });
    assert_eq!(examined.await.expect("read"), Examined { customers: 100, complete: false });
    let of_first_half = numbers.iter().filter(|number| **number < 200).count();
    assert!((35..=65).contains(&of_first_half), "{of_first_half} of 100 are among the first 200 of 400");
}
