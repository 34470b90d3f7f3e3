//! What a message costs, from the order that causes it to its delivery.

use crate::days;
use crate::shop::{Shop, order};
use aws_lambda_events::event::sqs::SqsEvent;
use jiff::SignedDuration;
use rekindle_lifecycle::id::MessageId;
use rekindle_lifecycle::message::{AttemptOutcome, Message, MessageState};
use rekindle_local_stack::FEEDBACK_QUEUE;
use rekindle_store::{CustomerKey, Guarded, Used};
use send::Progress;
use serde_json::json;
use std::fmt::Write;

const ANNA: &str = "7301544870041";

/// What each step took, in the order of the steps.
#[derive(Default)]
struct Bill(Vec<(&'static str, Used)>);

impl Bill {
    fn add(&mut self, step: &'static str, used: Used) -> Used {
        self.0.push((step, used));
        used
    }

    fn table(&self) -> String {
        let mut table = format!("{:<62} {:>6} {:>6}\n", "step", "reads", "writes");
        for (step, used) in &self.0 {
            let _ = writeln!(table, "{step:<62} {:>6.1} {:>6.1}", used.read, used.write);
        }
        table
    }
}

fn sum(parts: &[Used]) -> Used {
    Used { read: parts.iter().map(|used| used.read).sum(), write: parts.iter().map(|used| used.write).sum() }
}

/// The message that an advance at this instant creates, and what the advance took.
async fn create(shop: &Shop, customer: &CustomerKey) -> (MessageId, Used) {
    let contacts = async || shop.customer(customer).await.decided.contacts.into_iter().map(|contact| contact.message);
    let known: Vec<MessageId> = contacts().await.collect();
    let used = shop.advance(customer, &[]).await;
    let mut created: Vec<MessageId> = contacts().await.filter(|message| !known.contains(message)).collect();
    assert_eq!(created.len(), 1, "one message is due");
    (created.remove(0), used)
}

async fn send(shop: &Shop, customer: &CustomerKey, message: &MessageId) -> Used {
    shop.prime().await;
    let settled = shop.stack.handlers.send.process_message(customer, message).await.expect("sent");
    assert_eq!(settled, Progress::Done(MessageState::Accepted));
    shop.units()
}

/// Processes the provider's reports, each in a batch of its own, and returns their costs.
async fn hear_of(shop: &Shop) -> Vec<Used> {
    let queues = shop.stack.cloud.queues();
    let mut costs = Vec::new();
    while let Some(report) = queues.receive(FEEDBACK_QUEUE, 1).expect("read").pop() {
        let event: SqsEvent =
            serde_json::from_value(json!({ "Records": [{ "messageId": report.message_id, "body": report.body }] }))
                .expect("an event");
        shop.units();
        let answer = feedback::handle(&shop.stack.handlers.feedback, event).await;
        assert_eq!(answer.batch_item_failures.len(), 0);
        costs.push(shop.units());
        queues.delete(FEEDBACK_QUEUE, [report.receipt.as_str()]).expect("deleted");
    }
    costs
}

async fn message(shop: &Shop, customer: &CustomerKey, id: &MessageId) -> Message {
    let message = shop.stack.store.message(customer, id).await.expect("read").expect("it exists");
    shop.units();
    message
}

/// Only the two transactions of a send, on a message that is ready for it.
async fn claim_and_settle(shop: &Shop, key: &CustomerKey, id: &MessageId) -> (Used, Used) {
    let store = &shop.stack.store;
    let (customer, message) = (shop.customer(key).await, message(shop, key, id).await);
    let claimed = message.claimed(shop.now());
    shop.units();
    assert_eq!(store.claim(&customer, &claimed).await.expect("answered"), Guarded::Written);
    let claiming = shop.units();
    let accepted = AttemptOutcome::Accepted { provider_id: "0100018f3c2a1b4d-5e6f7a8b-000000".to_owned() };
    let settled = claimed.attempted(accepted, shop.now());
    let settling = store.settle_message(key, &settled, Some(customer), shop.now()).await;
    assert_eq!(settling.expect("answered"), Guarded::Written);
    (claiming, shop.units())
}

#[tokio::test]
async fn every_step_of_a_message_costs_what_the_table_says() {
    let mut shop = Shop::open().await;
    let anna = shop.key(ANNA);
    let mut bill = Bill::default();

    let (facts, storing) = shop.store(&anna, json!([order(ANNA, 0, shop.now())])).await;
    bill.add("first order: stored", storing);
    bill.add("first order: taken in, two journeys begin", shop.advance(&anna, &facts).await);
    shop.skip(SignedDuration::from_hours(1));
    let (thanks, creating) = create(&shop, &anna).await;
    bill.add("message: created, with the customer and the reason", creating);
    let sending =
        bill.add("message: sent (looked at, claimed, handed over, settled)", send(&shop, &anna, &thanks).await);
    let [accepted, delivered] = hear_of(&shop).await[..] else { panic!("two reports") };
    bill.add("message: reported as accepted", accepted);
    bill.add("message: reported as delivered", delivered);
    assert_eq!(message(&shop, &anna, &thanks).await.state, MessageState::Delivered);
    bill.add("message: all of it", sum(&[creating, sending, accepted, delivered]));

    // The next message's claim and settling alone, which a send does with reads before them.
    shop.skip(days(3));
    let (guide, _) = create(&shop, &anna).await;
    let (claiming, settling) = claim_and_settle(&shop, &anna, &guide).await;
    bill.add("  of the sending: the claim", claiming);
    bill.add("  of the sending: the settling", settling);
    // Settling moves the customer's due time here, and did not for the first message.
    // One write leased the slot, which all messages of a batch share, and one took the place in the mailbox.
    assert_eq!(sending.write - 2.0 + 2.0, claiming.write + settling.write);

    // A message that depends on orders also reads the orders that are stored and not folded yet.
    shop.skip(days(7));
    let (nudge, _) = create(&shop, &anna).await;
    bill.add("message that an order would withdraw: sent", send(&shop, &anna, &nudge).await);
    hear_of(&shop).await;

    // All remaining steps are processed; the next order follows a month later.
    shop.pass(days(30)).await;
    let (facts, storing) = shop.store(&anna, json!([order(ANNA, 1, shop.now())])).await;
    bill.add("repeat order: stored", storing);
    bill.add("repeat order: taken in, nothing due earlier", shop.advance(&anna, &facts).await);
    let due_at = shop.customer(&anna).await.due_at.expect("due some day");
    shop.skip(due_at.duration_since(shop.now()));
    bill.add("idle wake-up: nothing to do, the next one noted", shop.advance(&anna, &[]).await);
    bill.add("advance that comes twice", shop.advance(&anna, &[]).await);

    println!("{}", bill.table());
    insta::assert_snapshot!("request_units", bill.table());
}
