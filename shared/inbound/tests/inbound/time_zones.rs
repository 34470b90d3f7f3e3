//! Time zones in the names by which systems know them.

use crate::traits_of;
use serde_json::json;

fn zone_of(text: &str) -> Option<String> {
    traits_of(&json!({"timezone": text})).0.time_zone
}

#[test]
fn zones_that_are_plainly_meant_are_understood() {
    for (text, zone) in [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("GMT+3", "Etc/GMT-3"),
        ("UTC-05:00", "Etc/GMT+5"),
        ("utc +0200", "Etc/GMT-2"),
        ("+05:30", "Asia/Kolkata"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern", "Etc/GMT-1"),
        ("Eastern Standard Time", "America/New_York"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("PST", "America/Los_Angeles"),
        ("EST", "America/New_York"),
        ("MSK", "Europe/Moscow"),
        ("GMT", "Etc/UTC"),
        ("Z", "Etc/UTC"),
        ("Pacific Time (US & Canada)", "America/Los_Angeles"),
        ("eastern time (US & Canada)", "America/New_York"),
        ("GMT+0300 (Moscow Standard Time)", "Etc/GMT-3"),
        ("GMT+0100 (W. Europe Standard Time)", "Europe/Berlin"),
        ("GMT-0500 (Acre)", "Etc/GMT+5"),
        ("Berlin", "Europe/Berlin"),
        ("new york", "America/New_York"),
    ] {
        assert_eq!(zone_of(text).as_deref(), Some(zone), "{text}");
    }
}

#[test]
fn what_means_several_zones_or_none_is_left_out() {
    for text in [
        "",
        "CST",
        "IST",
        "Mars/Olympus",
        "GMT+25",
        "UTC+5:17",
        "local",
        "3",
        "-",
        "+",
        "GMT+",
        "GMT+-3",
        "Springfield",
        "(",
        "x (",
        "(Pacific)",
    ] {
        assert_eq!(zone_of(text), None, "{text}");
    }
}
