//! Products: changed by several at once, read by key, listed.

use futures::future::join_all;
use rekindle_catalogue::{ProductId, Source, Statement};
use rekindle_store::catalogue::changes::ProductChange;
use rekindle_testing::builders::{now, shop};
use rekindle_testing::database::store_and_client;
use std::collections::{BTreeMap, BTreeSet};

fn id(product: &str) -> ProductId {
    ProductId::new(product, None).expect("an id")
}

fn stated(source: Source, product: &str, name: &str) -> BTreeMap<ProductId, Vec<ProductChange>> {
    let statement = Statement { name: Some(name.to_owned()), ..Statement::new(now()) };
    BTreeMap::from([(id(product), vec![ProductChange::Stated(source, statement)])])
}

#[tokio::test]
async fn of_changes_at_once_none_is_lost() {
    let (store, _client) = store_and_client().await;
    for round in 0..20 {
        let product = format!("p{round}");
        let (shop, changes) = (shop(), Source::KNOWN.map(|source| stated(source, &product, source.code())));
        let written = join_all(changes.map(|changes| store.change_products(&shop, changes))).await;
        assert!(written.into_iter().all(|written| written.expect("written") == 1));
        let found = store.products(&shop, &BTreeSet::from([id(&product)])).await.expect("read");
        for source in Source::KNOWN {
            assert!(found[&id(&product)].statement(source).is_some(), "{source} of {product}");
        }
    }
}

#[tokio::test]
async fn more_products_than_one_batch_are_changed_and_read() {
    let (store, _client) = store_and_client().await;
    let mut changes = BTreeMap::new();
    for number in 0..230 {
        changes.extend(stated(Source::Api, &format!("p#{number}"), "Tea"));
    }
    let ids: BTreeSet<ProductId> = changes.keys().cloned().collect();
    assert_eq!(store.change_products(&shop(), changes.clone()).await.expect("written"), 230);
    assert_eq!(store.change_products(&shop(), changes).await.expect("known"), 0);
    let found = store.products(&shop(), &ids).await.expect("read");
    assert_eq!(found.keys().cloned().collect::<BTreeSet<_>>(), ids);
}

#[tokio::test]
async fn a_product_and_its_variants_are_found_together_and_those_of_its_namesakes_are_not() {
    let (store, _client) = store_and_client().await;
    let variant = |product: &str, variant: &str| ProductId::new(product, Some(variant)).expect("an id");
    let ids = [id("T"), variant("T", "1"), variant("T", "2"), id("T#"), variant("T#", "1"), id("T1")];
    for id in &ids {
        let change = vec![ProductChange::Stated(Source::Api, Statement::new(now()))];
        store.change_products(&shop(), BTreeMap::from([(id.clone(), change)])).await.expect("written");
    }
    let found = store.product_with_variants(&shop(), "T", 10).await.expect("read");
    let found: Vec<ProductId> = found.into_iter().map(|(id, _)| id).collect();
    assert_eq!(found, ids[..3]);
    assert_eq!(store.product_with_variants(&shop(), "T", 2).await.expect("read").len(), 2);
}
