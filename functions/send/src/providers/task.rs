//! Tasks for the shop's people: kept on the shop's list and announced on the event bus.

use super::Draft;
use crate::Sender;
use jiff::Timestamp;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::facts::Event;
use rekindle_lifecycle::message::AttemptOutcome;
use rekindle_lifecycle::money::Money;
use rekindle_lifecycle::policy::Policy;
use rekindle_messaging::CloudEvent;
use rekindle_store::StoreError;
use rekindle_store::shop::task::{self, TaskNps};
use serde_json::json;

/// The type of the event that announces a task.
const TASK_OPENED: &str = "rekindle.task.opened";

/// A task that is ready to be opened.
pub(crate) struct Task(Box<task::Task>);

impl Task {
    /// Collects what people need to know before they call: why, what the customer answered, what they bought.
    pub(super) async fn new(sender: &Sender, draft: &Draft<'_>) -> Result<Self, StoreError> {
        let Draft { key, message, customer, policy, now, .. } = draft;
        let recent = sender.store.facts_since(key, message.run_started_at).await?;
        let answers = recent.facts.iter().filter(|fact| fact.id == message.run).filter_map(|fact| match &fact.event {
            Event::NpsAnswer(answer) => Some((fact.at, answer)),
            _ => None,
        });
        let nps = answers.max_by_key(|(at, _)| *at).map(|(_, answer)| TaskNps {
            score: answer.score,
            comment: answer.comment.clone(),
            may_call: answer.may_call,
        });
        Ok(Self(Box::new(task::Task {
            id: message.id.clone(),
            shop: key.shop.clone(),
            customer: key.customer.clone(),
            journey: message.journey.clone(),
            step: message.step.clone(),
            title: message.template.replace('-', " "),
            created_at: message.created_at,
            because: message.because.clone(),
            nps,
            history: history(customer, policy, *now),
            notes: Vec::new(),
            closed: None,
        })))
    }

    /// Puts the task on the list and announces it. Both may be repeated: the task has the message's id, and so has the event.
    pub(super) async fn hand_over(&self, sender: &Sender) -> AttemptOutcome {
        let Self(task) = self;
        if let Err(error) = sender.store.open_task(task).await {
            return AttemptOutcome::RejectedForNow { reason: error.to_string() };
        }
        let data = json!({
            "task": task.id,
            "customer": task.customer,
            "journey": task.journey,
            "step": task.step,
            "title": task.title,
            "because": task.because,
            "nps_score": task.nps.as_ref().map(|nps| nps.score),
        });
        let event = CloudEvent::of_shop(&task.shop, TASK_OPENED, task.id.to_string(), task.created_at, data);
        match sender.events.publish(&event.about(task.id.as_str())).await {
            Ok(()) => AttemptOutcome::Accepted { provider_id: task.id.to_string() },
            Err(error) if error.is_passing() => AttemptOutcome::RejectedForNow { reason: error.to_string() },
            // The task is on the list, which is what counts.
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the bus will never take this event");
                AttemptOutcome::Accepted { provider_id: task.id.to_string() }
            }
        }
    }
}

/// A few lines about the customer.
fn history(customer: &Customer, policy: &Policy, now: Timestamp) -> Vec<String> {
    let folded = &customer.folded;
    let purchases = folded.orders.purchases(&policy.calendar, now);
    let day = |at: Timestamp| policy.calendar.day(at);
    let mut lines = vec![format!("stage: {}", customer.stage)];
    if let (Some(first), Some(last)) = (purchases.first_at, purchases.last_at) {
        lines.push(format!("{} orders, the first on {}, the last on {}", purchases.orders, day(first), day(last)));
    }
    let spent = folded.orders.value().into_iter().map(|(currency, minor)| Money { minor, currency }.to_string());
    let spent: Vec<String> = spent.collect();
    if !spent.is_empty() {
        lines.push(format!("spent: {}", spent.join(", ")));
    }
    if let Some(said) = &folded.nps {
        lines.push(format!("answered {} on {}", said.value.score, day(said.at)));
    }
    lines
}
