//! Editing a running setup in the middle of a real history: no customer gets a step again that they have passed.

use crate::cdnow::{BEGINNING, customers, play};
use crate::stage::{EVERYBODY, Stage};
use rekindle_lifecycle::policy::DEFAULT_POLICY;
use serde_json::json;
use std::collections::BTreeSet;

/// The default journeys with another step in front of and behind those that are past, another delay for one of them,
/// other texts and another threshold.
fn edited() -> String {
    let journeys = &DEFAULT_POLICY[DEFAULT_POLICY.find("[[journey]]").expect("journeys")..];
    let welcome = "[[journey.step]]\nid = \"thanks\"\ndelay = \"1h\"\n";
    assert!(journeys.contains(welcome), "the step that the test moves");
    let before =
        "[[journey.step]]\nid = \"hello\"\ndelay = \"10m\"\nchannel = \"email\"\ntemplate = \"welcome-guide\"\n\n";
    let later = welcome.replace("1h", "2h");
    let journeys = journeys.replace(welcome, &format!("{before}{later}"));
    format!("{EVERYBODY}[stages]\ninactive_after = \"80d\"\n{journeys}")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_customer_repeats_a_passed_step_when_journeys_templates_and_thresholds_change() {
    let customers = customers(60);
    let mut stage = Stage::at(BEGINNING, |_| {}).await;
    play(&mut stage, &customers, "1997-04-15T00:00:00Z").await;
    let half_way = stage.mailbox().len();
    assert!(half_way > 60, "{half_way} mails");

    stage.administer("PUT", "/v1/policy", &edited()).await;
    let template = json!({
        "channel": "email", "subject": "New words", "preheader": "",
        "mjml": "<mj-text>{{ brand.name }} says hello</mj-text>", "text": "{{ brand.name }} says hello",
    });
    stage.administer("PUT", "/v1/templates/welcome-thanks/en", &template.to_string()).await;
    stage.pass("2d").await;
    let at_once: Vec<_> = stage.mailbox().split_off(half_way);
    assert!(at_once.len() < half_way / 4, "{} mails within two days of the edit", at_once.len());
    play(&mut stage, &customers, "1998-07-01T00:00:00Z").await;

    let mailbox = stage.mailbox();
    let mut welcomed = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for mail in &mailbox {
        let tag = |name| mail.content.request.tag(name).unwrap_or_default().to_owned();
        assert!(ids.insert(tag("message")), "the same message twice");
        if tag("journey") == "welcome" {
            // A customer is welcomed once in their life, so each of the steps is sent once.
            assert!(welcomed.insert((tag("customer"), tag("step"))), "{} again", tag("step"));
            assert_ne!(tag("step"), "hello", "all customers had ordered before the edit");
        }
    }
    assert!(mailbox.len() > half_way + half_way / 2, "the history went on: {half_way} of {}", mailbox.len());
}
