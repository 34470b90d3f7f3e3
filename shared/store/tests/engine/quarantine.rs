use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::id::ShopId;
use rekindle_store::activity::quarantine::{MAX_BODY_LEN, Refused};
use rekindle_testing::database::store_and_client;

#[tokio::test]
async fn a_refused_event_is_kept_once_with_its_reason_and_expires() {
    let (store, client) = store_and_client().await;
    let shop = ShopId::parse("vinyl").expect("an id");
    let received_at: Timestamp = "2026-11-22T10:00:00Z".parse().expect("an instant");
    let body = "ü".repeat(MAX_BODY_LEN);
    let refused = Refused::new(received_at, "userId", "must not be empty", &body);
    let later = Refused { received_at: received_at + SignedDuration::from_secs(7), ..refused.clone() };
    store.put_refused(&shop, &[refused.clone(), later.clone()]).await.expect("stored");
    store.put_refused(&shop, &[refused]).await.expect("stored again");

    let day = jiff::civil::date(2026, 11, 22);
    let (found, next) = store.refused_on(&shop, day, None).await.expect("listed");
    assert_eq!((found.len(), next), (1, None));
    assert_eq!((found[0].field.as_str(), found[0].body.len()), ("userId", MAX_BODY_LEN));
    assert!(!format!("{found:?}").contains('ü'));
    let items = client.scan().table_name(&store.tables().activity).send().await.expect("scanned").items.expect("items");
    let expected = received_at.as_second() + 90 * 86_400;
    assert_eq!(items[0]["expires_at"], AttributeValue::N(expected.to_string()));
}
