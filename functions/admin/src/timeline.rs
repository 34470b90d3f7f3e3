//! What happened to a customer, for people: every fact, every decision with its reason, every message with what became
//! of it.

use crate::Admin;
use rekindle_admin_api::Problem;
use rekindle_lifecycle::decide::Entry;
use rekindle_lifecycle::facts::{Event, Fact};
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::reason::Reason;
use rekindle_store::CustomerKey;
use rekindle_store::activity::timeline::Happening;
use serde_json::{Value, json};

/// The latest `limit` things that happened to a customer, newest first; nothing if nothing is known of them.
///
/// # Errors
/// The store did not answer.
pub async fn describe(admin: &Admin, key: &CustomerKey, limit: u16) -> Result<Option<Value>, Problem> {
    let timeline = admin.store.timeline(key, limit).await?;
    if timeline.happenings.is_empty() {
        return Ok(None);
    }
    let entries: Vec<Value> = timeline.happenings.iter().flat_map(told).collect();
    Ok(Some(json!({ "customer": key.customer, "entries": entries, "more": timeline.more })))
}

fn told(happening: &Happening) -> Vec<Value> {
    match happening {
        Happening::Fact(told) => vec![fact(told)],
        Happening::Decision { at, entries } => entries.iter().rev().map(|one| entry(one, *at)).collect(),
        Happening::Message(told) => vec![message(told)],
    }
}

fn fact(fact: &Fact) -> Value {
    let mut told = json!({ "at": fact.at, "what": "fact", "kind": fact.kind(), "id": fact.id });
    match &fact.event {
        Event::Order(order) => {
            told["order_id"] = json!(order.order_id);
            told["amount"] = json!(order.amount.map(|money| money.to_string()));
            told["coupon"] = json!(order.coupon);
        }
        Event::Refund(refund) => {
            told["order_id"] = json!(refund.order_id);
            told["amount"] = json!(refund.amount.map(|money| money.to_string()));
        }
        Event::Consent(consent) => {
            told["channel"] = json!(consent.channel);
            told["purpose"] = json!(consent.purpose);
            told["granted"] = consent.granted.into();
            told["source"] = consent.source.as_str().into();
        }
        Event::Reaction(reaction) => {
            told["how"] = json!(reaction.how);
            told["message"] = json!(reaction.message);
        }
        Event::Suppressed(suppression) => {
            told["channel"] = json!(suppression.channel);
            told["cause"] = json!(suppression.cause);
        }
        Event::Pause(pause) => told["until"] = json!(pause.until),
        Event::NpsAnswer(answer) => {
            told["score"] = answer.score.into();
            told["comment"] = json!(answer.comment);
            told["may_call"] = json!(answer.may_call);
        }
        Event::Unsuppressed(opened) => told["channel"] = json!(opened.channel),
        Event::SoftBounce(bounce) => told["channel"] = json!(bounce.channel),
        Event::TaskClosed(closed) => {
            told["task"] = json!(closed.task);
            told["outcome"] = json!(closed.outcome);
        }
        Event::Invited(invited) => told["code"] = invited.code.as_str().into(),
        Event::Referred(referred) => {
            told["code"] = referred.code.as_str().into();
            told["ordered_at"] = json!(referred.ordered_at);
            told["counts"] = referred.counts.into();
        }
        Event::Other { name } => told["name"] = name.as_str().into(),
        Event::Identified => {}
    }
    if !fact.traits.is_empty() {
        told["traits"] = json!(fact.traits);
    }
    told
}

/// As it is recorded (`entry` tells which of its forms), with a sentence where there is only the name of a reason.
pub(crate) fn entry(entry: &Entry, at: jiff::Timestamp) -> Value {
    let reason = match entry {
        Entry::NotSent { reason, .. } | Entry::RunEnded { reason, .. } => Some(*reason),
        _ => None,
    };
    let mut told = json!(entry);
    // When its rule began to hold; `at` is when that was noticed.
    if let Entry::Transition { at, .. } = entry {
        told["since"] = json!(at);
    }
    told["at"] = json!(at);
    told["what"] = "decision".into();
    if let Entry::ReferralRefused { refusal, .. } = entry {
        told["because"] = refusal.sentence().into();
    }
    if let Some(reason) = reason {
        told["because"] = reason.sentence().into();
    }
    told
}

fn message(message: &Message) -> Value {
    json!({
        "at": message.created_at,
        "what": "message",
        "id": message.id,
        "journey": message.journey,
        "step": message.step,
        "channel": message.channel,
        "template": message.template,
        "because": message.because,
        "state": message.state,
        "planned_at": message.planned_at,
        "accepted_at": message.accepted_at,
        "attempts": message.attempts,
        "withdrawn": message.withdrawn.map(Reason::name),
        "withdrawn_because": message.withdrawn.map(Reason::sentence),
        "note": message.note,
    })
}
