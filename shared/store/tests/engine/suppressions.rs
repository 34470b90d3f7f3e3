use futures::future::join_all;
use jiff::Timestamp;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::facts::SuppressionCause;
use rekindle_lifecycle::id::CustomerId;
use rekindle_store::Used;
use rekindle_store::sending::suppressions::SuppressedAddress;
use rekindle_testing::builders::shop_named;
use rekindle_testing::database::store_and_client;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("an instant")
}

fn entry(cause: SuppressionCause, since: i64, until: Option<i64>) -> SuppressedAddress {
    SuppressedAddress {
        channel: Channel::Email,
        fingerprint: "f1".to_owned(),
        cause,
        at: at(since),
        until: until.map(at),
        address: Some("anna@example.com".to_owned()),
        customer: CustomerId::parse("anna").ok(),
        erased: false,
    }
}

#[tokio::test]
async fn the_more_severe_cause_and_the_later_end_win_in_any_order_any_number_of_times() {
    let causes = [
        entry(SuppressionCause::PermanentBounce, 5, Some(50)),
        entry(SuppressionCause::Complaint, 7, Some(40)),
        entry(SuppressionCause::Stop, 6, Some(60)),
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let (store, _) = store_and_client().await;
        for index in order.into_iter().chain(order) {
            store.put_suppression(&shop_named("tea"), &causes[index]).await.expect("noted");
        }
        let found = store.suppression(&shop_named("tea"), Channel::Email, "f1").await.expect("read").expect("there");
        assert_eq!(found, entry(SuppressionCause::Complaint, 5, Some(60)));
        assert!(found.holds_at(at(59)) && !found.holds_at(at(60)));
        assert!(!store.put_suppression(&shop_named("tea"), &causes[0]).await.expect("noted"), "no news");
        assert!(
            store.put_suppression(&shop_named("tea"), &entry(SuppressionCause::Stop, 6, None)).await.expect("noted")
        );
        let found = store.suppression(&shop_named("tea"), Channel::Email, "f1").await.expect("read").expect("there");
        assert_eq!(found, entry(SuppressionCause::Complaint, 5, None), "for good is the latest end");
    }
}

#[tokio::test]
async fn concurrent_entries_are_all_kept() {
    let (store, _) = store_and_client().await;
    let causes = [SuppressionCause::PermanentBounce, SuppressionCause::Complaint, SuppressionCause::Stop];
    let notes = (0..6).map(|number| {
        let store = store.clone();
        let end = 100 + i64::try_from(number).expect("few");
        async move { store.put_suppression(&shop_named("tea"), &entry(causes[number % 3], 1, Some(end))).await }
    });
    for noted in join_all(notes).await {
        noted.expect("noted");
    }
    let found = store.suppression(&shop_named("tea"), Channel::Email, "f1").await.expect("read");
    assert_eq!(found, Some(entry(SuppressionCause::Complaint, 1, Some(105))));
}

#[tokio::test]
async fn an_erased_address_stays_suppressed_and_never_comes_back_into_the_table() {
    let (store, client) = store_and_client().await;
    let known = entry(SuppressionCause::Complaint, 1, None);
    let erased = SuppressedAddress { erased: true, ..entry(SuppressionCause::PermanentBounce, 9, None) };
    for new in [&erased, &known, &erased] {
        store.put_suppression(&shop_named("tea"), new).await.expect("noted");
    }
    let found = store.suppression(&shop_named("tea"), Channel::Email, "f1").await.expect("read").expect("there");
    let expected = SuppressedAddress { address: None, customer: None, erased: true, ..known };
    assert_eq!(found, expected);
    let stored = client.scan().table_name(&store.tables().shops).send().await.expect("scanned");
    assert!(!format!("{:?}", stored.items()).contains("anna"));
    assert!(!format!("{found:?} {:?}", entry(SuppressionCause::Stop, 1, None)).contains("anna@"));
}

#[tokio::test]
async fn a_list_comes_in_pages_belongs_to_one_shop_and_gets_shorter() {
    let (store, _) = store_and_client().await;
    for number in 0..5 {
        let fingerprint = format!("f{number}");
        let new = SuppressedAddress { fingerprint, ..entry(SuppressionCause::Stop, 1, None) };
        store.put_suppression(&shop_named("tea"), &new).await.expect("noted");
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.suppressions(&shop_named("tea"), after.as_deref(), 2).await.expect("listed");
        assert!(page.entries.len() <= 2);
        seen.extend(page.entries.into_iter().map(|entry| entry.fingerprint));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["f0", "f1", "f2", "f3", "f4"]);
    assert!(store.suppressions(&shop_named("vinyl"), None, 9).await.expect("listed").entries.is_empty());
    store.capacity().take();
    assert_eq!(store.suppression(&shop_named("vinyl"), Channel::Email, "f1").await.expect("read"), None);
    assert_eq!(store.suppression(&shop_named("tea"), Channel::Sms, "f1").await.expect("read"), None);
    assert_eq!(store.capacity().take(), Used { read: 2.0, write: 0.0 });
    assert!(store.remove_suppression(&shop_named("vinyl"), Channel::Email, "f1").await.expect("asked").is_none());
    assert!(store.remove_suppression(&shop_named("tea"), Channel::Email, "f1").await.expect("asked").is_some());
    assert_eq!(store.suppression(&shop_named("tea"), Channel::Email, "f1").await.expect("read"), None);
}
