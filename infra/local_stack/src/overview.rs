//! Counts of customers, orders and messages: all at once by a scan, and running by the stream.

use super::Stack;
use super::loops::Loops;
use aws_sdk_dynamodb::types::AttributeValue;
use rekindle_lifecycle::decide::Entry;
use rekindle_lifecycle::message::{Message, MessageState};
use rekindle_lifecycle::stage::Stage;
use rekindle_store::activity::decisions::parse_decision_item;
use rekindle_store::activity::facts::parse_fact_item;
use rekindle_store::activity::messages::parse_message_item;
use rekindle_store::customers::item::parse_customer_item;
use rekindle_store::{StoreError, keys};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

/// How many customers, orders and messages there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Overview {
    /// Customers.
    pub customers: u64,
    /// Counted orders of all customers.
    pub orders: u64,
    /// Customers by stage.
    pub stages: BTreeMap<String, u64>,
    /// Messages that a provider accepted, by journey and step.
    pub messages: BTreeMap<String, BTreeMap<String, u64>>,
    /// Messages that were not sent, by reason.
    pub suppressed: BTreeMap<String, u64>,
    /// Messages whose outcome is open or stayed unknown, by state.
    pub unsettled: BTreeMap<String, u64>,
    /// Answers, referrals, coupons and clicks.
    #[serde(flatten)]
    pub loops: Loops,
}

impl Overview {
    /// Counts by scanning all three tables, a page at a time.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn scan(stack: &Stack) -> Result<Self, StoreError> {
        let mut overview = Self::default();
        let now = stack.time.now();
        scan(stack, &stack.store.tables().customers, |item| {
            let Some(customer) = readable(parse_customer_item(item)) else { return Ok(()) };
            if customer.decided.standing.joined_to.is_some() {
                // Counted under the main id.
                return Ok(());
            }
            let policy = rekindle_lifecycle::policy::Policy::built_in();
            overview.customers += 1;
            overview.orders += u64::from(customer.folded.orders.purchases(&policy.calendar, now).orders);
            *overview.stages.entry(customer.stage.code().to_owned()).or_default() += 1;
            overview.loops.count_customer(&customer, now);
            Ok(())
        })
        .await?;
        scan(stack, &stack.store.tables().activity, |item| {
            let sk = item.get("sk").and_then(|value| value.as_s().ok()).map_or("", String::as_str);
            if sk.starts_with(keys::MESSAGE) {
                readable(parse_message_item(item)).iter().for_each(|message| overview.count_message(message));
            } else if sk.starts_with(keys::DECISION) {
                for entry in readable(parse_decision_item(item)).unwrap_or_default() {
                    overview.count_entry(&entry);
                    overview.loops.count_entry(&entry);
                }
            } else if sk.starts_with(keys::FACT)
                && let Some((customer, fact)) = readable(parse_fact_item(item.clone()))
            {
                overview.loops.count_fact(&customer, &fact);
            }
            Ok(())
        })
        .await?;
        scan(stack, &stack.store.tables().shops, |item| {
            overview.loops.count_shop_item(item);
            Ok(())
        })
        .await?;
        overview.loops.finish();
        Ok(overview)
    }

    /// How many messages a provider accepted.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.messages.values().flat_map(BTreeMap::values).sum()
    }

    fn count_message(&mut self, message: &Message) {
        if message.state.was_accepted() {
            let steps = self.messages.entry(message.journey.clone()).or_default();
            *steps.entry(message.step.clone()).or_default() += 1;
        } else if let Some(reason) = message.withdrawn {
            *self.suppressed.entry(reason.code().to_owned()).or_default() += 1;
        } else {
            *self.unsettled.entry(message.state.code().to_owned()).or_default() += 1;
        }
    }

    fn count_entry(&mut self, entry: &Entry) {
        if let Entry::NotSent { reason, .. } = entry {
            *self.suppressed.entry(reason.code().to_owned()).or_default() += 1;
        }
    }
}

/// What was read, or nothing of an item that this version cannot read: it is left out of the counts.
fn readable<T>(parsed: Result<T, StoreError>) -> Option<T> {
    parsed.inspect_err(|error| tracing::warn!(%error, "an item is left out of the overview")).ok()
}

async fn scan(
    stack: &Stack,
    table: &str,
    mut each: impl FnMut(&HashMap<String, AttributeValue>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut pages = stack.dynamodb().scan().table_name(table).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| StoreError::from_sdk("Scan", error))?;
        for item in page.items() {
            each(item)?;
        }
    }
    Ok(())
}

/// Running counts for a display, updated by the stream.
#[derive(Debug, Default)]
pub struct Progress(Mutex<Running>);

/// Counts at one moment.
#[derive(Debug, Clone, Default)]
pub struct Running {
    /// Customers by stage.
    pub stages: BTreeMap<Stage, i64>,
    /// Accepted messages.
    pub sent: u64,
}

impl Progress {
    /// Starts with the counts of an overview.
    #[must_use]
    pub fn from_overview(overview: &Overview) -> Self {
        let stages = overview
            .stages
            .iter()
            .filter_map(|(code, count)| Some((Stage::from_code(code)?, i64::try_from(*count).ok()?)));
        Self(Mutex::new(Running { stages: stages.collect(), sent: overview.sent() }))
    }

    /// The counts now.
    #[must_use]
    pub fn now(&self) -> Running {
        self.0.lock().map(|running| running.clone()).unwrap_or_default()
    }

    /// Updates the counts with a record of the stream of `activity`.
    pub(super) fn update(&self, record: &Value) {
        let image = &record["dynamodb"]["NewImage"];
        let sk = image["sk"]["S"].as_str().unwrap_or_default();
        let Ok(mut running) = self.0.lock() else { return };
        if sk.starts_with(keys::DECISION) && record["eventName"] == "INSERT" {
            let entries = image["entries"]["S"].as_str().unwrap_or_default();
            for entry in serde_json::from_str::<Vec<Entry>>(entries).unwrap_or_default() {
                if let Entry::Transition { from, to, .. } = entry {
                    *running.stages.entry(from).or_default() -= i64::from(from != Stage::Prospect);
                    *running.stages.entry(to).or_default() += i64::from(to != Stage::Prospect);
                }
            }
        } else if sk.starts_with(keys::MESSAGE) && image["state"]["S"] == MessageState::Accepted.code() {
            running.sent += 1;
        }
    }
}
