use jiff::Timestamp;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::Entry;
use rekindle_lifecycle::facts::{Event, Fact, OtherEvent, Traits};
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_lifecycle::stage::Stage;
use rekindle_store::CustomerKey;
use rekindle_store::activity::timeline::Happening;
use rekindle_testing::database::store_and_client;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).expect("an instant")
}

#[tokio::test]
async fn a_timeline_is_newest_first_over_all_families_and_says_when_it_is_cut() {
    let (store, _) = store_and_client().await;
    let shop = ShopId::parse("vinyl").expect("an id");
    let key = CustomerKey { shop: shop.clone(), customer: CustomerId::parse("anna").expect("an id") };
    let fact = |second: i64| {
        let event = Event::Other(OtherEvent::named(format!("event {second}")));
        (key.clone(), Fact { at: at(second), id: second.to_string(), event, traits: Traits::default() })
    };
    let facts: Vec<_> = [30, 10, 20, 40].map(fact).into();
    store.put_facts(&facts).await.expect("stored");
    let because = "for the test".to_owned();
    let moved = Entry::Transition { from: Stage::Prospect, to: Stage::New, at: at(20), because };
    let customer = Customer::new(shop, key.customer.clone());
    store.commit(&customer, &[], &[moved], at(20)).await.expect("committed");

    let all = store.timeline(&key, 10).await.expect("read");
    let times: Vec<_> = all.happenings.iter().map(|one| one.at().as_second() - 1_800_000_000).collect();
    assert_eq!((times, all.more), (vec![40, 30, 20, 20, 10], false));
    assert!(matches!(all.happenings[2], Happening::Decision { .. }), "what follows from a fact comes after it");

    let cut = store.timeline(&key, 2).await.expect("read");
    assert_eq!((cut.happenings.as_slice(), cut.more), (&all.happenings[..2], true));
    let exact = store.timeline(&key, 5).await.expect("read");
    assert!(!exact.more);
}
