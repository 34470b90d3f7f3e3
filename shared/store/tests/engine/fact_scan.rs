use futures::StreamExt;
use jiff::Timestamp;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::facts::{Event, Fact, Traits};
use rekindle_store::Store;
use rekindle_testing::builders::{customer_of, shop_named};
use rekindle_testing::database::store_and_client;

async fn found(store: &Store, shop: Option<&str>) -> Vec<String> {
    let shop = shop.map(shop_named);
    let pages: Vec<_> = store.customers_with_facts(shop.as_ref()).collect().await;
    let mut found: Vec<_> = pages.into_iter().flat_map(|page| page.expect("read")).map(|key| key.pk()).collect();
    found.sort();
    found
}

#[tokio::test]
async fn every_customer_with_facts_is_found_once_and_no_other() {
    let (store, _) = store_and_client().await;
    let (mut expected, mut facts) = (Vec::new(), Vec::new());
    for (shop, customers) in [("tea", 60), ("tea-2", 30)] {
        for customer in 0..customers {
            let key = customer_of(shop, &format!("c{customer}"));
            expected.push(key.pk());
            for number in 0..=customer % 7 {
                let at = Timestamp::from_second(1_000 + number).expect("an instant");
                let fact = Fact { at, id: number.to_string(), event: Event::Identified, traits: Traits::default() };
                facts.push((key.clone(), fact));
            }
        }
    }
    // More data than one page of a scan holds.
    let long = "x".repeat(300_000);
    for number in 0..12 {
        let at = Timestamp::from_second(number).expect("an instant");
        let traits = Traits { first_name: Some(long.clone()), ..Traits::default() };
        let fact = Fact { at, id: number.to_string(), event: Event::Identified, traits };
        facts.push((customer_of("tea", "c1"), fact));
    }
    store.put_facts(&facts).await.expect("stored");
    // A customer with an item and without facts.
    let known = customer_of("tea", "known");
    let customer = Customer::new(known.shop, known.customer);
    store.commit(&customer, &[], &[], Timestamp::UNIX_EPOCH).await.expect("written");
    expected.sort();
    assert_eq!(found(&store, None).await, expected);
    let tea: Vec<_> = expected.into_iter().filter(|pk| pk.starts_with("tea#")).collect();
    assert_eq!(found(&store, Some("tea")).await, tea);
    assert_eq!(found(&store, Some("te")).await, Vec::<String>::new());
}
