//! Tables that are restored to an earlier moment bring back who was erased since; `rekindle erasures reapply` erases them again.

use crate::stage::{Stage, key, order_at};
use aws_sdk_dynamodb::types::AttributeValue;
use rekindle_operator::deployment::erasures::{Reapplied, Reapply};
use std::collections::HashMap;

/// The three tables that are restored together, as they were.
struct Backup(Vec<(String, Vec<HashMap<String, AttributeValue>>)>);

impl Backup {
    async fn take(stage: &Stage) -> Self {
        let tables = stage.stack.store.tables();
        let mut copied = Vec::new();
        for table in [&tables.customers, &tables.activity, &tables.shops] {
            let items = stage.stack.dynamodb().scan().table_name(table).into_paginator().items().send();
            copied.push((table.clone(), items.collect::<Result<Vec<_>, _>>().await.expect("read")));
        }
        Self(copied)
    }

    /// Makes the three tables what they were. The table of marks stays as it is.
    async fn restore(&self, stage: &Stage) {
        for ((table, now), (_, before)) in Self::take(stage).await.0.into_iter().zip(&self.0) {
            for mut item in now {
                item.retain(|name, _| name == "pk" || name == "sk");
                let delete = stage.stack.dynamodb().delete_item().table_name(&table);
                delete.set_key(Some(item)).send().await.expect("deleted");
            }
            for item in before {
                let put = stage.stack.dynamodb().put_item().table_name(&table).set_item(Some(item.clone()));
                put.send().await.expect("put back");
            }
        }
    }
}

async fn reapply(stage: &Stage, dry_run: bool) -> Reapplied {
    let (store, link_keys) = (&stage.stack.store, &stage.stack.shop.link_keys);
    let reapply = Reapply { store, link_keys, kept_in: &[], now: stage.now(), dry_run };
    reapply.run(|_| ()).await.expect("erased again")
}

async fn is_known(stage: &Stage, customer: &str) -> bool {
    let everything = stage.stack.store.activity_of(&key(customer), None).await.expect("read").0;
    stage.customer(customer).await.version > 0 || !everything.is_empty()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_erased_after_the_moment_of_a_restore_is_erased_again() {
    let mut stage = Stage::new().await;
    let first = order_at("anna", "a1", stage.now());
    stage.take(&[first.clone(), order_at("bo", "b1", stage.now()), order_at("carol", "c1", stage.now())]).await;
    stage.pass("2h").await;
    // Carol was erased before the backup and has come back since.
    stage.administer("DELETE", "/v1/customers/carol", "").await;
    stage.pass("1d").await;
    stage.order("carol", "c2").await;
    stage.pass("2h").await;
    let backup = Backup::take(&stage).await;
    stage.pass("3h").await;
    stage.administer("DELETE", "/v1/customers/anna", "").await;
    stage.settle().await;
    assert!(!is_known(&stage, "anna").await);

    backup.restore(&stage).await;
    assert!(is_known(&stage, "anna").await, "the restore brought her back");
    let counted = reapply(&stage, true).await;
    assert_eq!((counted.customers, counted.erased), (3, 1));
    assert!(is_known(&stage, "anna").await, "nothing is changed by counting");
    assert_eq!(reapply(&stage, false).await.erased, 1);
    assert_eq!(reapply(&stage, false).await.erased, 0, "a second run finds nothing");
    // What the stream and the shop bring after it is from before the erasure, too.
    stage.settle().await;
    stage.take(&[first]).await;
    stage.settle().await;
    stage.pass("60d").await;
    assert!(!is_known(&stage, "anna").await);
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
    assert!(is_known(&stage, "bo").await && is_known(&stage, "carol").await);
    assert!(stage.sent("bo").len() > 1, "the others go on");
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_that_are_older_than_their_table_are_kept_there_by_the_same_command() {
    let mut stage = Stage::new().await;
    stage.take(&[order_at("anna", "a1", stage.now())]).await;
    stage.pass("2h").await;
    stage.administer("DELETE", "/v1/customers/anna", "").await;
    let (client, tables) = (stage.stack.dynamodb(), stage.stack.store.tables());
    let kept = tables.erasures.as_deref().expect("a table of marks");
    let before = stage.stack.store.kept_marks(kept).await.expect("read");
    assert_eq!(before, stage.stack.store.erasure_marks().await.expect("read"));
    assert!(before.len() >= 3, "the id, the address and the order: {before:?}");
    for fingerprint in before.keys() {
        let delete = client.delete_item().table_name(kept).key("pk", AttributeValue::S(fingerprint.clone()));
        delete.send().await.expect("deleted");
    }
    assert_eq!(reapply(&stage, false).await.erased, 0);
    assert_eq!(stage.stack.store.kept_marks(kept).await.expect("read"), before);
}
