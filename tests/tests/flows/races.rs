//! Two of everything at the same time: one wins, the other checks again, and nothing happens twice.

use crate::stage::{Stage, key, order_at};
use rekindle_lifecycle::decide::Entry;
use rekindle_lifecycle::message::MessageState;
use rekindle_lifecycle::stage::Stage as Lifecycle;
use rekindle_local_stack::ADVANCE_QUEUE;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_senders_at_once_send_one_mail() {
    let stage = Stage::new().await;
    for round in 0..12 {
        let customer = format!("anna{round}");
        let order = order_at(&customer, &customer, stage.now());
        stage.take(&[order]).await;
        let facts = stage.stack.store.facts_of(&key(&customer)).all().await.expect("facts");
        stage.stack.handlers.advance.advance_customer(&key(&customer), &facts, false).await.expect("advanced");
    }
    stage.skip("1h");
    for round in 0..12 {
        let customer = format!("anna{round}");
        stage.advance(&customer).await;
        let id = stage.message(&customer, "thanks").await.id;
        let senders = (0..4).map(|_| {
            let (sender, key, id) = (stage.stack.handlers.send.clone(), key(&customer), id.clone());
            tokio::spawn(async move { sender.process_message(&key, &id).await })
        });
        for sent in futures::future::join_all(senders).await {
            sent.expect("no panic").expect("processed");
        }
        assert_eq!(stage.sent(&customer), ["welcome/thanks"], "{customer}");
        let message = stage.message(&customer, "thanks").await;
        assert_eq!((message.state, message.attempts), (MessageState::Accepted, 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_advances_of_one_customer_at_once_fold_every_fact_and_create_every_message_once() {
    let stage = Stage::new().await;
    for round in 0..8 {
        let customer = format!("anna{round}");
        let orders: Vec<_> = (0..5).map(|n| order_at(&customer, &format!("{customer}-{n}"), stage.now())).collect();
        stage.take(&orders).await;
        let facts = stage.stack.store.facts_of(&key(&customer)).all().await.expect("facts");
        let each = facts.iter().map(|fact| {
            let (advance, key, fact) = (stage.stack.handlers.advance.clone(), key(&customer), fact.clone());
            tokio::spawn(async move { advance.advance_customer(&key, &[fact], false).await })
        });
        for advanced in futures::future::join_all(each).await {
            advanced.expect("no panic").expect("advanced");
        }
        assert_eq!(stage.customer(&customer).await.folded.orders.recent().len(), 5, "{customer}");
    }
    stage.skip("1h");
    for round in 0..8 {
        let customer = format!("anna{round}");
        let both = (0..3).map(|_| {
            let (advance, key) = (stage.stack.handlers.advance.clone(), key(&customer));
            tokio::spawn(async move { advance.advance_customer(&key, &[], false).await })
        });
        for advanced in futures::future::join_all(both).await {
            advanced.expect("no panic").expect("advanced");
        }
        assert_eq!(stage.messages(&customer).await.len(), 1, "{customer}");
        let created = stage.entries(&customer).await.into_iter().filter(|entry| matches!(entry, Entry::Created { .. }));
        assert_eq!(created.count(), 1, "{customer}: it was decided once");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_concurrent_sweeps_queue_customers_twice_and_send_each_mail_once() {
    let mut stage = Stage::new().await;
    let names: Vec<String> = (0..30).map(|number| format!("c{number}")).collect();
    let orders: Vec<_> = names.iter().map(|name| order_at(name, name, stage.now())).collect();
    stage.take(&orders).await;
    stage.settle().await;
    stage.skip("1h");
    let sweep = stage.stack.handlers.sweep.clone();
    let (one, other) = tokio::join!(sweep::handle(&sweep), sweep::handle(&sweep));
    assert_eq!((one.expect("swept").due, other.expect("swept").due), (30, 30));
    assert_eq!(stage.stack.cloud.queues().depth(ADVANCE_QUEUE).expect("a queue").visible, 60);
    stage.pass("1h").await;
    assert_eq!(stage.mailbox().len(), 30);
    for name in &names {
        assert_eq!(stage.sent(name), ["welcome/thanks"]);
    }
    assert_eq!(sweep::handle(&sweep).await.expect("swept").due, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sweep_never_cuts_a_page_at_its_limit() {
    let mut stage = Stage::new().await;
    let orders: Vec<_> = (0..60).map(|n| order_at(&format!("c{n}"), &format!("o{n}"), stage.now())).collect();
    stage.take(&orders).await;
    stage.settle().await;
    stage.skip("1h");
    let mut sweep = stage.stack.handlers.sweep.clone();
    sweep.limit_per_shard = 0;
    let swept = sweep::handle(&sweep).await.expect("swept");
    assert_eq!((swept.due, swept.lag_seconds), (60, 0), "a page is never cut");
    stage.settle().await;
    assert_eq!(stage.mailbox().len(), 60);
    assert_eq!(stage.customer("c7").await.stage, Lifecycle::New);
}
