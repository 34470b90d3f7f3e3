use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
use rekindle_store::sending::pause::PauseCause;
use rekindle_testing::database::store_and_client;

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
    assert!(store.resume_sending(&vinyl(), second(10)).await.expect("resumed"));
    assert!(!store.resume_sending(&vinyl(), second(11)).await.expect("resumed"));
    assert_eq!(store.sending_paused(&vinyl()).await.expect("read"), None);
}

#[tokio::test]
async fn a_pause_is_noted_as_announced_only_while_it_is_the_same() {
    let (store, _) = store_and_client().await;
    let why = PauseCause::Complaints { count: 5, mails: 900 };
    let first = store.pause_sending(&vinyl(), &why, second(1)).await.expect("paused");
    store.note_pause_announced(&vinyl(), &first).await.expect("noted");
    assert!(store.sending_paused(&vinyl()).await.expect("read").is_some_and(|pause| pause.announced));
    store.resume_sending(&vinyl(), second(2)).await.expect("resumed");
    store.note_pause_announced(&vinyl(), &first).await.expect("nothing to note");
    assert_eq!(store.sending_paused(&vinyl()).await.expect("read"), None);
    store.pause_sending(&vinyl(), &why, second(3)).await.expect("paused");
    store.note_pause_announced(&vinyl(), &first).await.expect("another one");
    assert!(store.sending_paused(&vinyl()).await.expect("read").is_some_and(|pause| !pause.announced));
}
