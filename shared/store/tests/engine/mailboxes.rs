use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::join_all;
use jiff::Timestamp;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::customer::Permissions;
use rekindle_lifecycle::facts::{ConsentEvent, Event, Fact, SuppressionCause, Traits};
use rekindle_lifecycle::id::{CustomerId, MessageId};
use rekindle_lifecycle::mailbox::{Listed, MailboxKey, Place};
use rekindle_store::Used;
use rekindle_store::sending::mailboxes::Lease;
use rekindle_store::sending::suppressions::SuppressedAddress;
use rekindle_testing::builders::shop_named;
use rekindle_testing::database::store_and_client;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("an instant")
}

fn mailbox(shop: &str) -> MailboxKey {
    MailboxKey { shop: shop_named(shop), channel: Channel::Email, fingerprint: "f1".to_owned() }
}

fn said(granted: bool, second: i64) -> Permissions {
    let consent = ConsentEvent {
        channel: Channel::Email,
        purpose: None,
        granted,
        source: "page".to_owned(),
        text_version: None,
        own: true,
    };
    let mut said = Permissions::default();
    said.apply_fact(&Fact {
        at: at(second),
        id: "1".to_owned(),
        event: Event::Consent(consent),
        traits: Traits::default(),
    });
    said
}

fn entry(cause: SuppressionCause) -> SuppressedAddress {
    SuppressedAddress {
        channel: Channel::Email,
        fingerprint: "f1".to_owned(),
        cause,
        at: at(5),
        until: None,
        address: None,
        customer: None,
        erased: false,
    }
}

fn place(number: u8, customer: &str) -> Place {
    let message = MessageId::parse(&char::from(b'a' + number).to_string().repeat(26)).expect("an id");
    let customer = CustomerId::parse(customer).expect("an id");
    Place { message, revision: 1, customer, step: "abcdefghij".to_owned(), at: at(i64::from(number)) }
}

#[tokio::test]
async fn what_is_said_at_the_same_moment_is_all_kept_and_saying_it_again_writes_nothing() {
    let (store, _) = store_and_client().await;
    let (store, key) = (&store, &mailbox("tea"));
    let said_each = (1..6).map(|second| async move { store.note_in_mailbox(key, &said(second != 5, second)).await });
    for noted in join_all(said_each).await {
        noted.expect("noted");
    }
    assert_eq!(store.mailbox(key).await.expect("read").said, said(false, 5));
    store.capacity().take();
    store.note_in_mailbox(key, &said(true, 3)).await.expect("noted");
    assert_eq!(store.capacity().take(), Used { read: 1.0, write: 0.0 });
    assert!(store.mailbox(&mailbox("vinyl")).await.expect("read").said.is_empty(), "another shop's");
}

#[tokio::test]
async fn of_messages_that_take_places_at_the_same_moment_each_but_the_first_sees_another() {
    let (store, _) = store_and_client().await;
    let (store, key) = (&store, &mailbox("tea"));
    let taken = join_all((0..8).map(|number| async move {
        let taken = store.take_place(key, &place(number, &format!("customer {number}"))).await;
        taken.expect("taken").expect("free").0.places.len()
    }));
    let mut seen = taken.await;
    seen.sort_unstable();
    assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7, 8]);
    store.capacity().take();
    let place_again = |revision, second| Place { at: at(second), revision, ..place(3, "customer 3") };
    assert_eq!(store.take_place(key, &place_again(1, 99)).await.expect("asked"), None, "another worker has it");
    store.capacity().take();
    let next_attempt = place_again(2, 99);
    let (mailbox, lease) = store.take_place(key, &next_attempt).await.expect("asked").expect("of another attempt");
    assert_eq!(lease, Lease::New, "nobody can send the attempt before");
    assert_eq!(mailbox.places.len(), 8);
    assert!(mailbox.places.contains(&next_attempt), "the place counts from when it was taken last");
    assert_eq!(store.capacity().take(), Used { read: 0.0, write: 1.0 });
    let late = place_again(2, 220);
    let (_, lease) = store.take_place(key, &late).await.expect("asked").expect("the lease is over");
    assert_eq!(lease, Lease::TakenOver);
    store.give_up_place(key, &next_attempt).await.expect("asked");
    assert_eq!(store.mailbox(key).await.expect("read").places.len(), 8, "it is another worker's by now");
    store.remove_places(key, [&place(3, "x").message, &place(4, "x").message]).await.expect("removed");
    assert_eq!(store.mailbox(key).await.expect("read").places.len(), 6);
    store.forget_in_mailbox(key, &CustomerId::parse("customer 0").expect("an id")).await.expect("forgotten");
    assert_eq!(store.mailbox(key).await.expect("read").places.len(), 5);
}

#[tokio::test]
async fn an_entry_that_an_earlier_version_put_on_the_list_alone_counts_for_the_mailbox() {
    let (store, client) = store_and_client().await;
    let (shop, key) = (shop_named("tea"), mailbox("tea"));
    store.put_suppression(&shop, &entry(SuppressionCause::Manual)).await.expect("listed");
    // The earlier version noted nothing at the mailbox.
    let delete = client.delete_item().table_name(&store.tables().shops);
    let delete = delete.key("pk", AttributeValue::S("mailbox#tea#email#f1".to_owned()));
    delete.key("sk", AttributeValue::S("mailbox".to_owned())).send().await.expect("deleted");
    let listed = Some(Listed { cause: SuppressionCause::Manual, at: at(5), until: None });
    assert_eq!(store.mailbox(&key).await.expect("read").listed, listed);
    let (first, _) = store.take_place(&key, &place(0, "anna")).await.expect("asked").expect("free");
    assert_eq!(first.listed, listed, "before a first message goes out");
}

#[tokio::test]
async fn the_mailbox_and_the_shops_list_say_the_same() {
    let (store, _) = store_and_client().await;
    let (shop, key) = (shop_named("tea"), mailbox("tea"));
    store.put_suppression(&shop, &entry(SuppressionCause::Manual)).await.expect("listed");
    store.put_suppression(&shop, &entry(SuppressionCause::Complaint)).await.expect("listed");
    let listed = Some(Listed { cause: SuppressionCause::Complaint, at: at(5), until: None });
    assert_eq!(store.mailbox(&key).await.expect("read").listed, listed);
    store.note_in_mailbox(&key, &said(true, 4)).await.expect("noted");
    assert_eq!(store.mailbox(&key).await.expect("read").listed, listed, "a yes from before the complaint");
    store.note_in_mailbox(&key, &said(true, 6)).await.expect("noted");
    assert_eq!(store.mailbox(&key).await.expect("read").listed, None);
    assert_eq!(store.suppression(&shop, Channel::Email, "f1").await.expect("read"), None, "the list follows");
    store.put_suppression(&shop, &entry(SuppressionCause::Manual)).await.expect("listed");
    store.remove_suppression(&shop, Channel::Email, "f1").await.expect("removed");
    assert_eq!(store.mailbox(&key).await.expect("read").listed, None);
}
