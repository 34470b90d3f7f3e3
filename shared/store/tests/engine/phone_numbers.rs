use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::id::{CustomerId, MessageId, ShopId};
use rekindle_store::sending::phone_numbers::{Text, TextKind};
use rekindle_store::{CustomerKey, Used};
use rekindle_testing::database::store_and_client;

fn customer(shop: &str, name: &str) -> CustomerKey {
    let (shop, customer) = (ShopId::parse(shop).expect("an id"), CustomerId::parse(name).expect("an id"));
    CustomerKey { shop, customer }
}

fn message(letter: &str) -> MessageId {
    MessageId::parse(&letter.repeat(26)).expect("an id")
}

fn hour(number: i64) -> Timestamp {
    "2026-01-01T00:00:00Z".parse::<Timestamp>().expect("an instant") + SignedDuration::from_hours(number)
}

#[tokio::test]
async fn the_latest_text_of_each_kind_is_known_whatever_the_order_in_which_they_were_noted() {
    let (store, _) = store_and_client().await;
    let anna = customer("vinyl", "anna#1");
    let note = |letter: &'static str, kind, at| {
        let (store, anna) = (store.clone(), anna.clone());
        async move { store.note_text("f1", &anna, &message(letter), kind, hour(at)).await.expect("noted") }
    };
    note("a", TextKind::Survey, 5).await;
    note("b", TextKind::Survey, 3).await;
    note("c", TextKind::Other, 4).await;
    note("a", TextKind::Survey, 5).await;
    let found = store.customers_of_number("f1").await.expect("read");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].customer, anna);
    assert_eq!(found[0].text(TextKind::Survey), Some(&Text { message: message("a"), at: hour(5) }));
    assert_eq!(found[0].text(TextKind::Confirmation), None);
    assert_eq!(found[0].latest().map(|text| text.at), Some(hour(5)));
    note("d", TextKind::Other, 6).await;
    let found = store.customers_of_number("f1").await.expect("read");
    assert_eq!(found[0].latest(), Some(&Text { message: message("d"), at: hour(6) }));
}

#[tokio::test]
async fn a_number_has_the_customers_of_every_shop_and_no_others() {
    let (store, _) = store_and_client().await;
    for (fingerprint, key) in
        [("f1", customer("vinyl", "anna")), ("f1", customer("tea", "7")), ("f2", customer("tea", "8"))]
    {
        store.note_text(fingerprint, &key, &message("a"), TextKind::Other, hour(1)).await.expect("noted");
    }
    assert!(store.claim_help_answer("f1", hour(2)).await.expect("claimed"));
    store.capacity().take();
    let found = store.customers_of_number("f1").await.expect("read");
    assert_eq!(store.capacity().take(), Used { read: 1.0, write: 0.0 });
    let found: Vec<_> = found.into_iter().map(|found| found.customer).collect();
    assert_eq!(found, [customer("tea", "7"), customer("vinyl", "anna")]);
    assert_eq!(store.customers_of_number("f3").await.expect("read"), []);
    store.forget_number("f1", &customer("tea", "7")).await.expect("forgotten");
    assert_eq!(store.customers_of_number("f1").await.expect("read").len(), 1);
}

#[tokio::test]
async fn of_several_who_ask_for_help_one_a_day_is_answered() {
    let (store, _) = store_and_client().await;
    let claims = futures::future::join_all((0..5).map(|_| store.claim_help_answer("f1", hour(0)))).await;
    assert_eq!(claims.into_iter().filter(|claim| *claim.as_ref().expect("answered")).count(), 1);
    assert!(!store.claim_help_answer("f1", hour(23)).await.expect("answered"));
    assert!(store.claim_help_answer("f2", hour(23)).await.expect("answered"));
    assert!(store.claim_help_answer("f1", hour(24)).await.expect("answered"));
}
