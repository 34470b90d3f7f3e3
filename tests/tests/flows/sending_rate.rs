//! Mails go out as fast as SES takes them, and no faster.

use crate::fold::fact_of_order;
use crate::stage::{Stage, key, order_at};
use aws_lambda_events::event::sqs::SqsEvent;
use rekindle_emulators::Durability;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::facts::{Fact, Traits};
use rekindle_lifecycle::message::MessageState;
use rekindle_local_stack::{DataDir, SEND_QUEUE, Stack, StackTime};
use rekindle_store::Store;
use rekindle_store::sending::rate::SendingLimit;
use send::Sender;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Everybody is written to at once, at any hour.
const AT_ONCE: &str = include_str!("../../policies/at_once.toml");

/// Takes batches from the queue as Lambda does, until somebody says that it is enough.
async fn work(stack: Arc<Stack>, enough: usize) {
    let sender = Sender {
        // A worker has a memory of its own.
        store: Store::new(stack.dynamodb().clone(), stack.store.tables().clone()),
        ..stack.handlers.send.clone()
    };
    // It takes four seconds of a machine that has nothing else to do.
    let deadline = Instant::now() + Duration::from_secs(600);
    while stack.cloud.mailbox().count().expect("a count").email < enough as u64 {
        assert!(Instant::now() < deadline, "the mails do not go out");
        let batch = stack.cloud.queues().receive(SEND_QUEUE, 10).expect("the queue");
        if batch.is_empty() {
            tokio::task::yield_now().await;
            continue;
        }
        let records = batch.iter().map(|message| json!({ "messageId": message.message_id, "body": message.body }));
        let event = json!({ "Records": records.collect::<Vec<_>>() });
        let event: SqsEvent = serde_json::from_value(event).expect("an event");
        let failed = send::handle(&sender, event).await.batch_item_failures;
        assert!(failed.is_empty(), "{failed:?}");
        stack.cloud.queues().delete(SEND_QUEUE, batch.iter().map(|message| message.receipt.as_str())).expect("deleted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn four_workers_send_eighty_mails_through_an_ses_that_refuses_more_than_twenty_a_second_and_none_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = Arc::new(DataDir::take(folder.path()).expect("a free directory"));
    let mut stack =
        Stack::start(data, StackTime::Real, Durability::Relaxed, "https://x.example").await.expect("a stack");
    stack.handlers.send.rate_caps.emails_per_second = Some(20.0);
    let stack = Arc::new(stack);
    stack.store.put_policy(&stack.shop.id, AT_ONCE).await.expect("a valid policy");
    for number in 0..80 {
        let (name, now) = (format!("c{number}"), stack.time.now());
        let traits = Traits { email: EmailAddress::parse(&format!("{name}@example.com")).ok(), ..Traits::default() };
        let fact = Fact { traits, ..fact_of_order(&name, now) };
        stack.store.put_facts(&[(key(&name), fact.clone())]).await.expect("stored");
        stack.handlers.advance.advance_customer(&key(&name), &[fact], false).await.expect("advanced");
        let customer = stack.store.customer(&key(&name)).await.expect("a customer");
        assert_eq!(customer.decided.contacts.len(), 1, "a message was created");
    }
    stack.cloud.faults().limit_mails(20);
    let account = SendingLimit { channel: Channel::Email, shop: None };
    stack.store.note_allowed_rate(&account, 1_000.0, stack.time.now()).await.expect("noted");
    let began = Instant::now();
    let workers = (0..4).map(|_| tokio::spawn(work(Arc::clone(&stack), 80)));
    for worker in futures::future::join_all(workers).await {
        worker.expect("no panic");
    }
    let took = began.elapsed().as_secs_f64();
    println!("80 mails in {took:.1} s");
    assert_eq!(stack.cloud.faults().refused_as_too_fast(), 0);
    // At 19.6 a second the last one goes out after 4.03 seconds.
    assert!(took >= 4.0, "{took} seconds");
    let filter = rekindle_emulators::MailboxFilter::default();
    let mails = stack.cloud.mailbox().load(&filter, rekindle_emulators::Page::Newest, u32::MAX).expect("the mailbox");
    let ids: BTreeSet<_> = mails.iter().filter_map(|mail| mail.content.request.tag("message")).collect();
    assert_eq!((mails.len(), ids.len()), (80, 80), "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_go_out_in_time_comes_again_later_and_is_no_dead_letter() {
    let mut stage = Stage::with(|stack| stack.handlers.send.rate_caps.emails_per_second = Some(1.0)).await;
    let orders: Vec<_> = (0..70).map(|n| order_at(&format!("c{n}"), &format!("o{n}"), stage.now())).collect();
    stage.take(&orders).await;
    stage.pass("1h").await;
    let first = stage.mailbox().len();
    assert!((19..=21).contains(&first), "twenty seconds of mails: {first}");
    let waiting = stage.stack.cloud.queues().depth(SEND_QUEUE).expect("a queue");
    assert_eq!((waiting.delayed, waiting.in_flight), (70 - first as u64, 0), "{waiting:?}");
    for n in 0..70 {
        let message = stage.message(&format!("c{n}"), "thanks").await;
        assert!(message.attempts == u32::from(message.state != MessageState::Queued), "who waits was not tried");
    }
    stage.pass("2m").await;
    assert_eq!(stage.mailbox().len(), 70, "seventy seconds are enough for all");
    for n in 0..70 {
        assert_eq!(stage.sent(&format!("c{n}")), ["welcome/thanks"]);
    }
    let dead = stage.stack.cloud.queues().depth(&format!("{SEND_QUEUE}-dead")).expect("a queue");
    assert_eq!(dead.visible + dead.in_flight, 0);
    // They were asked for once, when nobody knew what SES allows.
    stage.pass("1h").await;
    assert!(stage.stack.cloud.queues().is_empty(SEND_QUEUE).expect("a queue"));
}
