//! Mails go out at the rate that SES takes, and no faster.

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
use rekindle_tests::patience::wait_while_it_advances;
use send::Sender;
use serde_json::json;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Every new customer is thanked at once, at any hour.
const THANKS_AT_ONCE: &str = include_str!("../../policies/at_once.toml");

/// Mails a second that SES accepts.
const MAILS_A_SECOND: usize = 20;
const MAILS: usize = 80;

/// Takes batches from the queue, as Lambda does, until all mails have left.
async fn work(stack: Arc<Stack>) {
    let sender = Sender {
        // Each worker has its own cache.
        store: Store::new(stack.dynamodb().clone(), stack.store.tables().clone()),
        ..stack.handlers.send.clone()
    };
    while mails(&stack) < MAILS {
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

fn mails(stack: &Stack) -> usize {
    stack.cloud.mailbox().count().expect("a count").email.try_into().expect("few")
}

#[tokio::test(flavor = "multi_thread")]
async fn four_workers_together_send_twenty_mails_a_second_at_most_and_each_mail_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = Arc::new(DataDir::take(folder.path()).expect("a free directory"));
    let mut stack =
        Stack::start(data, StackTime::Real, Durability::Relaxed, "https://x.example").await.expect("a stack");
    stack.handlers.send.rate_caps.set(Channel::Email, Some(20.0));
    let stack = Arc::new(stack);
    stack.store.put_policy(&stack.shop.id, THANKS_AT_ONCE).await.expect("a valid policy");
    for number in 0..MAILS {
        let (name, now) = (format!("c{number}"), stack.time.now());
        let traits = Traits { email: EmailAddress::parse(&format!("{name}@example.com")).ok(), ..Traits::default() };
        let fact = Fact { traits, ..fact_of_order(&name, now) };
        stack.store.put_facts(&[(key(&name), fact.clone())]).await.expect("stored");
        stack.handlers.advance.advance_customer(&key(&name), &[fact], false).await.expect("advanced");
        let customer = stack.store.customer(&key(&name)).await.expect("a customer");
        assert_eq!(customer.decided.contacts.len(), 1, "a message was created");
    }
    stack.cloud.faults().limit_mails(MAILS_A_SECOND);
    let account = SendingLimit { channel: Channel::Email, shop: None };
    stack.store.note_allowed_rate(&account, 1_000.0, stack.time.now()).await.expect("noted");
    let began = stack.time.now();
    let workers: Vec<_> = (0..4).map(|_| tokio::spawn(work(Arc::clone(&stack)))).collect();
    let watched = Arc::clone(&stack);
    let watching = tokio::task::spawn_blocking(move || {
        wait_while_it_advances("the mails leave", || match mails(&watched) {
            MAILS => ControlFlow::Break(()),
            so_far => ControlFlow::Continue(so_far),
        });
    });
    watching.await.expect("all mails leave");
    for worker in workers {
        worker.await.expect("no panic");
    }
    let filter = rekindle_emulators::MailboxFilter::default();
    let mails = stack.cloud.mailbox().load(&filter, rekindle_emulators::Page::Newest, u32::MAX).expect("the mailbox");
    let ids: BTreeSet<_> = mails.iter().filter_map(|mail| mail.content.request.tag("message")).collect();
    assert_eq!((mails.len(), ids.len()), (MAILS, MAILS), "each once");
    // On a busy machine sends are late, so that two mails may arrive closer together than their slots, and SES may
    // refuse one; but no mail arrives before its own slot. That none is refused where time is exact is tested in
    // `many_senders`.
    let mut sent_at: Vec<_> = mails.iter().map(|mail| mail.sent_at).collect();
    sent_at.sort_unstable();
    for (number, at) in sent_at.iter().enumerate() {
        let after = at.duration_since(began).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "some dozens")]
        let earliest = number as f64 / MAILS_A_SECOND as f64;
        // The mailbox counts in milliseconds.
        assert!(after >= earliest - 0.002, "mail {number} after {after:.3} seconds");
    }
    let refused = stack.cloud.faults().refused_as_too_fast();
    println!("{MAILS} mails in {:.1} s, {refused} refused", stack.time.now().duration_since(began).as_secs_f64());
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_that_are_not_sent_in_time_are_retried_later_and_are_no_dead_letters() {
    let mut stage = Stage::with(|stack| stack.handlers.send.rate_caps.set(Channel::Email, Some(1.0))).await;
    let orders: Vec<_> = (0..70).map(|n| order_at(&format!("c{n}"), &format!("o{n}"), stage.now())).collect();
    stage.take(&orders).await;
    stage.pass("1h").await;
    let first = stage.mailbox().len();
    assert!((19..=21).contains(&first), "twenty seconds of mails: {first}");
    let waiting = stage.stack.cloud.queues().depth(SEND_QUEUE).expect("a queue");
    assert_eq!((waiting.delayed, waiting.in_flight), (70 - first as u64, 0), "{waiting:?}");
    for n in 0..70 {
        let message = stage.message(&format!("c{n}"), "thanks").await;
        assert!(message.attempts == u32::from(message.state != MessageState::Queued), "waiting means no attempt");
    }
    stage.pass("2m").await;
    assert_eq!(stage.mailbox().len(), 70, "seventy seconds are enough for all");
    for n in 0..70 {
        assert_eq!(stage.sent(&format!("c{n}")), ["welcome/thanks"]);
    }
    let dead = stage.stack.cloud.queues().depth(&format!("{SEND_QUEUE}-dead")).expect("a queue");
    assert_eq!(dead.visible + dead.in_flight, 0);
    // They were requested once, before the rate that SES allows was known.
    stage.pass("1h").await;
    assert!(stage.stack.cloud.queues().is_empty(SEND_QUEUE).expect("a queue"));
}
