//! The trigger: the stream of new facts.

use crate::Collect;
use aws_lambda_events::event::dynamodb::Event as StreamEvent;
use rekindle_catalogue::{ProductId, Sighting};
use rekindle_lifecycle::id::ShopId;
use rekindle_platform::batch::guarded;
use rekindle_platform::spans;
use rekindle_store::activity::facts::parse_fact_item;
use rekindle_store::catalogue::changes::ProductChange;
use rekindle_store::{StoreError, keys};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tracing::Instrument;

/// The event does not come from the stream.
#[derive(Debug, thiserror::Error)]
#[error("the event is not of the form that the stream gives")]
pub struct TriggerError(#[from] serde_json::Error);

/// Handles one batch. Where the tables do not answer, it says from which record on the stream has to deliver it again (the mapping
/// must have `ReportBatchItemFailures` on).
///
/// # Errors
/// The event cannot be read at all.
pub async fn handle(collect: &Collect, event: Value) -> Result<Value, TriggerError> {
    let event: StreamEvent = serde_json::from_value(event)?;
    let first = event.records.first().and_then(|record| record.change.sequence_number.clone());
    let mut by_shop: BTreeMap<ShopId, Vec<Sighting>> = BTreeMap::new();
    for record in event.records {
        if record.event_name != "INSERT" || !is_fact(&record.change.keys) {
            continue;
        }
        // A record that cannot be read shows no product; `advance` sees to its customer.
        if let Ok((key, fact)) = parse_fact_item(record.change.new_image) {
            by_shop.entry(key.shop).or_default().extend(Sighting::all_of(&fact));
        }
    }
    let mut is_open = false;
    for (shop, sightings) in by_shop {
        match guarded(collect.learn(&shop, sightings)).instrument(spans::stream_shop(&shop)).await {
            Some(Ok(())) => {}
            Some(Err(error)) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "products were not learned; the batch is repeated");
                is_open = true;
            }
            // The same batch would end the same way, and hold up what comes behind it.
            None => tracing::error!("learning products panicked; these are left out"),
        }
    }
    let failures: Vec<Value> =
        first.filter(|_| is_open).map(|number| json!({ "itemIdentifier": number })).into_iter().collect();
    Ok(json!({ "batchItemFailures": failures }))
}

impl Collect {
    /// Applies what events of a shop showed, each product once.
    async fn learn(&self, shop: &ShopId, sightings: Vec<Sighting>) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut changes: BTreeMap<ProductId, Vec<ProductChange>> = BTreeMap::new();
        let mut applied = Vec::new();
        for sighting in sightings {
            if !self.learned.knows(shop, &sighting, now) {
                let change = ProductChange::Seen(sighting.clone());
                changes.entry(sighting.id.clone()).or_default().push(change);
                applied.push(sighting);
            }
        }
        if changes.is_empty() {
            return Ok(());
        }
        let written = self.store.change_products(shop, changes).await?;
        self.learned.remember(shop, applied.iter(), now);
        if written > 0 {
            tracing::debug!(written, "products were learned");
        }
        Ok(())
    }
}

fn is_fact(key: &serde_dynamo::Item) -> bool {
    matches!(key.get("sk"), Some(serde_dynamo::AttributeValue::S(sk)) if keys::is_fact(sk))
}
