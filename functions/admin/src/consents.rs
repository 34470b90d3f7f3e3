//! What a fact says about consent.

use rekindle_lifecycle::facts::{Event, Fact, ReportedConsent};
use serde_json::{Value, json};

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
