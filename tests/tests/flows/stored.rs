//! What a stack stores of a customer, as the tests ask for it.

use crate::stage::{Stage, key};
use aws_sdk_dynamodb::types::AttributeValue;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::Entry;
use rekindle_lifecycle::facts::Fact;
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::reason::Reason;
use rekindle_store::activity::decisions::parse_decision_item;
use rekindle_store::activity::messages::parse_message_item;
use rekindle_store::keys;
use serde_json::Value;
use std::collections::HashMap;

impl Stage {
    /// A customer as stored; of two ids with one mailbox the one that ordered.
    pub(crate) async fn customer(&self, id: &str) -> Customer {
        let mut found = Vec::new();
        for id in self.ids(id) {
            found.push(self.stack.store.main_customer(&key(&id)).await.expect("a customer"));
        }
        found.sort_by_key(|customer| {
            std::cmp::Reverse((!customer.folded.orders.recent().is_empty(), customer.version > 0))
        });
        found.swap_remove(0)
    }

    /// What the API shows of a customer. Of two ids with one mailbox both show the same permissions.
    pub(crate) async fn shown(&self, id: &str) -> Value {
        let mut shown = Vec::new();
        for id in self.ids(id) {
            if self.stack.store.customer(&key(&id)).await.expect("a customer").version > 0 {
                shown.push(self.administer("GET", &format!("/v1/customers/{id}"), "").await);
            }
        }
        if let [one, other] = shown.as_slice() {
            // Since when the shop's yes waits is told of the id that it named.
            for (channel, told) in one["permissions"].as_object().expect("permissions") {
                for (name, value) in
                    told.as_object().expect("a channel").iter().filter(|(name, _)| *name != "unconfirmed_since")
                {
                    assert_eq!(*value, other["permissions"][channel][name], "{channel} {name} of {id}");
                }
            }
        }
        shown.swap_remove(0)
    }

    /// The facts stored about a customer.
    pub(crate) async fn facts(&self, id: &str) -> Vec<Fact> {
        let mut facts = Vec::new();
        for id in self.ids(id) {
            facts.extend(self.stack.store.facts_of(&key(&id)).all().await.expect("facts"));
        }
        facts
    }

    /// The messages of a customer, in the order in which they were created.
    pub(crate) async fn messages(&self, id: &str) -> Vec<Message> {
        let items = self.activity(id, keys::MESSAGE).await;
        let mut messages: Vec<_> = items.iter().map(|item| parse_message_item(item).expect("a message")).collect();
        messages.sort_by_key(|message| (message.created_at, message.step.clone()));
        messages
    }

    /// The message of a step of a customer; of two ids with one mailbox the one that went out or may.
    pub(crate) async fn message(&self, id: &str, step: &str) -> Message {
        let mut found = self.messages(id).await;
        found.retain(|message| message.step == step);
        found.sort_by_key(|message| matches!(message.withdrawn, Some(Reason::SameMailbox | Reason::Joined)));
        found.into_iter().next().unwrap_or_else(|| panic!("no message {step} to {id}"))
    }

    /// The decisions about a customer, in order.
    pub(crate) async fn entries(&self, id: &str) -> Vec<Entry> {
        let items = self.activity(id, keys::DECISION).await;
        items.iter().flat_map(|item| parse_decision_item(item).expect("entries")).collect()
    }

    /// Why a step was not sent.
    pub(crate) async fn not_sent(&self, id: &str, wanted: &str) -> Option<Reason> {
        self.entries(id).await.into_iter().find_map(|entry| match entry {
            Entry::NotSent { step: Some(step), reason, .. } if step == wanted => Some(reason),
            _ => None,
        })
    }

    async fn activity(&self, id: &str, family: &str) -> Vec<HashMap<String, AttributeValue>> {
        let mut items = Vec::new();
        for id in self.ids(id) {
            let query = self.stack.dynamodb().query().table_name(&self.stack.store.tables().activity);
            let query = query
                .key_condition_expression("pk = :pk AND begins_with(sk, :family)")
                .expression_attribute_values(":pk", AttributeValue::S(key(&id).pk()))
                .expression_attribute_values(":family", AttributeValue::S(family.to_owned()));
            let found = query.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
            items.extend(found.expect("the table answers"));
        }
        items
    }
}
