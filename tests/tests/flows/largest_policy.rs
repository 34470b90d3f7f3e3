//! A policy in which everything is due at once: each decision fits into a transaction, and the next one goes on.

use crate::fold::fact_of_order;
use crate::stage::{Stage, key};
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::decide::MAX_MESSAGES;
use rekindle_lifecycle::facts::{Fact, Traits};
use rekindle_lifecycle::policy::{MAX_CAP, MAX_JOURNEYS, MAX_STEPS};

/// As many journeys and steps as there may be, all of them for a first order.
fn largest() -> String {
    let steps: String = (0..MAX_STEPS)
        .map(|n| format!("[[journey.step]]\nid = \"s{n}\"\ndelay = \"{n}m\"\nchannel = \"email\"\ntemplate = \"welcome-thanks\"\n"))
        .collect();
    let journeys = (0..MAX_JOURNEYS).map(|n| {
        format!("[[journey]]\nid = \"j{n}\"\ntrigger = \"first_order\"\npurpose = \"survey\"\npriority = 1\n{steps}")
    });
    format!(
        "[frequency_cap]\nwindow = \"0h\"\ntotal = {MAX_CAP}\nmin_gap = \"0h\"\n[quiet_hours]\nfrom = 0\nto = 24\n[experiment]\n\
         holdout = 0.0\n{}",
        journeys.collect::<String>()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_in_which_everything_is_due_at_once_is_decided_on_bit_by_bit() {
    let stage = Stage::new().await;
    let store = &stage.stack.store;
    store.put_policy(&stage.stack.shop.id, &largest()).await.expect("a policy within the limits");
    let traits = Traits { email: EmailAddress::parse("anna@example.com").ok(), ..Traits::default() };
    let order = Fact { traits, ..fact_of_order("anna", stage.now()) };
    store.put_facts(&[(key("anna"), order.clone())]).await.expect("stored");
    stage.skip("1h");
    let advance = &stage.stack.handlers.advance;
    advance.advance_customer(&key("anna"), &[order], false).await.expect("the decision fits");
    for decision in 1..=MAX_CAP / MAX_MESSAGES {
        let customer = stage.customer("anna").await;
        assert_eq!(customer.decided.contacts.len(), decision * MAX_MESSAGES);
        assert_eq!(stage.messages("anna").await.len(), decision * MAX_MESSAGES);
        stage.skip("1m");
        assert!(customer.due_at.is_some_and(|due_at| due_at <= stage.now()), "{:?}", customer.due_at);
        advance.advance_customer(&key("anna"), &[], false).await.expect("the next decision fits");
    }
    // The cap holds: no more until some of them have left.
    assert_eq!(stage.messages("anna").await.len(), MAX_CAP);
}
