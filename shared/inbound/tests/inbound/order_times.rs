//! When an event happened: its time in any form, by a clock that may be off, now or in history.

use crate::orders::{event, parsed};
use crate::{parse_at, received};
use jiff::tz::TimeZone;
use rekindle_inbound::{Parsed, Received, parse};
use serde_json::{Value, json};

#[test]
fn a_time_in_any_form_is_read_and_one_that_cannot_be_is_that_of_arrival() {
    let zone = TimeZone::get("Europe/Berlin").ok();
    let received = Received { zone, ..received() };
    let at = |timestamp: Value| {
        let mut event = event("Order Completed", json!({"order_id": "o1", "total": 1, "currency": "EUR"}));
        event["timestamp"] = timestamp;
        let Parsed { fact, warnings, .. } = parse(&event, None, &received).expect("accepted");
        (fact.at.to_string(), warnings.len())
    };
    for (timestamp, instant, warnings) in [
        (json!(1_772_442_300), "2026-03-02T09:05:00Z", 0),
        (json!("1772442300250"), "2026-03-02T09:05:00.25Z", 0),
        (json!("2026-03-02"), "2026-03-01T23:00:00Z", 0),
        (json!("2026-03-02 09:05:00"), "2026-03-02T08:05:00Z", 0),
        (json!("2026-3-2T9:05:00Z"), "2026-03-02T09:05:00Z", 0),
        (json!("Mon, 02 Mar 2026 09:05:00 +0000"), "2026-03-02T09:05:00Z", 0),
        (json!("yesterday"), "2026-11-22T12:00:00Z", 1),
        (json!({}), "2026-11-22T12:00:00Z", 1),
        (json!(0), "2026-11-22T12:00:00Z", 1),
        (json!("1899-12-30T00:00:00Z"), "2026-11-22T12:00:00Z", 1),
        (json!("9999-12-31T00:00:00Z"), "2026-11-22T12:00:00Z", 1),
        (json!("2026-11-22T12:10:00Z"), "2026-11-22T12:00:00Z", 1),
    ] {
        assert_eq!(at(timestamp.clone()), (instant.to_owned(), warnings), "{timestamp}");
    }
}

#[test]
fn what_another_collector_received_is_not_corrected_again_and_nothing_is_corrected_into_the_future() {
    let old = json!({
        "type": "track", "userId": "c1", "event": "Order Completed", "timestamp": "2024-03-02T09:59:00Z",
        "sentAt": "2024-03-02T09:59:01Z", "properties": {"order_id": "o1", "total": 1, "currency": "EUR"},
    });
    let with = |name: &str, value: &str| {
        let mut event = old.clone();
        event[name] = json!(value);
        parsed(&event).fact.at.to_string()
    };
    assert_eq!(with("receivedAt", "2024-03-02T09:59:02Z"), "2024-03-02T09:59:00Z");
    assert_eq!(with("received_at", "2024-03-02T09:59:02Z"), "2024-03-02T09:59:00Z");
    assert_eq!(with("originalTimestamp", "2024-03-02T10:59:00Z"), "2024-03-02T09:59:00Z");
    // The clock that sent it is two years slow.
    assert_eq!(with("channel", "server"), "2026-11-22T12:00:00Z");
    // A `sentAt` two minutes before the event: the correction would lead two minutes into the future.
    let mut slow = old.clone();
    slow["timestamp"] = json!("2026-11-22T11:02:00Z");
    slow["sentAt"] = json!("2026-11-22T11:00:00Z");
    assert_eq!(parsed(&slow).fact.at.to_string(), "2026-11-22T12:00:00Z");
}

#[test]
fn a_live_event_that_comes_as_history_has_its_clock_corrected_and_history_has_not() {
    let at = |timestamp: &str, sent: Option<&str>| {
        let event = json!({"userId": "c1", "event": "Waved", "timestamp": timestamp, "sentAt": sent});
        parse_at(&event, "2026-11-22T12:00:00Z", true).fact.at.to_string()
    };
    let three_hours_slow = at("2026-11-22T08:59:58Z", Some("2026-11-22T09:00:00Z"));
    assert_eq!(three_hours_slow, "2026-11-22T11:59:58Z");
    for (timestamp, sent) in [
        ("2020-02-01T10:00:00Z", Some("2020-02-01T10:00:01Z")),
        ("2020-02-01T10:00:00Z", Some("2026-11-22T09:00:00Z")),
        ("2026-11-22T08:59:58Z", None),
    ] {
        assert_eq!(at(timestamp, sent), timestamp, "sent {sent:?}");
    }
}

#[test]
fn history_whose_time_cannot_be_used_is_refused_so_that_no_old_order_counts_as_one_of_today() {
    for (timestamp, reason) in [
        ("in March", "is not an instant"),
        ("9999-01-01T00:00:00Z", "ahead of"),
        ("1969-12-31T00:00:00Z", "before 1990"),
    ] {
        let past = json!({
            "type": "track", "event": "Order Completed", "userId": "c1", "messageId": "m1", "timestamp": timestamp,
            "properties": {"order_id": "o1", "total": 10, "currency": "EUR"},
        });
        let received = Received { historical: true, ..received() };
        let refused = parse(&past, None, &received).expect_err("refused");
        assert_eq!(refused.field, "timestamp");
        assert!(refused.reason.contains(reason), "{refused:?}");
        // Some libraries send what happens now the same way.
        let mut live = past.clone();
        live["sentAt"] = json!("2026-11-22T11:59:30Z");
        let taken = parse(&live, None, &received).expect("accepted").fact.at;
        assert!(received.at.duration_since(taken).as_secs() < 120, "{taken}");
    }
}
