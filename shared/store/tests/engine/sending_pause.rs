use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
use rekindle_store::sending::pause::{COOL_DOWN, LiftedBy, PauseCause, Resumed, SENDING_PAUSED};
use rekindle_testing::database::store_and_client;
use serde_json::json;

fn vinyl() -> ShopId {
    ShopId::parse("vinyl").expect("an id")
}

fn second(number: i64) -> Timestamp {
    Timestamp::from_second(number).expect("an instant")
}

#[tokio::test]
async fn the_first_pause_holds_with_its_figures_until_it_is_lifted() {
    let (store, _) = store_and_client().await;
    assert_eq!(store.sending_paused(&vinyl()).await.expect("read"), None);
    let why = [31, 32, 33].map(|count| PauseCause::Bounces { count, mails: 1_000 });
    let pauses = why.iter().map(|why| {
        let (store, shop) = (store.clone(), vinyl());
        async move { store.pause_sending(&shop, why, second(1)).await.expect("paused") }
    });
    let held = futures::future::join_all(pauses).await;
    assert!(held.iter().all(|pause| *pause == held[0]), "{held:?}");
    assert_eq!(store.sending_paused(&vinyl()).await.expect("read"), Some(held[0].clone()));
    let later = store.pause_sending(&vinyl(), &PauseCause::ByHand { note: "wait".to_owned() }, second(9)).await;
    assert_eq!(later.expect("paused"), held[0]);
    assert!(held[0].why.to_string().ends_with("of the last 1000 mails came back; at most 3 % may"));
    let resume = async |at: i64| store.resume_sending(&vinyl(), LiftedBy::Operator, second(at)).await.expect("resumed");
    assert_eq!(resume(10).await, Resumed::Lifted);
    assert_eq!(resume(11).await, Resumed::WasNotPaused);
    assert_eq!(store.sending_paused(&vinyl()).await.expect("read"), None);
}

#[tokio::test]
async fn a_pause_is_noted_as_announced_only_while_it_is_the_same() {
    let (store, _) = store_and_client().await;
    let why = PauseCause::Complaints { count: 5, mails: 900 };
    let first = store.pause_sending(&vinyl(), &why, second(1)).await.expect("paused");
    store.note_pause_announced(&vinyl(), &first).await.expect("noted");
    assert!(store.sending_paused(&vinyl()).await.expect("read").is_some_and(|pause| pause.announced));
    store.resume_sending(&vinyl(), LiftedBy::Operator, second(2)).await.expect("resumed");
    store.note_pause_announced(&vinyl(), &first).await.expect("nothing to note");
    assert_eq!(store.sending_paused(&vinyl()).await.expect("read"), None);
    store.pause_sending(&vinyl(), &why, second(3)).await.expect("paused");
    store.note_pause_announced(&vinyl(), &first).await.expect("another one");
    assert!(store.sending_paused(&vinyl()).await.expect("read").is_some_and(|pause| !pause.announced));
}

#[tokio::test]
async fn a_pause_with_a_cause_of_another_version_holds_and_is_stored_again_as_it_was() {
    let (store, _) = store_and_client().await;
    let stored = json!({ "at": "2026-03-02T10:00:00Z", "cause": "unpaid_bill", "since_month": 3 });
    store.put_setting(&vinyl(), SENDING_PAUSED, &stored).await.expect("stored");
    let pause = store.sending_paused(&vinyl()).await.expect("read").expect("the shop is paused");
    assert!(matches!(pause.why, PauseCause::Unrecognised(_)), "{pause:?}");
    assert_eq!(serde_json::to_value(&pause).expect("JSON"), stored);
    let by_the_shop = store.resume_sending(&vinyl(), LiftedBy::Shop, Timestamp::MAX).await.expect("answered");
    assert_eq!(by_the_shop, Resumed::Held(pause), "nobody knows when that would be right");
    let by_the_operator = store.resume_sending(&vinyl(), LiftedBy::Operator, second(1)).await.expect("resumed");
    assert_eq!(by_the_operator, Resumed::Lifted);
}

#[tokio::test]
async fn a_shop_lifts_its_own_pause_at_once_and_that_of_the_engine_after_the_cool_down() {
    let (store, _) = store_and_client().await;
    let by_the_shop =
        async |at: i64| store.resume_sending(&vinyl(), LiftedBy::Shop, second(at)).await.expect("answered");
    let by_hand = PauseCause::ByHand { note: "wrong prices".to_owned() };
    store.pause_sending(&vinyl(), &by_hand, second(1)).await.expect("paused");
    assert_eq!(by_the_shop(2).await, Resumed::Lifted);
    // A pause by hand does not keep the engine's away.
    store.pause_sending(&vinyl(), &by_hand, second(3)).await.expect("paused");
    let bounces = PauseCause::Bounces { count: 31, mails: 900 };
    let pause = store.pause_sending(&vinyl(), &bounces, second(10)).await.expect("paused");
    assert_eq!((pause.at, &pause.why), (second(10), &bounces));
    let end = 10 + COOL_DOWN.as_secs();
    assert_eq!(by_the_shop(end - 1).await, Resumed::Held(pause));
    assert_eq!(by_the_shop(end).await, Resumed::Lifted);
}
