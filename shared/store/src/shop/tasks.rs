//! Tasks for a shop's people: the messages of the channel *task*, kept until they are closed.
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
use crate::table::guarded::{Guarded, unless_changed};
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
    /// Opens a task; whether it is new. An existing task of this id, open or closed, stays as it is. One transaction: four write
    /// units.
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
            // Another transaction may have held the item.
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
        let tasks = answer.items().iter().map(|item| Ok(from_item(item)?.0)).collect::<Result<_, StoreError>>()?;
        let next = next_page(&answer);
        Ok(TaskPage { tasks, next })
    }

    /// Adds a note to a task, open or closed; returns the task, or `None` if there is none. A note with the author and text of the
    /// last one is a repetition and not added.
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

    /// Closes a task and stores the fact that `fact_of` makes of the closing, both or neither; returns the task, or `None` if there
    /// is none. A closed task stays as it is: its first outcome counts.
    ///
    /// # Errors
    /// The database refused or did not answer, or others kept writing the task.
    pub async fn close_task(
        &self,
        shop: &ShopId,
        id: &MessageId,
        closing: &Closing,
        fact_of: impl Fn(&Task) -> Fact,
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
                .set_item(Some(fact_item(&customer, &fact_of(&task))))
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

    /// Removes a task with its notes; part of erasing a customer. A missing task counts as removed.
    ///
    /// # Errors
    /// The database refused or did not answer, or removed only some of it.
    pub async fn remove_task(&self, shop: &ShopId, id: &MessageId) -> Result<(), StoreError> {
        let (table, pk) = (&self.tables.shops, keys::tasks_pk(shop));
        let mention_sk = keys::task_mention_sk(id);
        let Some(mention) = self.get(table, pk.clone(), Some(mention_sk.clone())).await? else { return Ok(()) };
        let created_at = mention.get(CREATED_AT).and_then(|at| at.as_s().ok()?.parse().ok());
        let created_at = created_at.ok_or_else(|| unreadable(CREATED_AT))?;
        // The mention goes last: after an interruption a repetition finds the rest.
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
        // It may be closed between the two reads, but is never opened again.
        for list in [TaskList::Open, TaskList::Closed] {
            let sk = keys::task_sk(list.prefix(), created_at, id);
            if let Some(item) = self.get(table, pk.clone(), Some(sk)).await? {
                return from_item(&item).map(Some);
            }
        }
        Ok(None)
    }

    /// The put of a task that was read at a revision; 0 if it is new in its list.
    fn task_put(&self, list: TaskList, task: &Task, seen: u64) -> Put {
        let put = Put::builder()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::tasks_pk(&task.shop)))
            .item("sk", AttributeValue::S(keys::task_sk(list.prefix(), task.created_at, &task.id)))
            .item(TASK, json(task))
            .item(REVISION, number(seen + 1));
        unless_changed(put, REVISION, seen).build().expect("a put has an item and a table")
    }
}

fn from_item(item: &HashMap<String, AttributeValue>) -> Result<(Task, u64), StoreError> {
    let task = item.get(TASK).and_then(|value| serde_json::from_str(value.as_s().ok()?).ok());
    let revision = item.get(REVISION).and_then(|value| value.as_n().ok()?.parse().ok());
    Ok((task.ok_or_else(|| unreadable(TASK))?, revision.ok_or_else(|| unreadable(REVISION))?))
}

fn unreadable(attribute: &'static str) -> StoreError {
    StoreError::Unreadable { family: "task", attribute }
}
