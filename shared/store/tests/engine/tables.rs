use aws_sdk_dynamodb::types::{DeleteGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate};
use rekindle_testing::database::store_and_client;

#[tokio::test]
async fn the_tables_are_created_once_and_look_as_described() {
    let (store, client) = store_and_client().await;
    let tables = store.tables();
    tables.create_missing(&client).await.expect("existing tables are left alone");
    let customers = client.describe_table().table_name(&tables.customers).send().await.expect("it exists");
    let customers = customers.table().expect("described");
    let index = &customers.global_secondary_indexes()[0];
    assert_eq!(index.index_name(), Some("due"));
    assert_eq!(index.projection().and_then(|p| p.projection_type()).map(|p| p.as_str()), Some("KEYS_ONLY"));
    let activity = client.describe_table().table_name(&tables.activity).send().await.expect("it exists");
    let stream = activity.table().and_then(|table| table.stream_specification()).expect("a stream");
    assert_eq!(stream.stream_view_type().map(|view| view.as_str()), Some("NEW_IMAGE"));
    let expiry = client.describe_time_to_live().table_name(&tables.activity).send().await.expect("described");
    let attribute = expiry.time_to_live_description().and_then(|d| d.attribute_name());
    assert_eq!(attribute, Some("expires_at"));
}

#[tokio::test]
async fn an_index_that_an_earlier_version_did_not_have_is_added() {
    let (store, client) = store_and_client().await;
    let tables = store.tables();
    let indexes = async || {
        let table = client.describe_table().table_name(&tables.customers).send().await.expect("described").table;
        let table = table.expect("it exists");
        let mut names: Vec<String> =
            table.global_secondary_indexes().iter().filter_map(|index| index.index_name.clone()).collect();
        names.sort();
        names
    };
    let delete = DeleteGlobalSecondaryIndexAction::builder().index_name("stage").build().expect("named");
    let without = GlobalSecondaryIndexUpdate::builder().delete(delete).build();
    let update = client.update_table().table_name(&tables.customers).global_secondary_index_updates(without);
    update.send().await.expect("removed");
    assert_eq!(indexes().await, ["due"]);
    tables.create_missing(&client).await.expect("added");
    assert_eq!(indexes().await, ["due", "stage"]);
}
