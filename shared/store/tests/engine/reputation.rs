use jiff::Timestamp;
use rekindle_lifecycle::id::{MessageId, ShopId, short_digest};
use rekindle_lifecycle::reputation::{Harm, MailOutcome};
use rekindle_store::Used;
use rekindle_store::sending::pause::{LiftedBy, PauseCause, Resumed};
use rekindle_testing::database::store_and_client;

fn vinyl() -> ShopId {
    ShopId::parse("vinyl").expect("an id")
}

fn second(number: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + number).expect("an instant")
}

/// The first outcome of a mail: delivered or bounced.
fn outcome(name: &str, harm: Option<Harm>) -> MailOutcome {
    let message = MessageId::parse(&short_digest(&[name], 26)).expect("an id");
    MailOutcome { message, sent_at: second(0), at: second(0), is_first: true, moved: true, harm }
}

#[tokio::test]
async fn batches_that_count_at_the_same_time_lose_nothing() {
    let (store, _) = store_and_client().await;
    let batches = (0..8).map(|batch| {
        let store = store.clone();
        async move {
            let outcomes: Vec<_> =
                (0..10).map(|n| outcome(&format!("{batch}-{n}"), (n == 0).then_some(Harm::Bounce))).collect();
            store.count_outcomes(&vinyl(), &outcomes, second(1)).await
        }
    });
    for counted in futures::future::join_all(batches).await {
        counted.expect("counted");
    }
    let reputation = store.reputation(&vinyl()).await.expect("read");
    assert_eq!((reputation.mails(), reputation.bounces(), reputation.complaints()), (80, 8, 0));
}

#[tokio::test]
async fn a_batch_costs_one_read_and_one_write_and_a_repeated_one_no_write() {
    let (store, _) = store_and_client().await;
    let outcomes: Vec<_> = (0..10).map(|n| outcome(&n.to_string(), None)).collect();
    let bounce = outcome("b", Some(Harm::Bounce));
    for _ in 0..99 {
        store.count_outcomes(&vinyl(), &outcomes, second(1)).await.expect("counted");
    }
    store.capacity().take();
    let all: Vec<_> = outcomes.iter().cloned().chain([bounce.clone()]).collect();
    let counted = store.count_outcomes(&vinyl(), &all, second(2)).await.expect("counted");
    assert_eq!(store.capacity().take(), Used { read: 1.0, write: 1.0 });
    assert_eq!((counted.mails(), counted.bounces()), (1_001, 1));
    let again = MailOutcome { is_first: false, moved: false, ..bounce };
    let counted = store.count_outcomes(&vinyl(), &[again], second(3)).await.expect("counted");
    assert_eq!(store.capacity().take(), Used { read: 1.0, write: 0.0 });
    assert_eq!((counted.mails(), counted.bounces()), (1_001, 1));
}

#[tokio::test]
async fn shops_are_counted_separately_and_one_can_be_reset() {
    let (store, _) = store_and_client().await;
    let tea = ShopId::parse("tea").expect("an id");
    store.count_outcomes(&vinyl(), &[outcome("a", Some(Harm::Complaint))], second(1)).await.expect("counted");
    store.count_outcomes(&tea, &[outcome("b", None)], second(1)).await.expect("counted");
    let resume = async || store.resume_sending(&vinyl(), LiftedBy::Operator, second(2)).await.expect("answered");
    assert_eq!(resume().await, Resumed::WasNotPaused);
    assert_eq!(store.reputation(&vinyl()).await.expect("read").complaints(), 1, "a shop that sends keeps its record");
    let why = PauseCause::Complaints { count: 1, mails: 1 };
    store.pause_sending(&vinyl(), &why, second(2)).await.expect("paused");
    assert_eq!(resume().await, Resumed::Lifted);
    assert_eq!(store.reputation(&vinyl()).await.expect("read").complaints(), 0);
    assert_eq!(store.reputation(&tea).await.expect("read").mails(), 1);
    // About an earlier mail.
    let late = outcome("c", Some(Harm::Complaint));
    assert_eq!(store.count_outcomes(&vinyl(), &[late], second(3)).await.expect("counted").mails(), 0);
}
