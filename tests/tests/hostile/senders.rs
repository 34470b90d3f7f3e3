//! Shops of one stack send from one SES account, in which the addresses of all of them are verified. None sends in another's name.

use crate::stage::{Shop, Stage, order};
use rekindle_emulators::{MailboxFilter, Page};
use rekindle_store::shop::senders::Sender;
use serde_json::{Value, json};

fn sender(text: &str) -> Sender {
    Sender::parse(text).expect("a sender")
}

/// Sets the address that the shop's mail comes from; the answer's status and what it tells.
async fn set_sender(stage: &Stage, shop: &Shop, address: &str) -> (u16, Value) {
    let mut brand = stage.call("GET", "/v1/brand", &shop.admin, "").await.json();
    brand["sender_address"] = json!(address);
    let answer = stage.call("PUT", "/v1/brand", &shop.admin, brand.to_string()).await;
    (answer.status, if answer.status == 200 { Value::Null } else { answer.json() })
}

/// Lets a new customer order, and waits until the customer would have been thanked. Returns from where all mails came.
async fn senders_of_all_mails(stage: &mut Stage, shop: &Shop, customer: &str) -> Vec<String> {
    let mut first = order(customer, &format!("order-of-{customer}"), stage.now());
    first["context"] = json!({ "traits": { "email": format!("{customer}@x.example") } });
    stage.take(shop, &[first]).await;
    stage.pass(2).await;
    let mails = stage.stack.cloud.mailbox().load(&MailboxFilter::default(), Page::Newest, 10).expect("the mailbox");
    mails.iter().map(|mail| mail.content.request.from.clone().unwrap_or_default()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_cannot_send_from_the_address_of_another_shop() {
    let mut stage = Stage::new().await;
    let (own, _other) = (stage.shop("quartz", "Quartz").await, stage.shop("opal", "Opal").await);
    for foreign in
        ["hello@opal.example", "Hello@OPAL.example", "hello@quartz.example.opal.example", "hello@x.quartz.example"]
    {
        let (status, told) = set_sender(&stage, &own, foreign).await;
        assert_eq!(status, 422, "{foreign}: {told}");
        let detail = told["detail"].as_str().unwrap_or_default();
        assert!(detail.starts_with("sender_address: ") && detail.contains("granted are @quartz.example"), "{detail}");
        assert!(detail.contains("rekindle shop grant-sender quartz "), "{detail}");
    }
    assert_eq!(set_sender(&stage, &own, "anna@quartz.example").await.0, 200);
    let senders = senders_of_all_mails(&mut stage, &own, "anna").await;
    assert!(senders.len() == 1 && senders[0].contains("anna@quartz.example"), "{senders:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_from_an_address_that_is_not_granted_any_more_waits_until_it_is() {
    let mut stage = Stage::new().await;
    let own = stage.shop("quartz", "Quartz").await;
    stage.stack.store.revoke_sender(&own.id, &sender("@quartz.example")).await.expect("revoked");
    assert!(senders_of_all_mails(&mut stage, &own, "anna").await.is_empty());
    assert_eq!(set_sender(&stage, &own, "hello@quartz.example").await.0, 422, "not even the same again");
    stage.stack.store.grant_sender(&own.id, &sender("hello@quartz.example")).await.expect("granted");
    stage.pass(2).await;
    assert_eq!(senders_of_all_mails(&mut stage, &own, "bela").await.len(), 2, "the one that waited, and the next one");
}
