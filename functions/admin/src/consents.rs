//! What a fact says about consent.

use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::facts::{Event, Fact, LeftOutReason, ReportedConsent};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The latest statement about each channel and purpose, of the shop and of the customer apart, with where and when it was made.
/// The facts are given newest first.
pub(crate) fn latest(facts: &[Fact]) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let mut is_latest =
        |one: &Value| seen.insert([&one["channel"], &one["purpose"], &one["said_by"]].map(Value::to_string));
    facts.iter().flat_map(consents).filter(|one| is_latest(one)).collect()
}

/// What the shop said last about a channel, if it was neither yes nor no: the field and what it held. Until the shop says it
/// clearly, that is a no to marketing.
pub(crate) fn unclear(facts: &[Fact]) -> Vec<Value> {
    let channels =
        [(Channel::Email, LeftOutReason::UnclearEmailConsent), (Channel::Sms, LeftOutReason::UnclearSmsConsent)];
    let found = channels.into_iter().filter_map(|(channel, reason)| {
        let fact = facts.iter().find(|fact| fact.traits.consents().any(|consent| consent.channel == channel))?;
        let left_out = fact.traits.left_out.iter().find(|left_out| left_out.reason == reason)?;
        Some(json!({ "channel": channel, "at": fact.at, "field": left_out.field, "value": left_out.value }))
    });
    found.collect()
}

/// Each statement about consent that a fact makes, with where and when it was made and which version of the text was shown.
pub(crate) fn consents(fact: &Fact) -> Vec<Value> {
    let mut found = Vec::new();
    if let Event::Consent(consent) = &fact.event {
        found.push(json!({
            "at": fact.at,
            "channel": consent.channel,
            "purpose": consent.purpose,
            "granted": consent.granted,
            "source": consent.source,
            "text_version": consent.text_version,
            "said_by": if consent.own { "customer" } else { "shop" },
        }));
    }
    found.extend(fact.traits.consents().map(|reported| {
        let ReportedConsent { channel, purpose, granted, is_clear, evidence } = reported;
        let mut row = json!({
            "at": fact.at,
            "channel": channel,
            "purpose": purpose,
            "granted": granted,
            "source": format!("trait of {}", fact.kind()),
            "text_version": null,
            "said_by": "shop",
        });
        if !is_clear {
            row["clear"] = false.into();
        }
        if let Some(evidence) = evidence {
            row["evidence"] = json!(evidence);
        }
        row
    }));
    found
}
