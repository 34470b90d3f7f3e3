//! What a shop's people are asked to do: the messages of the channel `handoff`, kept until somebody closes them.
//!
//! Items of `shops` under `pk = tasks#{shop}`: `sk = open#{created_at}#{id}` or `closed#{created_at}#{id}` holds the task
//! (`task`, JSON, and its `revision`), so that both lists are in the order of creation; `sk = task#{id}` mentions it by its
//! id alone (`created_at`), whichever list it is in. Task and mention are written together, and the mention stays as long
//! as the task does: a task that is opened again, by a message that is delivered twice, is found to exist even after it
//! was closed.

use crate::activity::facts::fact_item;
use crate::shop::task::{Closing, Task, TaskNote};
use crate::store::Store;
use crate::table::attributes::{json, number};
use crate::table::calls::{self, next_page};
use crate::table::error::StoreError;
use crate::table::guarded::Guarded;
use crate::table::keys::{self, CustomerKey};
use aws_sdk_dynamodb::types::{AttributeValue, Delete, DeleteRequest, Put, TransactWriteItem, WriteRequest};
use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::id::{MessageId, ShopId};
use rekindle_platform::retry::Attempts;
use std::collections::HashMap;

const TASK: &str = "task";
const CREATED_AT: &str = "created_at";
const REVISION: &str = "revision";

/// One of the two lists of tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskList {
    /// To be done.
    Open,
    /// Done.
    Closed,
}

impl TaskList {
    fn prefix(self) -> &'static str {
        match self {
            Self::Open => keys::OPEN_TASK,
            Self::Closed => keys::CLOSED_TASK,
        }
    }
}

/// Some tasks of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskPage {
    /// In the order of their creation, oldest first.
    pub tasks: Vec<Task>,
    /// Where the next page begins, if there may be one.
    pub next: Option<String>,
}

impl Store {
    /// Opens a task; says whether that is news. A task of this id that exists, open or closed, stays as it is. One
    /// transaction: four write units.
    ///
    /// # Errors
    /// The database refused or did not answer; opening it again is harmless.
    pub async fn open_task(&self, task: &Task) -> Result<bool, StoreError> {
        let mention = Put::builder()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::tasks_pk(&task.shop)))
            .item("sk", AttributeValue::S(keys::task_mention_sk(&task.id)))
            .item(CREATED_AT, AttributeValue::S(task.created_at.to_string()))
            .condition_expression("attribute_not_exists(pk)");
        let mention = mention.build().expect("a put has an item and a table");
        let items = vec![
            TransactWriteItem::builder().put(mention).build(),
            TransactWriteItem::builder().put(self.task_put(TaskList::Open, task, 0)).build(),
        ];
        let mut attempts = Attempts::at("task", task.id.as_str());
        while attempts.next().await {
            if self.transact(items.clone()).await?.is_empty() {
                return Ok(true);
            }
            // Another transaction may merely have held it.
            if self.task(&task.shop, &task.id).await?.is_some() {
                return Ok(false);
            }
        }
        Err(attempts.lost().into())
    }

    /// A task by its id. Strongly consistent.
    ///
    /// # Errors
    /// The database refused or did not answer, or the task cannot be read.
    pub async fn task(&self, shop: &ShopId, id: &MessageId) -> Result<Option<Task>, StoreError> {
        Ok(self.stored_task(shop, id).await?.map(|(task, _)| task))
    }

    /// The tasks of a list, oldest first, `limit` at a time, from where an earlier page ended. Eventually consistent.
    ///
    /// # Errors
    /// The database refused or did not answer, or a task cannot be read.
    pub async fn tasks(
        &self,
        shop: &ShopId,
        list: TaskList,
        after: Option<&str>,
        limit: u16,
    ) -> Result<TaskPage, StoreError> {
        let pk = keys::tasks_pk(shop);
        // A cursor names the list it belongs to.
        let start = after.filter(|sk| sk.starts_with(list.prefix()));
        let start = start.map(|sk| calls::key(pk.clone(), Some(sk.to_owned())));
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk AND begins_with(sk, :list)")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .expression_attribute_values(":list", AttributeValue::S(list.prefix().to_owned()))
            .set_exclusive_start_key(start)
            .limit(i32::from(limit));
        let answer = self.page(query).await?;
        let tasks = answer.items().iter().map(|item| Ok(read(item)?.0)).collect::<Result<_, StoreError>>()?;
        let next = next_page(&answer);
        Ok(TaskPage { tasks, next })
    }

    /// Adds a note to a task, open or closed; answers with the task, or nothing if there is none. The same words of the
    /// same person as the last note are that note, said again.
    ///
    /// # Errors
    /// The database refused or did not answer, or others kept writing the task.
    pub async fn note_task(&self, shop: &ShopId, id: &MessageId, note: &TaskNote) -> Result<Option<Task>, StoreError> {
        let mut attempts = Attempts::at("task", &note.text);
        while attempts.next().await {
            let Some((mut task, revision)) = self.stored_task(shop, id).await? else { return Ok(None) };
            if task.notes.last().is_some_and(|last| (&last.by, &last.text) == (&note.by, &note.text)) {
                return Ok(Some(task));
            }
            task.notes.push(note.clone());
            let list = if task.closed.is_some() { TaskList::Closed } else { TaskList::Open };
            let put = self.task_put(list, &task, revision);
            if self.put_one(put, Guarded::MessageChanged).await? == Guarded::Written {
                return Ok(Some(task));
            }
        }
        Err(attempts.lost().into())
    }

    /// Closes a task, and stores the fact that `told` makes of the closing with it, both or neither; answers with the
    /// task, or nothing if there is none. A task that is closed stays as it is: its first outcome stands.
    ///
    /// # Errors
    /// The database refused or did not answer, or others kept writing the task.
    pub async fn close_task(
        &self,
        shop: &ShopId,
        id: &MessageId,
        closing: &Closing,
        told: impl Fn(&Task) -> Fact,
    ) -> Result<Option<Task>, StoreError> {
        let mut attempts = Attempts::at("task", &closing.by);
        while attempts.next().await {
            let Some((mut task, revision)) = self.stored_task(shop, id).await? else { return Ok(None) };
            if task.closed.is_some() {
                return Ok(Some(task));
            }
            task.closed = Some(closing.clone());
            let customer = CustomerKey { shop: shop.clone(), customer: task.customer.clone() };
            let delete = Delete::builder()
                .table_name(&self.tables.shops)
                .key("pk", AttributeValue::S(keys::tasks_pk(shop)))
                .key("sk", AttributeValue::S(keys::task_sk(keys::OPEN_TASK, task.created_at, id)))
                .condition_expression("#revision = :seen")
                .expression_attribute_names("#revision", REVISION)
                .expression_attribute_values(":seen", number(revision))
                .build()
                .expect("a delete has a key and a table");
            let fact = Put::builder()
                .table_name(&self.tables.activity)
                .set_item(Some(fact_item(&customer, &told(&task))))
                .build()
                .expect("a put has an item and a table");
            let items = vec![
                TransactWriteItem::builder().delete(delete).build(),
                TransactWriteItem::builder().put(self.task_put(TaskList::Closed, &task, 0)).build(),
                TransactWriteItem::builder().put(fact).build(),
            ];
            if self.transact(items).await?.is_empty() {
                return Ok(Some(task));
            }
        }
        Err(attempts.lost().into())
    }

    /// Removes a task with all that was written down, as if it had never been; part of erasing a customer. What is not
    /// there is removed already.
    ///
    /// # Errors
    /// The database refused or did not answer, or removed only some of it.
    pub async fn remove_task(&self, shop: &ShopId, id: &MessageId) -> Result<(), StoreError> {
        let (table, pk) = (&self.tables.shops, keys::tasks_pk(shop));
        let mention_sk = keys::task_mention_sk(id);
        let Some(mention) = self.get(table, pk.clone(), Some(mention_sk.clone())).await? else { return Ok(()) };
        let created_at = mention.get(CREATED_AT).and_then(|at| at.as_s().ok()?.parse().ok());
        let created_at = created_at.ok_or_else(|| unreadable(CREATED_AT))?;
        // The mention goes last: what stops in between finds the rest again.
        let [open, closed] = [keys::OPEN_TASK, keys::CLOSED_TASK].map(|list| keys::task_sk(list, created_at, id));
        for sks in [vec![open, closed], vec![mention_sk]] {
            let requests = sks.into_iter().map(|sk| {
                let delete = DeleteRequest::builder()
                    .key("pk", AttributeValue::S(pk.clone()))
                    .key("sk", AttributeValue::S(sk))
                    .build()
                    .expect("a delete has a key");
                WriteRequest::builder().delete_request(delete).build()
            });
            self.write_batches(table, requests.collect()).await?;
        }
        Ok(())
    }

    async fn stored_task(&self, shop: &ShopId, id: &MessageId) -> Result<Option<(Task, u64)>, StoreError> {
        let (table, pk) = (&self.tables.shops, keys::tasks_pk(shop));
        let Some(mention) = self.get(table, pk.clone(), Some(keys::task_mention_sk(id))).await? else {
            return Ok(None);
        };
        let created_at = mention.get(CREATED_AT).and_then(|at| at.as_s().ok()?.parse().ok());
        let created_at = created_at.ok_or_else(|| unreadable(CREATED_AT))?;
        // It may be closed between the two looks, but never opened again.
        for list in [TaskList::Open, TaskList::Closed] {
            let sk = keys::task_sk(list.prefix(), created_at, id);
            if let Some(item) = self.get(table, pk.clone(), Some(sk)).await? {
                return read(&item).map(Some);
            }
        }
        Ok(None)
    }

    /// The put of a task that was seen at a revision; 0 if it is new in its list.
    fn task_put(&self, list: TaskList, task: &Task, seen: u64) -> Put {
        let put = Put::builder()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::tasks_pk(&task.shop)))
            .item("sk", AttributeValue::S(keys::task_sk(list.prefix(), task.created_at, &task.id)))
            .item(TASK, json(task))
            .item(REVISION, number(seen + 1));
        let put = if seen == 0 {
            put.condition_expression("attribute_not_exists(pk)")
        } else {
            put.condition_expression("#revision = :seen")
                .expression_attribute_names("#revision", REVISION)
                .expression_attribute_values(":seen", number(seen))
        };
        put.build().expect("a put has an item and a table")
    }
}

fn read(item: &HashMap<String, AttributeValue>) -> Result<(Task, u64), StoreError> {
    let task = item.get(TASK).and_then(|value| serde_json::from_str(value.as_s().ok()?).ok());
    let revision = item.get(REVISION).and_then(|value| value.as_n().ok()?.parse().ok());
    Ok((task.ok_or_else(|| unreadable(TASK))?, revision.ok_or_else(|| unreadable(REVISION))?))
}

fn unreadable(attribute: &'static str) -> StoreError {
    StoreError::Unreadable { family: "task", attribute }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shop::task::TaskNps;
    use crate::{Used, testing};
    use futures::future::join_all;
    use jiff::Timestamp;
    use rekindle_lifecycle::facts::{Event, Traits};
    use rekindle_lifecycle::id::CustomerId;

    fn shop(name: &str) -> ShopId {
        ShopId::parse(name).expect("an id")
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("an instant")
    }

    fn task(number: i64) -> Task {
        let customer = CustomerId::parse("anna").expect("an id");
        Task {
            id: MessageId::derive(&shop("tea"), &customer, "detractor", &number.to_string(), "call", "handoff"),
            shop: shop("tea"),
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

    fn told(task: &Task) -> Fact {
        let at = task.closed.as_ref().map_or(task.created_at, |closed| closed.at);
        let event = Event::Other { name: "closed".to_owned() };
        Fact { at, id: task.id.to_string(), event, traits: Traits::default() }
    }

    async fn facts(store: &Store) -> usize {
        let key = CustomerKey { shop: shop("tea"), customer: task(0).customer };
        store.facts_of(&key).all().await.expect("read").len()
    }

    #[tokio::test]
    async fn a_task_is_opened_once_even_after_it_was_closed() {
        let (store, _) = testing::store_and_client().await;
        store.capacity().take();
        assert!(store.open_task(&task(1)).await.expect("opened"));
        assert_eq!(store.capacity().take(), Used { read: 0.0, write: 4.0 });
        assert!(!store.open_task(&task(1)).await.expect("opened again"));
        store.close_task(&shop("tea"), &task(1).id, &closing(9, "called"), told).await.expect("closed");
        assert!(!store.open_task(&task(1)).await.expect("opened again"));
        assert!(store.tasks(&shop("tea"), TaskList::Open, None, 9).await.expect("listed").tasks.is_empty());
        let closed = store.tasks(&shop("tea"), TaskList::Closed, None, 9).await.expect("listed").tasks;
        assert_eq!(closed, [Task { closed: Some(closing(9, "called")), ..task(1) }]);
    }

    #[tokio::test]
    async fn of_closings_at_once_one_stands_and_one_fact_tells_it() {
        let (store, _) = testing::store_and_client().await;
        store.open_task(&task(1)).await.expect("opened");
        let closings = (0..4).map(|number| {
            let store = store.clone();
            let closing = closing(number, &format!("outcome {number}"));
            async move { store.close_task(&shop("tea"), &task(1).id, &closing, told).await }
        });
        let closed: Vec<_> = join_all(closings).await.into_iter().map(|one| one.expect("closed")).collect();
        assert!(closed.iter().all(|one| *one == closed[0] && one.as_ref().is_some_and(|one| one.closed.is_some())));
        assert_eq!(facts(&store).await, 1);
        let again = store.close_task(&shop("tea"), &task(1).id, &closing(99, "later"), told).await.expect("closed");
        assert_eq!((again, facts(&store).await), (closed[0].clone(), 1));
        let other = store.close_task(&shop("vinyl"), &task(1).id, &closing(1, "no"), told).await.expect("asked");
        assert_eq!(other, None);
    }

    #[tokio::test]
    async fn notes_made_at_once_are_all_kept_and_one_repeated_is_kept_once() {
        let (store, _) = testing::store_and_client().await;
        store.open_task(&task(1)).await.expect("opened");
        let note = |text: &str| TaskNote { at: at(5), by: "Bob".to_owned(), text: text.to_owned() };
        let (one, two) = (note("no answer"), note("she is away"));
        let (shop, id) = (shop("tea"), task(1).id);
        let noted = tokio::join!(store.note_task(&shop, &id, &one), store.note_task(&shop, &id, &two));
        assert!(noted.0.is_ok() && noted.1.is_ok());
        store.close_task(&shop, &id, &closing(9, "called"), told).await.expect("closed");
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
        let (store, _) = testing::store_and_client().await;
        for number in [3, 1, 5, 2, 4] {
            store.open_task(&task(number)).await.expect("opened");
        }
        let first = store.tasks(&shop("tea"), TaskList::Open, None, 3).await.expect("listed");
        assert_eq!(first.tasks, [task(1), task(2), task(3)]);
        let rest = store.tasks(&shop("tea"), TaskList::Open, first.next.as_deref(), 3).await.expect("listed");
        assert_eq!((rest.tasks, rest.next), (vec![task(4), task(5)], None));
        assert!(store.tasks(&shop("vinyl"), TaskList::Open, None, 3).await.expect("listed").tasks.is_empty());
    }
}
