//! Answers of the API with one text in every field that a shop, a customer or a stranger can fill.

use rekindle_lifecycle::policy::DEFAULT_POLICY;
use serde_json::{Value, json};

/// What the API answers at a path: a customer, a task, a refused event, a brand, whose texts are all `text`.
pub(crate) fn answer(text: &str, method: &str, path: &str) -> (u16, String) {
    let place = path.split('?').next().unwrap_or_default();
    let at = "2026-03-01T10:00:00Z";
    let value = match (method, place) {
        ("GET", "/v1/policy") => return (200, DEFAULT_POLICY.to_owned()),
        ("GET", "/v1/policy/versions") => {
            json!({ "versions": [{ "version": 7, "at": at, "by": text, "digest": text }, { "version": 6, "at": null, "by": text }], "next_before": 6 })
        }
        ("GET", "/v1/policy/versions/6") => {
            json!({ "version": 6, "at": at, "by": text, "policy": format!("# {text}\n") })
        }
        ("GET", "/v1/brand") => {
            json!({ "name": text, "sender_name": text, "sender_address": text, "postal_address": text, "shop_url": text, "logo_url": text, "reply_to": text, "accent_colour": text, "default_language": text, "unsubscribe_address": text })
        }
        ("GET", "/v1/sending") => {
            json!({ "paused": true, "pause": { "at": at, "cause": "by_hand", "note": text }, "may_resume_from": at, "limits": {} })
        }
        ("GET", "/v1/reports/stages") => {
            json!({ "at": at, "stages": [{ "stage": "loyal", "ids": 3, "complete": true }, { "stage": text, "ids": 1, "complete": false }] })
        }
        ("GET", "/v1/reports/learned") => {
            let month = json!({ "n_treated": 9, "n_holdout": 3, "pending": 1, "verdict": { "proven": { "since": "2026-03-01" } },
                "any": { "effect": { "value": 0.1, "lo": 0.05, "hi": 0.2 } }, "sentences": { "en": text, "ru": text } });
            let said = json!([{ "title": text, "sentences": [text, ""] }]);
            json!({ "through": "2026-02-28", "lift": [{ "journey": text, "by_window": { "30": month } }, { "journey": null, "by_window": {} }],
                "sentences": { "en": said, "ru": said } })
        }
        ("GET", "/v1/proposals") => json!({ "proposals": [proposal(text)] }),
        ("GET", place) if place.starts_with("/v1/proposals/") => proposal(text),
        ("GET", "/v1/templates") => json!({ "templates": [{}] }),
        ("GET", "/v1/connectors") => json!({ "connectors": [{}] }),
        ("GET", "/v1/refused") => {
            json!({ "groups": [{ "day": "2026-03-01", "field": text, "reason": text, "code": text, "count": 2, "sample": { "id": text, "received_at": at, "body": text } }], "next_after": text })
        }
        ("GET", "/v1/tasks") => json!({ "tasks": [task(text)], "next_after": text }),
        ("GET", "/v1/customers") => {
            let row = json!({ "id": text, "stage": text, "since": at, "first_name": text, "email": text, "phone": text, "orders": 2, "last_order_at": at, "value": [text] });
            json!({ "customers": [row.clone(), row], "next_after": text })
        }
        ("GET", place) if place.ends_with("/timeline") => {
            json!({ "customer": text, "entries": entries(text), "more": true })
        }
        ("GET", place) if place.starts_with("/v1/customers/") => customer(text),
        ("POST", "/v1/policy/dry-run") => {
            json!({ "examined": 4, "complete": true, "stages": { "changed": 1, "moves": [] },
                "messages_now": { "stored": 1, "candidate": 2, "journeys": [{ "journey": text, "stored": 1, "candidate": 2 }] } })
        }
        ("POST", "/v1/refused/retry") => json!({ "accepted": 2, "refused": 1 }),
        _ => json!({ "success": true, "version": 8 }),
    };
    (200, value.to_string())
}

fn proposal(text: &str) -> Value {
    json!({
        "subject": "inactive-first", "made": "2026-02-20", "open_until": "2026-03-19", "sentences": { "en": text, "ru": text },
        "would_do_today": { "examined": 4, "complete": true, "stages": { "changed": 1, "moves": [{ "from": text, "to": "active", "customers": 1 }] },
            "messages_now": { "stored": 1, "candidate": 2, "journeys": [] } },
    })
}

fn task(text: &str) -> Value {
    let at = "2026-03-01T10:00:00Z";
    json!({
        "id": text, "shop": "tea", "customer": text, "journey": text, "step": text, "title": text, "created_at": at, "because": text,
        "nps": { "score": 2, "comment": text, "may_call": true }, "history": [text], "notes": [{ "at": at, "by": text, "text": text }],
    })
}

fn customer(text: &str) -> Value {
    let at = "2026-03-01T10:00:00Z";
    let said = json!({ "value": text, "at": at });
    json!({
        "id": text, "shop": "tea", "other_ids": [text], "stage": text, "since": at,
        "profile": { "email": said, "phone": said, "first_name": said, "language": said, "time_zone": said },
        "permissions": { "email": { "marketing": true, "survey": false, "referral": true, "closed_by": text, "unconfirmed_since": at }, text: {} },
        "paused_until": at,
        "consents": [{ "at": at, "channel": text, "purpose": text, "granted": true, "source": text, "said_by": "shop" }],
        "unclear_consents": [{ "channel": text, "field": text, "value": text }],
        "nps": { "score": 3, "at": at },
        "coupons": [{ "code": text, "percent": 10, "expires_at": at, "redeemed": null, "usable": true }],
        "orders": {
            "counted": 2, "first_at": at, "last_at": at, "value": [text],
            "latest": [{ "order_id": text, "ordered_at": at, "amount": text, "counts": false, "because": text },
                { "order_id": text, "ordered_at": at, "amount": "12.50 EUR", "counts": true }],
        },
        "next": [
            { "at": at, "what": "message", "journey": text, "step": text, "channel": text, "because": text },
            { "at": at, "what": "not_sent", "journey": text, "step": text, "reason": text, "because": text },
            { "at": at, "what": "stage", "from": text, "to": text, "because": text },
        ],
    })
}

fn entries(text: &str) -> Value {
    let at = "2026-03-01T10:00:00Z";
    json!([
        { "at": at, "what": "message", "id": text, "journey": text, "step": text, "channel": text, "template": text, "because": text, "state": text, "accepted_at": at, "withdrawn": text, "withdrawn_because": text },
        { "at": at, "what": "decision", "entry": "not_sent", "journey": text, "step": text, "reason": text, "because": text },
        { "at": at, "what": "decision", "entry": "created", "journey": text, "step": text, "channel": text, "because": text },
        { "at": at, "what": "decision", "entry": "transition", "from": text, "to": text, "because": text },
        { "at": at, "what": "decision", "entry": "run_started", "journey": text, "run": text, "because": text },
        { "at": at, "what": "decision", "entry": "run_ended", "journey": text, "run": text, "reason": text, "because": text },
        { "at": at, "what": "decision", "entry": "referral_refused", "code": text, "because": text },
        { "at": at, "what": "decision", "kind": "unknown", "raw": text },
        { "at": at, "what": "fact", "kind": "completed", "order_id": text, "amount": text, "coupon": text },
        { "at": at, "what": "fact", "kind": "nps", "score": 3, "comment": text },
        { "at": at, "what": "fact", "kind": "consent", "channel": text, "purpose": text, "granted": true, "source": text },
        { "at": at, "what": "fact", "kind": "other", "name": text },
        { "at": at, "what": "fact", "kind": text, "how": text, "outcome": text, "until": text, "cause": text, "left_out": [{ "field": text, "because": text }] },
    ])
}
