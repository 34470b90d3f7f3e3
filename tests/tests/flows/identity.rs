//! Guests, devices, joined ids and ids that stand for nobody, through the whole engine.

use crate::stage::{Stage, key, order_at};
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::id::CustomerId;
use rekindle_lifecycle::identity::IdKind;
use rekindle_lifecycle::message::MessageState;
use rekindle_lifecycle::reason::Reason;
use rekindle_store::CustomerKey;
use serde_json::{Value, json};

/// An order of a guest, paid now.
fn guest_order(stage: &Stage, address: &str, order: &str) -> Value {
    let mut event = order_of(stage, None, address, order);
    event["anonymousId"] = json!(format!("browser of {address}"));
    event
}

/// An order with an address, under an id or none.
fn order_of(stage: &Stage, id: Option<&str>, address: &str, order: &str) -> Value {
    json!({
        "type": "track", "event": "Order Completed", "messageId": order, "userId": id,
        "timestamp": stage.now().to_string(),
        "properties": { "order_id": order, "total": 20, "currency": "EUR", "email": address },
    })
}

fn orders(customer: &Customer) -> Vec<String> {
    customer.folded.orders.recent().iter().map(|order| order.id.to_string()).collect()
}

async fn main_of(stage: &Stage, id: &str) -> Customer {
    stage.stack.store.main_customer(&key(id)).await.expect("a customer")
}

#[tokio::test]
pub(crate) async fn a_guest_who_orders_twice_is_one_customer_with_one_welcome_and_an_id_that_shows_no_address() {
    let mut stage = Stage::new().await;
    stage.take(&[guest_order(&stage, "Anna@example.com", "o1")]).await;
    stage.pass("2h").await;
    stage.take(&[guest_order(&stage, "anna@EXAMPLE.com", "o2")]).await;
    stage.pass("2d").await;
    let anna = stage.guest("anna@example.com");
    assert!(!anna.contains("anna"), "{anna}");
    assert_eq!(orders(&stage.customer(&anna).await), ["o1", "o2"]);
    assert_eq!(stage.sent(&anna).iter().filter(|step| *step == "welcome/thanks").count(), 1);
}

#[tokio::test]
async fn a_guest_and_the_customer_with_the_same_address_are_one_whichever_comes_first() {
    for guest_first in [true, false] {
        let mut stage = Stage::new().await;
        let as_guest = guest_order(&stage, "anna@example.com", "o1");
        let as_customer = order_of(&stage, Some("42"), "anna@example.com", "o2");
        let events = if guest_first { [as_guest, as_customer] } else { [as_customer, as_guest] };
        for event in &events {
            stage.take(std::slice::from_ref(event)).await;
            stage.settle().await;
        }
        let anna = stage.guest("anna@example.com");
        let joined = main_of(&stage, &anna).await;
        assert_eq!(joined.id.as_str(), "42", "guest first: {guest_first}");
        assert_eq!(orders(&joined).len(), 2);
        assert!(joined.decided.standing.members.contains(&CustomerId::parse(&anna).expect("an id")));
        stage.take(&events).await;
        stage.settle().await;
        assert_eq!(main_of(&stage, "42").await.folded, joined.folded, "a repetition changes nothing");
        // A guest's later order counts at once.
        stage.take(&[guest_order(&stage, "anna@example.com", "o3")]).await;
        stage.settle().await;
        assert_eq!(orders(&main_of(&stage, "42").await).len(), 3);
        stage.pass("1d").await;
        let mails = [stage.sent("42"), stage.sent(&anna)].concat();
        assert_eq!(mails.iter().filter(|step| *step == "welcome/thanks").count(), 1, "{mails:?}");
    }
}

#[tokio::test]
async fn a_step_that_a_guest_had_does_not_come_again_when_they_get_an_id_and_an_open_one_is_withdrawn() {
    let mut stage = Stage::new().await;
    stage.take(&[guest_order(&stage, "anna@example.com", "o1")]).await;
    stage.pass("2h").await;
    let anna = stage.guest("anna@example.com");
    assert_eq!(stage.sent(&anna), ["welcome/thanks"]);
    stage.take(&[order_of(&stage, Some("42"), "anna@example.com", "o2")]).await;
    stage.pass("90d").await;
    assert!(!stage.sent("42").contains(&"welcome/thanks".to_owned()), "{:?}", stage.sent("42"));
    assert!(!stage.sent("42").is_empty(), "the joined customer is written to under the shop's id");
    assert_eq!(stage.sent(&anna), ["welcome/thanks"], "and no more under the guest's");

    let created = stage.now();
    stage.take(&[guest_order(&stage, "bo@example.com", "b1")]).await;
    stage.settle().await;
    stage.skip("1h");
    let bo = stage.guest("bo@example.com");
    stage.advance(&bo).await;
    let open = stage.message(&bo, "thanks").await;
    assert!(open.created_at > created && open.state == MessageState::Queued);
    stage.take(&[order_of(&stage, Some("43"), "bo@example.com", "b2")]).await;
    let facts = stage.stack.store.facts_of(&key("43")).all().await.expect("facts");
    stage.stack.handlers.advance.advance_customer(&key("43"), &facts, false).await.expect("advanced");
    stage.settle().await;
    let open = stage.message(&bo, "thanks").await;
    assert_eq!((open.state, open.withdrawn), (MessageState::Cancelled, Some(Reason::Joined)));
}

#[tokio::test]
async fn a_refusal_of_one_half_holds_for_both_whichever_is_asked() {
    let mut stage = Stage::new().await;
    stage.take(&[guest_order(&stage, "anna@example.com", "o1")]).await;
    stage.pass("2h").await;
    let anna = stage.guest("anna@example.com");
    let link = stage.text_of(&anna, "welcome/thanks");
    stage.take(&[order_of(&stage, Some("42"), "anna@example.com", "o2")]).await;
    stage.settle().await;
    let url = link.split_whitespace().find(|word| word.contains("/u/")).expect("a link").to_owned();
    let (status, _) = stage.browse(&url, Some("")).await;
    assert_eq!(status, 200);
    let seen = stage.administer("GET", "/v1/customers/42", "").await;
    assert_eq!(seen["permissions"]["email"]["marketing"], false, "{seen}");
    let sent = stage.mailbox().len();
    stage.pass("120d").await;
    let further: Vec<_> = stage.mailbox()[sent..].iter().map(|mail| mail.content.subject.clone()).collect();
    assert_eq!(stage.sent("42"), Vec::<String>::new(), "{further:?}");
}

#[tokio::test]
async fn a_device_and_an_alias_are_joined_and_a_wrong_join_is_taken_apart() {
    let mut stage = Stage::new().await;
    let at = stage.now().to_string();
    let page = json!({ "type": "page", "anonymousId": "d1", "messageId": "p1", "timestamp": at });
    let login = json!({ "type": "identify", "userId": "42", "anonymousId": "d1", "messageId": "i1", "timestamp": at,
        "traits": { "email": "anna@example.com" } });
    stage.take(&[page, login, order_at("42", "o1", stage.now()), order_at("old", "o2", stage.now())]).await;
    stage.settle().await;
    let anna = stage.customer("42").await;
    assert!(anna.decided.standing.members.iter().any(|id| IdKind::from_id(id) == IdKind::Device));
    assert!(anna.folded.reactions.latest().is_some(), "the visit before the login counts");
    stage
        .take(&[json!({ "type": "alias", "userId": "42", "previousId": "old", "messageId": "a1", "timestamp": at })])
        .await;
    stage.settle().await;
    assert_eq!(orders(&main_of(&stage, "old").await).len(), 2);
    assert_eq!(main_of(&stage, "old").await.id.as_str(), "42");
    let timeline = stage.administer("GET", "/v1/customers/old/timeline", "").await.to_string();
    assert!(timeline.contains(r#""cause":"alias""#) && timeline.contains(r#""cause":"device""#), "{timeline}");

    stage.skip("1m");
    stage.administer("POST", "/v1/customers/42/part", r#"{"with":"old"}"#).await;
    stage.settle().await;
    assert_eq!(orders(&stage.customer("42").await), ["o1"]);
    assert_eq!(orders(&main_of(&stage, "old").await), ["o2"]);
    stage.skip("1m");
    stage.administer("POST", "/v1/customers/old/join", r#"{"with":"42"}"#).await;
    stage.settle().await;
    assert_eq!(orders(&main_of(&stage, "old").await).len(), 2);
}

#[tokio::test]
async fn erasing_a_customer_reaches_every_id_whichever_is_asked() {
    for asked_by_guest in [true, false] {
        let mut stage = Stage::new().await;
        stage.take(&[guest_order(&stage, "anna@example.com", "o1")]).await;
        stage.take(&[order_of(&stage, Some("42"), "anna@example.com", "o2")]).await;
        stage.settle().await;
        let anna = stage.guest("anna@example.com");
        let export = stage.administer("GET", "/v1/customers/42/export", "").await.to_string();
        assert!(export.contains("o1") && export.contains("o2"), "{export}");
        let asked = if asked_by_guest { anna.as_str() } else { "42" };
        stage.skip("1m");
        stage.administer("DELETE", &format!("/v1/customers/{asked}"), "").await;
        stage.settle().await;
        for id in [anna.as_str(), "42"] {
            let facts = stage.stack.store.facts_of(&key(id)).all().await.expect("facts");
            assert!(facts.is_empty(), "{id}: {facts:?}");
            assert_eq!(stage.customer(id).await.version, 0, "{id}");
        }
    }
}

#[tokio::test]
pub(crate) async fn strangers_behind_one_id_become_guests_and_what_was_counted_before_is_taken_apart() {
    let mut stage = Stage::new().await;
    for (number, name) in ["ada", "bo", "cy", "di"].into_iter().enumerate() {
        let address = format!("{name}@example.com");
        stage.take(&[order_of(&stage, Some("[object Object]"), &address, &format!("o{number}"))]).await;
        stage.settle().await;
    }
    let nobody = stage.customer("[object Object]").await;
    assert!(nobody.decided.standing.shared_since.is_some());
    assert!(orders(&nobody).is_empty() && nobody.folded.profile.email.is_none());
    for (number, name) in ["ada", "bo", "cy", "di"].into_iter().enumerate() {
        let person = main_of(&stage, &stage.guest(&format!("{name}@example.com"))).await;
        assert_eq!(IdKind::from_id(&person.id), IdKind::EmailGuest);
        assert_eq!(orders(&person), [format!("o{number}")], "{name}");
    }
    let seen = stage.administer("GET", "/v1/customers/[object%20Object]", "").await;
    assert!(seen["shared_since"].is_string(), "people see it: {seen}");
    stage.pass("30d").await;
    assert_eq!(stage.sent("[object Object]"), Vec::<String>::new());
}

#[tokio::test]
pub(crate) async fn one_person_who_changes_their_address_stays_one() {
    let mut stage = Stage::new().await;
    for (number, address) in
        ["a@old.example", "a@old.example", "a@new.example", "a@new.example"].into_iter().enumerate()
    {
        stage.take(&[order_of(&stage, Some("42"), address, &format!("o{number}"))]).await;
        stage.pass("20d").await;
    }
    assert_eq!(orders(&stage.customer("42").await).len(), 4);
    // An order as a guest, with either address, is theirs too.
    stage.take(&[guest_order(&stage, "a@old.example", "g1"), guest_order(&stage, "a@new.example", "g2")]).await;
    stage.settle().await;
    assert_eq!(orders(&stage.customer("42").await).len(), 6);
}

#[tokio::test]
async fn two_ids_of_the_shop_with_one_address_are_one_customer_where_the_policy_says_so() {
    for one_customer in [false, true] {
        let mut stage = Stage::new().await;
        let policy = format!("[experiment]\nholdout = 0.0\n[identity]\none_customer_per_address = {one_customer}\n");
        stage.stack.store.put_policy(&stage.stack.shop.id, &policy).await.expect("a valid policy");
        stage.pass("2m").await;
        stage.take(&[order_of(&stage, Some("7"), "anna@example.com", "o1")]).await;
        stage.take(&[order_of(&stage, Some("8"), "anna@example.com", "o2")]).await;
        stage.settle().await;
        let found = main_of(&stage, "8").await;
        assert_eq!((found.id.as_str(), orders(&found).len()), if one_customer { ("7", 2) } else { ("8", 1) });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn both_halves_advanced_at_once_end_in_one_customer_with_all_orders() {
    let stage = Stage::new().await;
    for round in 0..6 {
        let (address, id) = (format!("anna{round}@example.com"), format!("c{round}"));
        let anna = stage.guest(&address);
        stage
            .take(&[
                guest_order(&stage, &address, &format!("g{round}")),
                order_of(&stage, Some(&id), &address, &format!("o{round}")),
            ])
            .await;
        let mut both = Vec::new();
        for half in [anna.clone(), id.clone(), anna.clone(), id.clone()] {
            let advance = stage.stack.handlers.advance.clone();
            let half: CustomerKey = key(&half);
            let facts = stage.stack.store.facts_of(&half).all().await.expect("facts");
            both.push(tokio::spawn(async move { advance.advance_customer(&half, &facts, false).await }));
        }
        for advanced in futures::future::join_all(both).await {
            advanced.expect("no panic").expect("advanced");
        }
    }
    let mut stage = stage;
    stage.settle().await;
    for round in 0..6 {
        let joined = main_of(&stage, &stage.guest(&format!("anna{round}@example.com"))).await;
        assert_eq!((joined.id.to_string(), orders(&joined).len()), (format!("c{round}"), 2));
    }
}
