use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use rekindle_lifecycle::id::{CustomerId, MessageId, OrderId};
use rekindle_lifecycle::short_code;
use rekindle_store::CustomerKey;
use rekindle_store::offers::coupons::{Coupon, Redeemed, Redemption};
use rekindle_testing::builders::shop_named;
use rekindle_testing::database::store_and_client;
use std::collections::BTreeSet;

fn coupon(customer: &str, code: &str) -> Coupon {
    let customer = CustomerId::parse(customer).expect("an id");
    let message = MessageId::derive(&shop_named("tea"), &customer, "winback", "1", "offer", "email");
    let issued_at: Timestamp = "2026-03-02T10:00:00Z".parse().expect("an instant");
    let expires_at = "2026-04-02T10:00:00Z".parse().expect("an instant");
    Coupon { code: code.to_owned(), customer, message, percent: 15, issued_at, expires_at }
}

fn key(customer: &str) -> CustomerKey {
    CustomerKey { shop: shop_named("tea"), customer: CustomerId::parse(customer).expect("an id") }
}

#[tokio::test]
async fn a_code_is_issued_once_and_only_to_its_own_message() {
    let (store, _) = store_and_client().await;
    let tea = shop_named("tea");
    let issued = coupon("anna", "BACK-22222222");
    for _ in 0..2 {
        assert!(store.issue_coupon(&tea, &issued).await.expect("issued"));
    }
    assert!(!store.issue_coupon(&tea, &coupon("bela", "BACK-22222222")).await.expect("an answer"));
    assert_eq!(store.coupon(&tea, "BACK-22222222").await.expect("read"), Some((issued, None)));
    assert_eq!(store.coupon(&shop_named("other"), "BACK-22222222").await.expect("read"), None, "another shop's");
}

#[tokio::test]
async fn of_two_orders_the_first_keeps_the_coupon() {
    let (store, _) = store_and_client().await;
    store.issue_coupon(&shop_named("tea"), &coupon("anna", "A")).await.expect("issued");
    let at: Timestamp = "2026-03-03T10:00:00Z".parse().expect("an instant");
    let order = |id: &str| OrderId::parse(id).expect("an id");
    for (customer, code, id, expected) in [
        ("anna", "B", "o1", Redeemed::NoSuchCoupon),
        ("anna", "A", "o1", Redeemed::ByThisOrder),
        ("anna", "A", "o1", Redeemed::ByThisOrder),
        ("bela", "A", "o2", Redeemed::ByAnother),
    ] {
        let redeemed = store.redeem_coupon(&key(customer), code, &order(id), at).await.expect("an answer");
        assert_eq!(redeemed, expected, "{customer} {code} {id}");
    }
    let (_, used) = store.coupon(&shop_named("tea"), "A").await.expect("read").expect("a coupon");
    assert_eq!(used, Some(Redemption { order: "o1".to_owned(), customer: "anna".to_owned(), at }));
}

#[tokio::test]
async fn a_pool_gives_every_code_once_however_many_ask_at_once_and_again() {
    let (store, _) = store_and_client().await;
    let tea = shop_named("tea");
    let codes: Vec<String> = (0..30).map(|n| format!("SPRING{n}")).collect();
    let twice = [codes.clone(), codes.clone()].concat();
    store.add_to_pool(&tea, "spring", &twice).await.expect("a code that is listed twice is one code");
    let ask = |n: usize| {
        let (store, tea) = (store.clone(), tea.clone());
        async move { store.issue_from_pool(&tea, "spring", coupon(&format!("c{n}"), "")).await.expect("an answer") }
    };
    // Every customer requests a code twice, concurrently.
    let asked = futures::future::join_all((0..20).chain(0..20).map(ask)).await;
    let mut given: Vec<String> = asked.into_iter().map(|coupon| coupon.expect("enough codes").code).collect();
    assert_eq!(given[..20], given[20..], "the same message has the same code");
    given.truncate(20);
    assert_eq!(given.iter().collect::<BTreeSet<_>>().len(), 20);
    assert_eq!(store.pool_size(&tea, "spring").await.expect("counted"), 10);

    // An issued code is uploaded again and is not issued a second time.
    store.add_to_pool(&tea, "spring", &codes).await.expect("added");
    let more = futures::future::join_all((20..30).map(ask)).await;
    given.extend(more.into_iter().flatten().map(|coupon| coupon.code));
    assert_eq!(given.iter().collect::<BTreeSet<_>>().len(), given.len());
}

#[tokio::test]
async fn an_empty_pool_says_so() {
    let (store, _) = store_and_client().await;
    assert_eq!(store.issue_from_pool(&shop_named("tea"), "none", coupon("anna", "")).await.expect("an answer"), None);
}

#[tokio::test]
async fn a_coupon_is_found_and_used_however_its_code_is_typed() {
    let (store, client) = store_and_client().await;
    let tea = shop_named("tea");
    let at: Timestamp = "2026-03-03T10:00:00Z".parse().expect("an instant");
    let order = |id: &str| OrderId::parse(id).expect("an id");
    for code in [format!("BACK-{}", short_code::encode(77)), "Spring_24.x".to_owned()] {
        store.issue_coupon(&tea, &coupon("anna", &code)).await.expect("issued");
        let typed =
            [code.to_lowercase(), code.replace(['-', '_', '.'], " "), code.replace('-', "\u{2011}"), code.clone()];
        for typed in &typed {
            let (found, _) = store.coupon(&tea, typed).await.expect("read").expect("found");
            assert_eq!(found.code, code, "{typed}");
        }
        for (typed, id, expected) in [
            (&typed[0], "o1", Redeemed::ByThisOrder),
            (&typed[1], "o1", Redeemed::ByThisOrder),
            (&typed[2], "o2", Redeemed::ByAnother),
        ] {
            assert_eq!(store.redeem_coupon(&key("anna"), typed, &order(id), at).await.expect("an answer"), expected);
        }
    }
    // An earlier version stored a coupon under its code as it is.
    let old = coupon("anna", "summer-24");
    let put = client.put_item().table_name(&store.tables().shops);
    let put = put.item("pk", AttributeValue::S("coupon#tea#summer-24".to_owned()));
    let put = put.item("sk", AttributeValue::S("coupon".to_owned()));
    let json = serde_json::to_string(&old).expect("JSON");
    put.item("coupon", AttributeValue::S(json)).send().await.expect("stored");
    assert_eq!(store.coupon(&tea, "summer-24").await.expect("read"), Some((old.clone(), None)));
    assert!(!store.issue_coupon(&tea, &coupon("bela", "summer-24")).await.expect("an answer"), "not a second time");
}
