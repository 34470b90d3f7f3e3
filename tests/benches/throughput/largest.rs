//! The most that a shop may store: functions are shared by all shops, so this is what one shop can cost the others.

use crate::report::Report;
use crate::rules::{day, order};
use jiff::SignedDuration;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::decide::decide;
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_lifecycle::policy::{MAX_CANDIDATE_ZONES, MAX_CAP, MAX_JOURNEYS, MAX_OFF_SEASONS, MAX_STEPS, Policy};
use rekindle_messaging::TemplateOverride;
use serde_json::json;
use std::hint::black_box;

/// Measures a decision on the largest policy, and the checks of templates that take as much as they may.
pub(crate) fn measure(report: &mut Report) {
    let policy = Policy::parse(&largest_policy()).expect("the largest policy");
    let shop = ShopId::parse("vinyl").expect("an id");
    let mut customer = Customer::new(shop, CustomerId::parse("7301544870041").expect("an id"));
    customer.folded.apply(&order(0, day(0)), &policy.calendar).expect("it folds in place");
    let now = day(0) + SignedDuration::from_hours(1);
    assert!(decide(&policy, &customer, now).messages.len() > 1, "more than one message is due");
    report.repeat("decide: the largest policy, every step due", || {
        black_box(decide(black_box(&policy), black_box(&customer), black_box(now)));
    });
    let text = json!({ "channel": "email", "subject": "s", "preheader": "p", "mjml": "<mj-text>m</mj-text>", "text": long_text() });
    report.repeat("check: the most work that a text may be", || assert!(!is_accepted(&text)));
    let mjml = "<mj-text>word</mj-text>".repeat(600);
    let mail = json!({ "channel": "email", "subject": "s", "preheader": "p", "mjml": mjml, "text": "t" });
    report.repeat("check: a mail of many elements", || {
        black_box(is_accepted(&mail));
    });
}

fn is_accepted(template: &serde_json::Value) -> bool {
    let mut template = template.clone();
    (template["name"], template["language"]) = ("welcome-thanks".into(), "en".into());
    let template: TemplateOverride = serde_json::from_value(template).expect("the form of a template");
    template.check().is_ok()
}

/// Loops in loops, until the steps of one rendering are used up.
fn long_text() -> String {
    let inner = "{% for y in links.nps %}{% if x != y %}{% endif %}{% endfor %}".repeat(40);
    format!("{{% for x in links.nps %}}{inner}{{% endfor %}}").repeat(9)
}

/// A policy with as much of everything as is allowed.
fn largest_policy() -> String {
    let zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo"];
    let zones: Vec<_> = zones.iter().cycle().take(MAX_CANDIDATE_ZONES).collect();
    let seasons: Vec<_> = (1..=MAX_OFF_SEASONS).map(|day| format!("08-{day:02}..08-{:02}", day + 1)).collect();
    let mut text = format!(
        "candidate_zones = {zones:?}\n[stages]\noff_season = {seasons:?}\n[experiment]\nholdout = 0.0\n\
         [quiet_hours]\nfrom = 0\nto = 24\n[frequency_cap]\nwindow = \"0h\"\ntotal = {MAX_CAP}\nmin_gap = \"0h\"\n"
    );
    for journey in 0..MAX_JOURNEYS {
        text += &format!(
            "[[journey]]\nid = \"j{journey}\"\ntrigger = \"first_order\"\npurpose = \"survey\"\npriority = {journey}\n"
        );
        for step in 0..MAX_STEPS {
            let rest = "channel = \"email\"\ntemplate = \"t\"\nunless = [\"clicked\", \"replied\", \"answered\"]";
            text += &format!("[[journey.step]]\nid = \"s{step}\"\ndelay = \"{step}m\"\n{rest}\n");
        }
    }
    text
}
