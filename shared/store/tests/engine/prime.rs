use rekindle_platform::{AwsEndpoints, Clients};
use rekindle_store::{Store, Tables};
use rekindle_testing::database::store_and_client;

#[tokio::test]
async fn a_start_costs_half_a_read_unit() {
    let (store, _) = store_and_client().await;
    store.prime().await;
    assert_eq!(store.capacity().used().read, 0.5);
}

#[tokio::test]
async fn a_start_without_the_database_is_a_start() {
    let nowhere = "http://127.0.0.1:9".to_owned();
    let clients = Clients::local(&AwsEndpoints { dynamodb: nowhere.clone(), services: nowhere });
    let store = Store::new(clients.dynamodb(), Tables::with_prefix("test"));
    store.prime().await;
    assert_eq!(store.capacity().used().read, 0.0);
}
