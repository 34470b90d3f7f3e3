//! A customer's history for readers: every fact, every decision with its reason, every message with its
//! outcome.

use crate::Admin;
use crate::ids::Ids;
use crate::said;
use rekindle_admin_api::Problem;
use rekindle_lifecycle::decide::Entry;
use rekindle_lifecycle::facts::{Event, Fact, LeftOut, Traits};
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::reason::Reason;
use rekindle_store::activity::timeline::Happening;
use rekindle_store::{CustomerKey, keys};
use serde_json::{Value, json};
use std::cmp::Reverse;

/// The latest `limit` things that happened to a customer under any of their ids, newest first; `None` for an unknown customer.
///
/// # Errors
/// The store did not answer.
pub async fn describe(admin: &Admin, key: &CustomerKey, limit: u16) -> Result<Option<Value>, Problem> {
    let ids = Ids::load(&admin.store, key).await?;
    let (mut happenings, mut more) = (Vec::new(), false);
    for id in ids.all() {
        let timeline = admin.store.timeline(id, limit).await?;
        more |= timeline.more;
        happenings.extend(timeline.happenings.into_iter().map(|happening| (id, happening)));
    }
    if happenings.is_empty() {
        return Ok(None);
    }
    if !ids.others.is_empty() {
        happenings.sort_by_key(|(_, happening)| Reverse(happening.at()));
        more |= happenings.len() > usize::from(limit);
        happenings.truncate(usize::from(limit));
    }
    let shown: Vec<Value> = happenings.iter().flat_map(|(id, happening)| rows(&ids, id, happening)).collect();
    Ok(Some(json!({ "customer": ids.main.customer, "entries": shown, "more": more })))
}

/// The rows of what happened under one id; of several ids, each row says which.
fn rows(ids: &Ids, id: &CustomerKey, happening: &Happening) -> Vec<Value> {
    let mut rows = entries(happening);
    if !ids.others.is_empty() {
        rows.iter_mut().for_each(|row| row["customer"] = json!(id.customer));
    }
    rows
}

fn entries(happening: &Happening) -> Vec<Value> {
    match happening {
        Happening::Fact(stored) => vec![fact(stored)],
        Happening::Decision { at, entries } => entries.iter().rev().map(|one| entry(one, *at)).collect(),
        Happening::Message(stored) => vec![message(stored)],
        Happening::Unreadable { at, family } => {
            let what = match *family {
                keys::MESSAGE => "message",
                keys::DECISION => "decision",
                _ => "fact",
            };
            vec![json!({ "at": at, "what": what, "kind": "unknown" })]
        }
    }
}

fn fact(fact: &Fact) -> Value {
    let mut row = json!({ "at": fact.at, "what": "fact", "kind": fact.kind(), "id": fact.id });
    match &fact.event {
        Event::Order(order) => {
            row["order_id"] = json!(order.order_id);
            row["amount"] = json!(order.amount.map(|money| money.to_string()));
            row["coupon"] = json!(order.coupon);
            said::order(&mut row, order);
        }
        Event::Refund(refund) => {
            row["order_id"] = json!(refund.order_id);
            row["amount"] = json!(refund.amount.map(|money| money.to_string()));
            if refund.currency_assumed {
                row["currency_assumed"] = true.into();
            }
            said::lines(&mut row, &refund.lines, refund.amount.map(|amount| amount.currency));
        }
        Event::Consent(consent) => {
            row["channel"] = json!(consent.channel);
            row["purpose"] = json!(consent.purpose);
            row["granted"] = consent.granted.into();
            row["source"] = consent.source.as_str().into();
        }
        Event::Reaction(reaction) => {
            row["how"] = json!(reaction.how);
            row["message"] = json!(reaction.message);
        }
        Event::Suppressed(suppression) => {
            row["channel"] = json!(suppression.channel);
            row["cause"] = json!(suppression.cause);
        }
        Event::Pause(pause) => row["until"] = json!(pause.until),
        Event::NpsAnswer(answer) => {
            row["score"] = answer.score.into();
            row["comment"] = json!(answer.comment);
            row["may_call"] = json!(answer.may_call);
        }
        Event::Unsuppressed(opened) => row["channel"] = json!(opened.channel),
        Event::SoftBounce(bounce) => row["channel"] = json!(bounce.channel),
        Event::TaskClosed(closed) => {
            row["task"] = json!(closed.task);
            row["outcome"] = json!(closed.outcome);
        }
        Event::Invited(invited) => row["code"] = invited.code.as_str().into(),
        Event::Referred(referred) => {
            row["code"] = referred.code.as_str().into();
            row["ordered_at"] = json!(referred.ordered_at);
            row["counts"] = referred.counts.into();
        }
        Event::Joined(joined) => {
            row["with"] = json!(joined.with);
            row["cause"] = json!(joined.cause);
        }
        Event::Parted(parted) => row["with"] = json!(parted.with),
        Event::Other(event) => {
            row["name"] = event.name.as_str().into();
            said::properties(&mut row, &event.properties);
            said::context(&mut row, &event.context);
        }
        Event::Shopping(event) => said::shopping(&mut row, event),
        Event::Identified => {}
        Event::Unrecognised(unrecognised) => {
            row["kind"] = "unknown".into();
            row["stored_kind"] = unrecognised.kind().into();
            row["class"] = json!(unrecognised.class());
        }
    }
    let traits = Traits { left_out: Vec::new(), ..fact.traits.clone() };
    if !traits.is_empty() {
        row["traits"] = json!(traits);
    }
    if !fact.traits.left_out.is_empty() {
        row["left_out"] = fact.traits.left_out.iter().map(left_out).collect();
    }
    row
}

/// A field that could not be used, with a sentence about it.
fn left_out(left_out: &LeftOut) -> Value {
    let mut row = json!(left_out);
    row["because"] = left_out.reason.sentence().into();
    row
}

/// One decision as it is stored (`entry` says which kind it is), with a sentence for the name of a reason.
pub(crate) fn entry(entry: &Entry, at: jiff::Timestamp) -> Value {
    let because = match entry {
        Entry::NotSent { because: Some(because), .. } => Some(because.as_str()),
        Entry::NotSent { reason, .. } | Entry::RunEnded { reason, .. } => Some(reason.sentence()),
        Entry::ReferralRefused { refusal, .. } => Some(refusal.sentence()),
        _ => None,
    };
    if let Entry::Unrecognised(raw) = entry {
        return json!({ "at": at, "what": "decision", "kind": "unknown", "raw": raw });
    }
    let mut row = json!(entry);
    // The instant at which its rule began to hold; `at` is the instant of the decision.
    if let Entry::Transition { at, .. } = entry {
        row["since"] = json!(at);
    }
    row["at"] = json!(at);
    row["what"] = "decision".into();
    if let Some(because) = because {
        row["because"] = because.into();
    }
    row
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
        "withdrawn": message.withdrawn.as_ref().map(Reason::code),
        "withdrawn_because": message.withdrawn.as_ref().map(Reason::sentence),
        "note": message.note,
    })
}
