use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::id::ShopId;
use rekindle_store::sending::rate::{Leased, SendingLimit, Wanted};
use rekindle_store::{Store, Tables, Used};
use rekindle_testing::database::store_and_client;

const MAIL: SendingLimit = SendingLimit { channel: Channel::Email, shop: None };

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(1_800_000_000_000 + millis).expect("an instant")
}

/// A request for slots in the next twenty seconds.
fn wanted(count: u32, now: Timestamp) -> Wanted {
    Wanted { count, from: now, until: now + SignedDuration::from_secs(20), cap: None, now }
}

async fn lease(store: &Store, count: u32, now: Timestamp) -> Vec<i128> {
    match store.lease_slots(&MAIL, wanted(count, now)).await.expect("answered") {
        Leased::Slots(slots) => slots.each().map(|slot| slot.duration_since(at(0)).as_micros()).collect(),
        Leased::Later(_) => Vec::new(),
    }
}

/// Two stores on the same tables, as two workers have.
async fn two() -> (Store, Store) {
    let (store, client) = store_and_client().await;
    (store, Store::new(client, Tables::with_prefix("test")))
}

#[tokio::test]
async fn slots_of_all_workers_follow_each_other_and_begin_anew_after_a_pause() {
    let (one, other) = two().await;
    one.note_allowed_rate(&MAIL, 10.0, at(0)).await.expect("noted");
    let interval = 102_041;
    assert_eq!(lease(&one, 3, at(0)).await, [0, interval, 2 * interval]);
    assert_eq!(lease(&other, 2, at(50)).await, [3 * interval, 4 * interval]);
    assert_eq!(lease(&one, 1, at(60)).await, [5 * interval]);
    // Before the next free slot, right after it, and long after it.
    assert_eq!(lease(&one, 1, at(612)).await, [6 * interval]);
    assert_eq!(lease(&one, 1, at(800)).await, [800_000]);
    assert_eq!(lease(&other, 2, at(60_000)).await, [60_000_000, 60_000_000 + interval]);
    assert_eq!(lease(&one, 1, at(60_001)).await, [60_000_000 + 2 * interval]);
}

#[tokio::test]
async fn only_slots_in_time_are_leased_and_a_worker_that_knows_of_none_makes_no_call() {
    let (one, other) = two().await;
    // The rate is unknown: one a second, and only a short time ahead.
    assert_eq!(lease(&one, 15, at(-60_000)).await.len(), 2);
    one.note_allowed_rate(&MAIL, 1.0, at(0)).await.expect("noted");
    assert_eq!(lease(&one, 15, at(0)).await.len(), 15);
    assert_eq!(lease(&other, 15, at(0)).await.len(), 5, "20.4 seconds are taken");
    other.capacity().take();
    assert_eq!(lease(&other, 1, at(100)).await.len(), 0);
    assert_eq!(other.capacity().take(), Used { read: 0.0, write: 0.0 });
    let later = other.lease_slots(&MAIL, wanted(1, at(100))).await.expect("answered");
    assert!(matches!(later, Leased::Later(then) if then > at(20_100)), "{later:?}");
    assert_eq!(lease(&one, 1, at(1_000)).await.len(), 1, "time passes");
}

#[tokio::test]
async fn a_lease_costs_one_write_and_a_worker_that_is_new_reads_once() {
    let (one, other) = two().await;
    one.note_allowed_rate(&MAIL, 100.0, at(0)).await.expect("noted");
    one.capacity().take();
    for (store, now, used) in [
        (&one, 0, Used { read: 0.0, write: 1.0 }),
        (&other, 10, Used { read: 1.0, write: 1.0 }),
        (&one, 20, Used { read: 0.0, write: 1.0 }),
        (&other, 30, Used { read: 0.0, write: 1.0 }),
        (&one, 90_000, Used { read: 0.0, write: 1.0 }),
    ] {
        assert_eq!(lease(store, 10, at(now)).await.len(), 10);
        assert_eq!(store.capacity().take(), used, "at {now}");
    }
}

#[tokio::test]
async fn a_rate_that_was_cut_holds_for_every_worker_at_once() {
    let (one, other) = two().await;
    one.note_allowed_rate(&MAIL, 10.0, at(0)).await.expect("noted");
    lease(&other, 1, at(0)).await;
    one.cut_sending_rate(&MAIL, None, at(5_000)).await.expect("cut");
    one.cut_sending_rate(&MAIL, None, at(5_001)).await.expect("just cut");
    let slots = lease(&other, 2, at(5_002)).await;
    assert!((145_700..=145_900).contains(&(slots[1] - slots[0])), "seven a second: {slots:?}");
    let slots = lease(&other, 2, at(65_002)).await;
    assert!(slots[1] - slots[0] < 102_100, "it has recovered: {slots:?}");
}

#[tokio::test]
async fn nothing_is_leased_while_sending_is_held_and_a_hold_is_never_shortened() {
    let (one, other) = two().await;
    lease(&other, 1, at(0)).await;
    one.hold_sending(&MAIL, at(900_000)).await.expect("held");
    one.hold_sending(&MAIL, at(60_000)).await.expect("held for longer");
    assert_eq!(lease(&other, 1, at(60_001)).await.len(), 0);
    assert_eq!(lease(&other, 1, at(900_001)).await.len(), 1);
}

#[tokio::test]
async fn only_one_of_many_workers_asks_the_provider() {
    let (one, other) = two().await;
    let ask = |store: Store, now| async move { store.should_ask_rate(&MAIL, now).await.expect("answered") };
    let asks = tokio::join!(ask(one.clone(), at(0)), ask(other.clone(), at(0)));
    assert!(asks.0 ^ asks.1, "{asks:?}");
    assert!(!ask(one.clone(), at(59_000)).await);
    assert!(ask(other.clone(), at(60_000)).await, "the worker that should have asked has stopped");
    other.note_allowed_rate(&MAIL, 14.0, at(60_000)).await.expect("noted");
    assert!(!ask(other.clone(), at(7_000_000)).await);
    // The other worker sees the new rate at its next lease.
    lease(&one, 1, at(7_000_000)).await;
    assert!(!ask(one, at(7_000_000)).await);
}

#[tokio::test]
async fn limits_of_channels_and_shops_do_not_affect_each_other() {
    let (store, _) = two().await;
    let shop = Some(ShopId::parse("vinyl").expect("an id"));
    for limit in [
        MAIL,
        SendingLimit { channel: Channel::Sms, shop: None },
        SendingLimit { channel: Channel::Email, shop: shop.clone() },
        SendingLimit { channel: Channel::Sms, shop },
    ] {
        let leased = store.lease_slots(&limit, wanted(1, at(0))).await.expect("answered");
        assert!(matches!(leased, Leased::Slots(slots) if slots.first == at(0)), "{limit:?}: {leased:?}");
    }
}

#[tokio::test]
async fn places_in_line_follow_each_other_for_all_workers_cost_one_write_and_end_at_the_horizon() {
    let (one, other) = two().await;
    let shop = SendingLimit { channel: Channel::Email, shop: ShopId::parse("vinyl").ok() };
    let take = async |store: &Store, count, now: Timestamp| {
        let wanted = Wanted { until: now + SignedDuration::from_secs(10), cap: Some(4.0), ..wanted(count, now) };
        match store.reserve_retry_times(&shop, wanted).await.expect("answered") {
            Leased::Slots(places) => places.each().map(|place| place.duration_since(at(0)).as_millis()).collect(),
            Leased::Later(_) => Vec::new(),
        }
    };
    assert_eq!(take(&one, 3, at(0)).await, [0, 170, 340]);
    assert_eq!(take(&other, 2, at(100)).await, [510, 680]);
    for (store, count, now, places, used) in [
        // A hundred would reach far beyond ten seconds.
        (&one, 100, 200, 55, Used { read: 0.0, write: 1.0 }),
        (&one, 1, 200, 0, Used { read: 0.0, write: 0.0 }),
        // Time passes, and in the end the waiting line is empty.
        (&one, 100, 5_200, 30, Used { read: 0.0, write: 1.0 }),
        (&one, 100, 60_000, 59, Used { read: 0.0, write: 1.0 }),
    ] {
        store.capacity().take();
        assert_eq!(take(store, count, at(now)).await.len(), places, "at {now}");
        assert_eq!(store.capacity().take(), used, "at {now}");
    }
    // Places in the waiting line take no slots.
    let leased = other.lease_slots(&shop, Wanted { cap: Some(4.0), ..wanted(1, at(60_000)) }).await.expect("answered");
    assert!(matches!(leased, Leased::Slots(slots) if slots.first == at(60_000)), "{leased:?}");
}
