//! A shop's own policy and templates: a broken one is refused when it is stored, and an edit sends no message again.

use crate::cdnow;
use crate::stage::{BEGINNING, Stage, alone, open};
use rekindle_messaging::TemplateOverride;
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_broken_policy_is_refused_with_the_place_and_the_old_one_stays() {
    let mut stage = Stage::new().await;
    let (store, shop) = (stage.stack.store.clone(), stage.stack.shop.id.clone());
    for (toml, named) in [
        ("[frequency_cap]\ntotal = \"three\"", "total"),
        ("[quiet_hours]\nfrom = 20\nto = 9", "quiet_hours"),
        ("[stages]\nhoneymoon = \"soon\"", "soon"),
        ("[experiment]\nholdout = 1.5", "holdout"),
        ("[no_such_part]\nx = 1", "no_such_part"),
        ("time_zone = \"Mars/Olympus\"", "Mars/Olympus"),
        ("[[journey]]\nid = \"x\"\ntrigger = \"order\"\npurpose = \"survey\"\npriority = 1\nstep = []", "no step"),
        ("this is no TOML", "line 1"),
    ] {
        let refused = store.put_policy(&shop, toml).await.expect_err(toml);
        let told = with_causes(&refused);
        assert!(told.contains(named), "{toml}: {told}");
    }
    assert_eq!(store.policy(&shop, stage.now()).await.expect("read").experiment.holdout, 0.0, "the old one");
    stage.order("anna", "a1").await;
    stage.pass("1h").await;
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
}

#[test]
fn a_policy_that_another_version_kept_is_read_again_from_its_text_when_the_stack_starts() {
    let folder = tempfile::tempdir().expect("a folder");
    let started = async || open(folder.path(), BEGINNING, "http://127.0.0.1:1").await;
    alone(async {
        let stack = started().await;
        let kept = json!({ "toml": "[frequency_cap]\ntotal = 2\n" });
        stack.store.put_setting(&stack.shop.id, "policy", &kept).await.expect("stored");
    });
    let policy = alone(async {
        let stack = started().await;
        stack.store.stored_policy(&stack.shop.id).await.expect("understood").expect("its own")
    });
    assert_eq!(policy.frequency_cap.total, 2);
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn a_broken_template_is_refused_and_a_good_one_is_what_customers_get() {
    let mut stage = Stage::new().await;
    let template = |mjml: &str, text: &str| {
        let template = json!({
            "name": "welcome-thanks", "language": "en", "channel": "email", "subject": "Hello from us",
            "preheader": "Thank you", "mjml": mjml, "text": text,
        });
        serde_json::from_value::<TemplateOverride>(template).expect("the form of a template")
    };
    for broken in [
        template("<mj-text>Hi {{ first_nam }}</mj-text>", "Hi"),
        template("<mj-text>Hi {{ first_name</mj-text>", "Hi"),
        template("<mj-text>Hi", "Hi"),
        template(
            "<mj-text>Hi</mj-text>",
            "{% for x in range(100000) %}{% for y in range(100000) %}a{% endfor %}{% endfor %}",
        ),
    ] {
        broken.check().expect_err("refused when it is stored");
    }
    let good =
        template("<mj-text>Ahoy {{ first_name or \"sailor\" }}</mj-text>", "Ahoy {{ first_name or \"sailor\" }}");
    let stored = serde_json::to_value(good.check().expect("a good template")).expect("JSON");
    let shop = stage.stack.shop.id.clone();
    stage.stack.store.put_setting(&shop, "template#en#welcome-thanks", &stored).await.expect("stored");
    stage.order("anna", "a1").await;
    stage.pass("1h").await;
    let mail = &stage.mailbox()[0];
    assert_eq!(mail.content.subject.as_deref(), Some("Hello from us"));
    let text = mail.content.text.as_deref().unwrap_or_default();
    assert!(text.starts_with("Ahoy Anna") && text.contains("/u/"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_of_an_earlier_version_that_could_grow_without_limit_is_replaced_by_the_built_in_one() {
    let mut stage = Stage::new().await;
    let written = json!({
        "name": "welcome-thanks", "language": "en", "channel": "email", "subject": "Ahoy", "preheader": "Thank you",
        "mjml": "<mj-text>Ahoy</mj-text>", "text": "Ahoy",
    });
    let written: TemplateOverride = serde_json::from_value(written).expect("the form of a template");
    let mut stored = serde_json::to_value(written.check().expect("a good template")).expect("JSON");
    // A shop of an earlier version was allowed to write this.
    let html = stored["compiled"]["html"].as_str().expect("compiled").to_owned();
    stored["compiled"]["html"] = format!("{{% set all = [all, all] ~ all %}}{html}").into();
    let shop = stage.stack.shop.id.clone();
    stage.stack.store.put_setting(&shop, "template#en#welcome-thanks", &stored).await.expect("stored");
    stage.order("anna", "a1").await;
    stage.pass("1h").await;
    let subject = stage.mailbox()[0].content.subject.clone();
    assert_ne!(subject.as_deref(), Some("Ahoy"));
    assert_eq!(stage.sent("anna"), ["welcome/thanks"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_journey_repeats_no_passed_step_and_sends_no_message_twice() {
    let customers = cdnow::customers(120);
    let mut stage = Stage::at(cdnow::BEGINNING, |_| {}).await;
    cdnow::play(&mut stage, &customers, "1997-03-20T00:00:00Z").await;
    // A customer who is between two steps at the moment of the edit.
    stage.pass("10h").await;
    stage.order("midway", "midway").await;
    stage.pass("2h").await;
    assert_eq!(stage.sent("midway"), ["welcome/thanks"]);
    let before = stage.mailbox().len();
    assert!(before > 20, "{before}");
    let welcomed: BTreeSet<_> = customers.iter().filter(|customer| past_the_nudge(&stage, customer)).cloned().collect();

    // The welcome journey gets a step before all others, one in between, other delays and another template; the
    // journey for orders another name, so that to the engine it is a new one.
    let edited = rekindle_lifecycle::policy::DEFAULT_POLICY
        .replace("holdout = 0.05", "holdout = 0.0")
        .replace(
            "[[journey.step]]\nid = \"guide\"\ndelay = \"3d\"",
            "[[journey.step]]\nid = \"extra\"\ndelay = \"2d\"\nchannel = \"email\"\ntemplate = \"welcome-guide\"\n\n[[journey.step]]\nid = \"guide\"\ndelay = \"4d\"",
        )
        .replace(
            "[[journey.step]]\nid = \"thanks\"\ndelay = \"1h\"",
            "[[journey.step]]\nid = \"first\"\ndelay = \"30m\"\nchannel = \"email\"\ntemplate = \"welcome-guide\"\n\n[[journey.step]]\nid = \"thanks\"\ndelay = \"2h\"",
        );
    assert!(edited.contains("\"extra\"") && edited.contains("\"first\""));
    stage.stack.store.put_policy(&stage.stack.shop.id, &edited).await.expect("valid");
    cdnow::play(&mut stage, &customers, "1997-07-01T00:00:00Z").await;

    // A step inserted before a completed step is never sent; one inserted after it is.
    let midway = stage.sent("midway");
    assert_eq!(midway[..4], ["welcome/thanks", "welcome/extra", "welcome/guide", "welcome/nudge"]);
    let mailbox = stage.mailbox();
    let tag =
        |mail: &rekindle_emulators::Message, name: &str| mail.content.request.tag(name).unwrap_or_default().to_owned();
    let mut seen = BTreeSet::new();
    for mail in mailbox.iter().filter(|mail| tag(mail, "journey") == "welcome") {
        assert!(seen.insert((mail.content.request.to[0].clone(), tag(mail, "step"))), "twice: {}", tag(mail, "step"));
    }
    let after: Vec<_> = mailbox[before..].iter().filter(|mail| tag(mail, "journey") == "welcome").collect();
    assert!(after.iter().any(|mail| tag(mail, "step") == "extra"), "customers in the journey get the new step");
    for mail in after {
        let to = &mail.content.request.to[0];
        let id = to.trim_start_matches("customer-").trim_end_matches("@example.com");
        assert!(!welcomed.contains(id), "{} went to a customer who had passed it", tag(mail, "step"));
    }
}

fn past_the_nudge(stage: &Stage, customer: &str) -> bool {
    stage.sent(customer).contains(&"welcome/nudge".to_owned())
}

/// The error with its causes.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}
