use jiff::Timestamp;
use rekindle_testing::database::store_and_client;

#[tokio::test]
async fn a_text_counts_as_received_when_it_first_arrived() {
    let (store, _) = store_and_client().await;
    let second = |number| Timestamp::from_second(number).expect("an instant");
    for at in [200, 300, 100] {
        assert_eq!(store.first_received("in-1", second(at)).await.expect("stored"), second(200));
    }
    let long = "x".repeat(5_000);
    assert_eq!(store.first_received(&long, second(7)).await.expect("stored"), second(7));
}
