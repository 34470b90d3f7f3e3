use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::id::ShopId;
use rekindle_store::activity::quarantine::{MAX_BODY_LEN, Refused};
use rekindle_store::activity::refused_call::RefusedCall;
use rekindle_store::{Store, Tables};
use rekindle_testing::database::{store_and_client, store_answered_by};

#[tokio::test]
async fn a_refused_event_is_kept_once_with_its_reason_and_expires() {
    let (store, client) = store_and_client().await;
    let shop = ShopId::parse("vinyl").expect("an id");
    let received_at: Timestamp = "2026-11-22T10:00:00Z".parse().expect("an instant");
    let body = "ü".repeat(MAX_BODY_LEN);
    let refused = Refused::new(received_at, "userId", "must not be empty", &body);
    let refused = Refused { call: Some(RefusedCall::default()), ..refused };
    let later = Refused { received_at: received_at + SignedDuration::from_secs(7), ..refused.clone() };
    store.put_refused(&shop, &[refused.clone(), later.clone()]).await.expect("stored");
    store.put_refused(&shop, &[refused]).await.expect("stored again");

    let day = jiff::civil::date(2026, 11, 22);
    let (found, next) = store.refused_on(&shop, day, None).await.expect("listed");
    assert_eq!((found.len(), next), (1, None));
    assert_eq!((found[0].field.as_str(), found[0].body.len()), ("userId", MAX_BODY_LEN));
    assert!(found[0].call.as_ref().is_some_and(|call| call.incomplete), "it cannot be read again");
    assert!(!format!("{found:?}").contains('ü'));
    let items = client.scan().table_name(&store.tables().activity).send().await.expect("scanned").items.expect("items");
    let expected = received_at.as_second() + 90 * 86_400;
    let kept = items.iter().find(|item| item.contains_key("body")).expect("the event");
    assert_eq!(kept["expires_at"], AttributeValue::N(expected.to_string()));
}

/// The days on which a shop may have refused events, after a new process looked.
async fn days(client: &Client, now: Timestamp) -> Vec<String> {
    let store = Store::new(client.clone(), Tables::with_prefix("test"));
    let shop = ShopId::parse("vinyl").expect("an id");
    store.refused_days(&shop, now).await.expect("listed").iter().map(ToString::to_string).collect()
}

fn at(day: &str) -> Timestamp {
    format!("{day}T10:00:00Z").parse().expect("an instant")
}

#[tokio::test]
async fn only_days_with_refused_events_are_listed_once_a_search_has_looked_at_those_of_an_earlier_version() {
    let (store, client) = store_and_client().await;
    let shop = ShopId::parse("vinyl").expect("an id");
    let refused = |day: &str| Refused::new(at(day), "userId", "is missing", day);
    // An earlier version stores the event and no day.
    store.put_refused(&shop, &[refused("2026-09-20"), refused("2026-07-01")]).await.expect("stored");
    for day in ["2026-09-20", "2026-07-01"] {
        let delete = client.delete_item().table_name("test-activity");
        let delete = delete.key("pk", AttributeValue::S("vinyl!quarantine#days".to_owned()));
        delete.key("sk", AttributeValue::S(format!("day#{day}"))).send().await.expect("deleted");
    }
    let later = Store::new(client.clone(), Tables::with_prefix("test"));
    later.put_refused(&shop, &[refused("2026-10-02")]).await.expect("stored");
    let first = days(&client, at("2026-10-10")).await;
    assert_eq!(first, ["2026-09-20", "2026-10-02", "2026-10-10"], "those of the last 90 days, and today");
    // That version may still run for a while on that day and the next.
    let beside = ["2026-10-09", "2026-10-10", "2026-10-11"];
    assert_eq!(days(&client, at("2026-10-20")).await, [&["2026-09-20", "2026-10-02"], &beside[..]].concat());
    later.put_refused(&shop, &[refused("2026-10-25")]).await.expect("stored");
    assert_eq!(
        days(&client, at("2026-12-25")).await,
        ["2026-10-02", "2026-10-09", "2026-10-10", "2026-10-11", "2026-10-25"]
    );
    assert_eq!(days(&client, at("2027-01-20")).await, ["2026-10-25"]);
}

#[tokio::test]
async fn a_new_shop_has_no_days_to_look_at_but_those_of_its_beginning() {
    let (store, client) = store_and_client().await;
    let shop = ShopId::parse("vinyl").expect("an id");
    store.list_refused_days_from(&shop, at("2026-10-10")).await.expect("stored");
    store.capacity().take();
    assert_eq!(days(&client, at("2026-12-25")).await, ["2026-10-09", "2026-10-10", "2026-10-11"]);
    store.refused_days(&shop, at("2026-12-25")).await.expect("listed");
    assert_eq!(store.capacity().used().read, 1.0, "one query, strongly consistent");
}

#[tokio::test]
async fn a_day_is_listed_before_its_event_is_stored_so_a_stop_in_between_hides_nothing() {
    let order = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = std::sync::Arc::clone(&order);
    let store = store_answered_by(move |request| {
        let put = &request["RequestItems"]["test-activity"][0]["PutRequest"]["Item"]["sk"]["S"];
        seen.lock().expect("no panic").push(put.as_str().unwrap_or_default()[..4].to_owned());
        serde_json::json!({ "UnprocessedItems": {} })
    });
    let shop = ShopId::parse("vinyl").expect("an id");
    let refused = |body: &str| [Refused::new(at("2026-10-10"), "userId", "is missing", body)];
    store.put_refused(&shop, &refused("a")).await.expect("stored");
    store.put_refused(&shop, &refused("b")).await.expect("stored");
    assert_eq!(*order.lock().expect("no panic"), ["day#", "refu", "refu"], "the day once");
}

#[tokio::test]
async fn what_is_refused_again_has_its_new_reason_and_what_was_removed_does_not_come_back() {
    let (store, client) = store_and_client().await;
    let shop = ShopId::parse("vinyl").expect("an id");
    let call = RefusedCall { kind: Some("track".to_owned()), historical: true, ..RefusedCall::default() };
    let refused = Refused { call: Some(call), ..Refused::new(at("2026-10-10"), "userId", "is missing", "{}") };
    store.put_refused(&shop, std::slice::from_ref(&refused)).await.expect("stored");
    let day = refused.day();
    let (sk, found) = store.refused_items_on(&shop, day, None).await.expect("listed").0.remove(0);
    assert!(found == refused, "{found:?}");
    let now = Refused { code: Some("invalid".to_owned()), reason: "is odd".to_owned(), ..refused.clone() };
    store.refuse_again(&shop, &sk, &now).await.expect("stored");
    let digest = rekindle_store::keys::refused_digest(&sk).expect("a digest").to_owned();
    let read = store.refused_event(&shop, day, &digest).await.expect("read").expect("there");
    assert!(read == now, "{read:?}");
    store.remove_refused(&shop, day, std::slice::from_ref(&sk)).await.expect("removed");
    store.refuse_again(&shop, &sk, &now).await.expect("nothing is stored");
    assert!(store.refused_on(&shop, day, None).await.expect("listed").0.is_empty());
    // Another way in which the same body comes is another event.
    let live = Refused { call: Some(RefusedCall::default()), ..refused.clone() };
    let again = Refused {
        call: refused.call.clone().map(|call| RefusedCall { sent_at: Some(at("2026-10-10")), ..call }),
        ..refused.clone()
    };
    store.put_refused(&shop, &[refused, live, again]).await.expect("stored");
    assert_eq!(store.refused_on(&shop, day, None).await.expect("listed").0.len(), 2);
    let scanned = client.scan().table_name("test-activity").send().await.expect("scanned");
    assert!(scanned.items().iter().any(|item| item["sk"] == AttributeValue::S("day#2026-10-10".to_owned())));
}
