//! Exports of customers, with what they agreed to and refused.

use super::{TestFile, entries, options, read};
use crate::history::Options;
use rekindle_inbound::{Fields, Received};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::money::Currency;
use serde_json::{Value, json};
use std::sync::Arc;

fn with_statement() -> Options {
    Options { consent_statement: Some("agreed at the till, 2019 to 2024".to_owned()), ..options() }
}

/// What the endpoint reads of an event: for each channel whether it is granted, and when.
fn consents(event: &Value) -> Vec<(Channel, bool, Option<String>)> {
    let received = Received {
        at: "2026-11-27T00:00:00Z".parse().expect("an instant"),
        sent_at: None,
        context: Fields::EMPTY,
        historical: true,
        default_currency: Currency::parse("EUR").expect("a currency"),
        country: None,
        zone: None,
        event_names: Arc::default(),
    };
    let parsed = rekindle_inbound::parse(event, None, &received).unwrap_or_else(|error| panic!("{error:?}: {event}"));
    let traits = parsed.fact.traits;
    let found = traits.consents().map(|consent| {
        let at = consent.evidence.and_then(|evidence| evidence.answered_at).map(|at| at.to_string());
        (consent.channel, consent.granted, at)
    });
    found.collect()
}

#[test]
fn shopifys_customers_agree_only_with_the_owners_statement() {
    let text = "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Phone,Accepts SMS Marketing,Total Spent,Total Orders\n\
                '123,Ida,Muster,ida@example.com,yes,'+491700000000,no,10.00,1\n'124,Bo,,bo@example.com,no,,no,0.00,0\n";
    let file = TestFile::new("customers.csv", text);
    let found = entries(&file.path(), &options());
    assert_eq!(
        found[0].events[0]["traits"],
        json!({ "email": "ida@example.com", "phone": "+491700000000", "firstName": "Ida", "lastName": "Muster" })
    );
    assert!(
        found[0].warnings[0].to_string().starts_with("line 2: accepts email marketing says yes, but not when"),
        "{:?}",
        found[0].warnings
    );
    assert_eq!(found[1].warnings, []);
    let found = entries(&file.path(), &with_statement());
    assert_eq!(found[0].events[0]["type"], "identify");
    assert_eq!(found[0].events[0]["timestamp"], "2026-11-01T00:00:00Z");
    assert_eq!(consents(&found[0].events[0]), [(Channel::Email, true, None)]);
    let consent = &found[0].events[0]["traits"]["email_marketing_consent"];
    assert_eq!(
        (&consent["source"], &consent["text"]),
        (&json!("imported, unknown time"), &json!("agreed at the till, 2019 to 2024"))
    );
    assert_eq!(consents(&found[1].events[0]), [], "who did not subscribe has refused nothing");
}

#[test]
fn klaviyos_profiles_bring_their_answers_with_the_time_and_suppressions_as_refusals() {
    let text = "Email,Klaviyo ID,First Name,Phone Number,Email Marketing Consent,Email Marketing Consent Timestamp,SMS Marketing Consent,\
                SMS Marketing Consent Timestamp,Email Suppressions,Email Suppressions Timestamp,City\n\
                a@example.com,01A,Ada,,SUBSCRIBED,2024-01-01 10:00:00,,,,,Rome\n\
                b@example.com,01B,,,UNSUBSCRIBED,2024-02-01 10:00:00,,,,,\n\
                c@example.com,01C,,,NEVER_SUBSCRIBED,,,,,,\n\
                d@example.com,01D,,,SUBSCRIBED,2024-01-01 10:00:00,,,SPAM_COMPLAINT,2024-03-01 10:00:00,\n\
                e@example.com,01E,,+14165550100,NEVER_SUBSCRIBED,,SUBSCRIBED,2024-04-01 10:00:00,,,\n\
                ,01F,,,,,,,,,\n";
    let file = TestFile::new("klaviyo.csv", text);
    let mut reader = crate::history::Reader::with(&file.path(), &options()).expect("recognised");
    assert!(reader.findings().notes.iter().any(|note| note.contains("do not come over")));
    let found: Vec<_> = reader.by_ref().take(5).map(|entry| entry.expect("a profile")).collect();
    let answers: Vec<_> = found.iter().map(|entry| consents(&entry.events[0])).collect();
    let at = |text: &str| Some(format!("{text}T10:00:00Z"));
    assert_eq!(answers[0], [(Channel::Email, true, at("2024-01-01"))]);
    assert_eq!(answers[1], [(Channel::Email, false, at("2024-02-01"))]);
    assert_eq!(answers[2], []);
    assert_eq!(answers[3], [(Channel::Email, false, at("2024-03-01"))]);
    assert_eq!(answers[4], [(Channel::Sms, true, at("2024-04-01"))]);
    assert_eq!(found[0].events[0]["timestamp"], "2024-01-01T10:00:00Z", "an old yes is not newer than a later no");
    let all = read(&file.path(), &options()).expect("read");
    assert_eq!(all[5], "line 7: email is missing, and neither customer_id nor phone says who it is");
}

#[test]
fn suppressed_profiles_are_refusals_for_whatever_reason() {
    let text = "Email,Suppression Reason,Suppression Timestamp\na@example.com,HARD_BOUNCE,2024-01-01\nb@example.com,UNSUBSCRIBED,\n";
    let file = TestFile::new("suppressions.csv", text);
    for entry in entries(&file.path(), &options()) {
        let found = consents(&entry.events[0]);
        assert!(matches!(found.as_slice(), [(Channel::Email, false, _)]), "{found:?}");
    }
}
