use jiff::Timestamp;
use rekindle_store::Store;
use rekindle_testing::database::store_and_client;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + minute * 60).expect("an instant")
}

#[tokio::test]
async fn a_mark_counts_once_it_is_a_quarter_of_an_hour_old() {
    let (store, client) = store_and_client().await;
    assert_eq!(store.events_through(at(0)).await.expect("read"), None);
    store.note_event(at(0), at(1)).await.expect("noted");
    assert_eq!(store.events_through(at(15)).await.expect("read"), None);
    assert_eq!(store.events_through(at(16)).await.expect("read"), Some(at(0)));
    // Another function has a cache of its own.
    let other = Store::new(client, store.tables().clone());
    other.note_event(at(9), at(10)).await.expect("noted");
    assert_eq!(store.events_through(at(30)).await.expect("read"), Some(at(0)), "the first mark was not old enough");
    store.note_event(at(20), at(20)).await.expect("noted");
    assert_eq!(store.events_through(at(34)).await.expect("read"), Some(at(0)), "it counts until the next one does");
    assert_eq!(store.events_through(at(35)).await.expect("read"), Some(at(20)));
}

#[tokio::test]
async fn a_late_event_is_no_evidence() {
    let (store, _) = store_and_client().await;
    store.note_event(at(0), at(6)).await.expect("noted");
    assert_eq!(store.events_through(at(100)).await.expect("read"), None);
}
