use futures::future::join_all;
use jiff::Timestamp;
use rekindle_lifecycle::facts::{Event, Fact, OtherEvent, Traits};
use rekindle_lifecycle::id::{CustomerId, MessageId};
use rekindle_store::shop::task::{Closing, Task, TaskNote, TaskNps};
use rekindle_store::shop::tasks::TaskList;
use rekindle_store::{CustomerKey, Store, Used};
use rekindle_testing::builders::shop_named;
use rekindle_testing::database::store_and_client;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).expect("an instant")
}

fn task(number: i64) -> Task {
    let customer = CustomerId::parse("anna").expect("an id");
    Task {
        id: MessageId::derive(&shop_named("tea"), &customer, "detractor", &number.to_string(), "call", "handoff"),
        shop: shop_named("tea"),
        customer,
        journey: "detractor".to_owned(),
        step: "call".to_owned(),
        title: "Call Anna".to_owned(),
        created_at: at(number),
        because: "she gave us 2".to_owned(),
        nps: Some(TaskNps { score: 2, comment: None, may_call: Some(true) }),
        history: vec!["3 orders".to_owned()],
        notes: Vec::new(),
        closed: None,
    }
}

fn closing(second: i64, outcome: &str) -> Closing {
    Closing { at: at(second), by: "Bob".to_owned(), outcome: Some(outcome.to_owned()) }
}

fn closed_fact(task: &Task) -> Fact {
    let at = task.closed.as_ref().map_or(task.created_at, |closed| closed.at);
    let event = Event::Other(OtherEvent::named("closed"));
    Fact { at, id: task.id.to_string(), event, traits: Traits::default() }
}

async fn facts(store: &Store) -> usize {
    let key = CustomerKey { shop: shop_named("tea"), customer: task(0).customer };
    store.facts_of(&key).all().await.expect("read").len()
}

#[tokio::test]
async fn a_task_is_opened_once_even_after_it_was_closed() {
    let (store, _) = store_and_client().await;
    store.capacity().take();
    assert!(store.open_task(&task(1)).await.expect("opened"));
    assert_eq!(store.capacity().take(), Used { read: 0.0, write: 4.0 });
    assert!(!store.open_task(&task(1)).await.expect("opened again"));
    store.close_task(&shop_named("tea"), &task(1).id, &closing(9, "called"), closed_fact).await.expect("closed");
    assert!(!store.open_task(&task(1)).await.expect("opened again"));
    assert!(store.tasks(&shop_named("tea"), TaskList::Open, None, 9).await.expect("listed").tasks.is_empty());
    let closed = store.tasks(&shop_named("tea"), TaskList::Closed, None, 9).await.expect("listed").tasks;
    assert_eq!(closed, [Task { closed: Some(closing(9, "called")), ..task(1) }]);
}

#[tokio::test]
async fn of_concurrent_closings_one_is_kept_and_one_fact_is_stored() {
    let (store, _) = store_and_client().await;
    store.open_task(&task(1)).await.expect("opened");
    let closings = (0..4).map(|number| {
        let store = store.clone();
        let closing = closing(number, &format!("outcome {number}"));
        async move { store.close_task(&shop_named("tea"), &task(1).id, &closing, closed_fact).await }
    });
    let closed: Vec<_> = join_all(closings).await.into_iter().map(|one| one.expect("closed")).collect();
    assert!(closed.iter().all(|one| *one == closed[0] && one.as_ref().is_some_and(|one| one.closed.is_some())));
    assert_eq!(facts(&store).await, 1);
    let again =
        store.close_task(&shop_named("tea"), &task(1).id, &closing(99, "later"), closed_fact).await.expect("closed");
    assert_eq!((again, facts(&store).await), (closed[0].clone(), 1));
    let other =
        store.close_task(&shop_named("vinyl"), &task(1).id, &closing(1, "no"), closed_fact).await.expect("asked");
    assert_eq!(other, None);
}

#[tokio::test]
async fn notes_made_at_once_are_all_kept_and_one_repeated_is_kept_once() {
    let (store, _) = store_and_client().await;
    store.open_task(&task(1)).await.expect("opened");
    let note = |text: &str| TaskNote { at: at(5), by: "Bob".to_owned(), text: text.to_owned() };
    let (one, two) = (note("no answer"), note("she is away"));
    let (shop, id) = (shop_named("tea"), task(1).id);
    let noted = tokio::join!(store.note_task(&shop, &id, &one), store.note_task(&shop, &id, &two));
    assert!(noted.0.is_ok() && noted.1.is_ok());
    store.close_task(&shop, &id, &closing(9, "called"), closed_fact).await.expect("closed");
    let last = note("sent flowers");
    for _ in 0..2 {
        store.note_task(&shop, &id, &last).await.expect("noted");
    }
    let found = store.task(&shop, &id).await.expect("read").expect("there");
    assert_eq!(found.notes.len(), 3);
    assert!(found.notes.contains(&one) && found.notes.contains(&two) && found.notes[2] == last);
    assert_eq!(store.note_task(&shop, &task(2).id, &one).await.expect("asked"), None);
}

#[tokio::test]
async fn tasks_are_listed_oldest_first_in_pages() {
    let (store, _) = store_and_client().await;
    for number in [3, 1, 5, 2, 4] {
        store.open_task(&task(number)).await.expect("opened");
    }
    let first = store.tasks(&shop_named("tea"), TaskList::Open, None, 3).await.expect("listed");
    assert_eq!(first.tasks, [task(1), task(2), task(3)]);
    let rest = store.tasks(&shop_named("tea"), TaskList::Open, first.next.as_deref(), 3).await.expect("listed");
    assert_eq!((rest.tasks, rest.next), (vec![task(4), task(5)], None));
    assert!(store.tasks(&shop_named("vinyl"), TaskList::Open, None, 3).await.expect("listed").tasks.is_empty());
}
