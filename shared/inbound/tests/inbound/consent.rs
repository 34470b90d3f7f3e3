//! The reader of consent: fields and values in, answers out.

use crate::{parsed, traits_of};
use jiff::Timestamp;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::customer::Permissions;
use rekindle_lifecycle::facts::Traits;
use rekindle_lifecycle::policy::Policy;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What an object of traits says about e-mail and text messages: `+` yes, `-` no, `?` unclear, `.` nothing.
fn said(traits: &Value) -> String {
    in_signs(&traits_of(traits).0)
}

fn in_signs(traits: &Traits) -> String {
    let sign = |channel| match traits.consents().find(|consent| consent.channel == channel) {
        None => '.',
        Some(consent) if !consent.is_clear => '?',
        Some(consent) => {
            if consent.granted {
                '+'
            } else {
                '-'
            }
        }
    };
    [Channel::Email, Channel::Sms].map(sign).into_iter().collect()
}

fn check(table: &[(Value, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter(|(traits, expected)| said(traits) != *expected)
        .map(|(traits, expected)| format!("{traits}: {} instead of {expected}", said(traits)))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn names_that_say_marketing_and_permission_count_in_every_style() {
    check(&[
        (json!({"email_marketing_consent": "nein"}), "-."),
        (json!({"sms_marketing_consent": true}), ".+"),
        (json!({"acceptsMarketing": false}), "--"),
        (json!({"acceptsMarketing": true}), "+."),
        (json!({"accepts_marketing": "N"}), "--"),
        (json!({"Accepts Marketing": "yes"}), "+."),
        (json!({"acceptsmarketing": "no"}), "--"),
        (json!({"wantsNewsletter": 0}), "-."),
        (json!({"newsletter_opt_in": "Y"}), "+."),
        (json!({"SMS Opt-in": "off"}), ".-"),
        (json!({"allow_promotional_emails": "f"}), "-."),
        (json!({"receive_marketing_texts": false}), ".-"),
        (json!({"newsletter": "nie"}), "-."),
        (json!({"marketing_emails": "off"}), "-."),
        (json!({"werbeeinwilligung": "nein"}), "--"),
        (json!({"email_werbung_erlaubt": "ja"}), "+."),
        (json!({"согласие_на_рассылку": "нет"}), "-."),
        (json!({"contact_permission": "denied"}), "--"),
        (json!({"согласие_на_смс": "нет"}), ".-"),
        (json!({"text_opt_in": false}), ".-"),
        (json!({"TextMarketing": {"consent": "no"}}), ".-"),
    ]);
}

#[test]
fn negative_names_invert_a_plain_answer_and_nothing_else() {
    check(&[
        (json!({"unsubscribed": true}), "--"),
        (json!({"unsubscribed": false}), ".."),
        (json!({"unsubscribed": "no"}), ".."),
        (json!({"email_opt_out": false, "sms_opt_out": "0"}), ".."),
        (json!({"unsubscribed": "unsubscribed"}), "--"),
        (json!({"emailOptOut": "1"}), "-."),
        (json!({"has_opted_out_of_email": 1}), "-."),
        (json!({"opted_out": "true"}), "--"),
        (json!({"do_not_email": "yes"}), "-."),
        (json!({"doNotContact": true}), "--"),
        (json!({"dont_text": true}), ".."),
        (json!({"no_marketing": true}), "--"),
        (json!({"marketing_blocked": true}), "--"),
        (json!({"not_unsubscribed": true}), "+."),
        (json!({"no_email": true}), "-."),
        (json!({"отписалась": true}), "--"),
        (json!({"marketing_consent_revoked_at": "2026-01-01"}), "--"),
        (json!({"sms_consent_withdrawn_at": 1_772_359_200}), ".-"),
        (json!({"consent_revoked_at": "2026-01-01T10:00:00Z"}), "--"),
        (json!({"marketing_consent_revoked_at": null, "email_blocked_at": ""}), ".."),
        (json!({"unsubscribed_at": "2025-11-02T10:00:00Z"}), "--"),
        (json!({"sms_opt_out_date": "2025-11-02"}), ".-"),
        (json!({"unsubscribed_at": null, "unsubscribed": ""}), ".."),
        (json!({"unsubscribed": {"email": true, "sms": false}}), "-."),
    ]);
}

#[test]
fn nested_answers_are_found_with_the_names_around_them() {
    check(&[
        (json!({"email_marketing_consent": {"state": "not_subscribed", "opt_in_level": "single_opt_in"}}), "-."),
        (
            json!({"email_marketing_consent": {"state": "subscribed", "consent_updated_at": "2025-01-01T00:00:00Z"}}),
            "+.",
        ),
        (json!({"email_marketing_consent": {"state": "pending"}}), "?."),
        (json!({"email_marketing_consent": {"state": "subscribed", "revoked_at": "2026-01-01"}}), "-."),
        (json!({"email_marketing_consent": {"foo": "bar"}}), "?."),
        (json!({"email_marketing_consent": {"state": null, "consent_updated_at": null}}), ".."),
        (json!({"marketing": {"email": {"consent": "no"}, "sms": {"consent": "yes"}}}), "-+"),
        (json!({"consents": [{"channel": "email", "granted": false}, {"channel": "sms", "granted": true}]}), "-+"),
        (json!({"consents": [{"channel": "email", "type": "transactional", "granted": false}]}), ".."),
        (json!({"consent": ["email"]}), "+."),
        (json!({"consent": "email, sms"}), "++"),
        (json!({"optOuts": ["sms"]}), ".-"),
        (json!({"opt_out": ["sms"]}), ".-"),
        (json!({"preferences": {"newsletter": false}}), "-."),
        (json!({"email_marketing_consent": [false]}), "-."),
    ]);
}

#[test]
fn what_is_neither_yes_nor_no_is_unclear_where_the_name_leaves_no_doubt() {
    check(&[
        (json!({"email_marketing_consent": "perhaps"}), "?."),
        (json!({"email_marketing_consent": "null"}), "?."),
        (json!({"sms_marketing_consent": 7}), ".?"),
        (json!({"marketing_opt_in": "NOT_SPECIFIED"}), "??"),
        (json!({"email_subscription_status": "trial"}), "?."),
        (json!({"subscribed": "premium"}), ".."),
        (json!({"subscription_status": "trial"}), ".."),
        (json!({"subscription_status": "unsubscribed"}), "--"),
    ]);
}

#[test]
fn what_only_sounds_like_consent_holds_nothing() {
    for traits in [
        json!({"subscription_plan": "none"}),
        json!({"email_subscription_plan": "no"}),
        json!({"newsletter_id": 0}),
        json!({"consent_version": 0}),
        json!({"email_consent_id": "no"}),
        json!({"cookie_consent": false}),
        json!({"analytics_opt_out": true}),
        json!({"consent": {"analytics": false, "functional": true}}),
        json!({"campaign_name": "newsletter opt-out"}),
        json!({"email_campaign_accepted": false}),
        json!({"push_opt_in": false}),
        json!({"whatsapp_marketing_consent": false}),
        json!({"unsubscribedFromCalls": true}),
        json!({"accepts_terms": false}),
        json!({"unsubscribe_url": "https://example.com/u"}),
        json!({"unsubscribe_reason": "no"}),
        json!({"email": "no"}),
        json!({"email_verified": false}),
        json!({"marketing_channel": "none"}),
        json!({"subscription_email": "anna@example.com"}),
        json!({"marketing_consent_email": "anna@example.com"}),
        json!({"is_subscriber": false}),
        json!({"sms_two_factor_auth_enabled": false}),
        json!({"enabled": false, "allowed": false, "accepted": false, "state": "denied", "active": 0}),
        json!({"order_updates_sms_opt_in": false}),
        json!({"permissions": "none"}),
        json!({"consent": true}),
        json!({"subscribed_at": "2025-01-01"}),
        json!({"email_opt_in_date": "2025-01-01"}),
        json!({"optimised": "no", "options": 0, "opting": false}),
        json!({"newsletters_received": 0, "newsletter_discount": 0, "newsletter_emails_opened": 0}),
        json!({"subscription_status": "gekündigt"}),
        json!({"subscription_status": "archived"}),
        json!({"opt_in_text": "no", "newsletter_text": "none", "text": "no"}),
    ] {
        assert_eq!(said(&traits), "..", "{traits}");
    }
}

#[test]
fn of_several_answers_the_strictest_holds_and_a_channels_own_goes_before_a_general_one() {
    check(&[
        (json!({"email_marketing_consent": true, "accepts_marketing": false}), "--"),
        (json!({"sms_marketing_consent": true, "accepts_marketing": false}), "-+"),
        (json!({"sms_marketing_consent": true, "unsubscribed": true}), "--"),
        (json!({"email_marketing_consent": true, "newsletter": "off"}), "-."),
        (json!({"email_marketing_consent": "hm", "newsletter": "yes"}), "?."),
        (json!({"groups": [{"subscription_group_id": "x1", "subscription_state": "unsubscribed"}]}), "??"),
        (json!({"groups": [{"subscription_group_id": "x1", "subscription_state": "subscribed"}]}), ".."),
    ]);
}

#[test]
fn an_answer_keeps_where_when_and_how_it_was_given() {
    let traits = json!({"sms_marketing_consent": {
        "state": "subscribed", "opt_in_level": "confirmed_opt_in", "consent_updated_at": "2025-03-01T10:00:00+01:00",
        "consent_collected_from": "Check-out", "text": "Yes, send me news.",
    }});
    assert_eq!(
        json!(traits_of(&traits).0.evidence[0]),
        json!({
            "channel": "sms", "field": "traits.sms_marketing_consent.state", "source": "Check-out",
            "answered_at": "2025-03-01T09:00:00Z", "level": "double", "wording": "Yes, send me news.",
        })
    );
    let traits = json!({"accepts_marketing": true, "accepts_marketing_updated_at": "2025-03-01T10:00:00Z", "marketing_opt_in_level": "single_opt_in"});
    let evidence = &traits_of(&traits).0.evidence[0];
    assert_eq!(json!([evidence.answered_at, evidence.level]), json!(["2025-03-01T10:00:00Z", "single"]));
}

#[test]
fn what_visitors_say_to_cookies_is_no_consent_and_what_customers_say_in_the_context_is() {
    let in_context = |context: Value| in_signs(&parsed(&json!({"type": "track", "context": context})).0);
    assert_eq!(in_context(json!({"consent": {"categoryPreferences": {"Marketing": false, "Email": false}}})), "..");
    assert_eq!(in_context(json!({"consentManagement": {"marketing": false, "deniedConsentIds": ["email"]}})), "..");
    assert_eq!(in_context(json!({"consent": {"email": false}})), "-.");
    assert_eq!(in_context(json!({"shop": {"customer": {"accepts_marketing": false}}})), "--");
    let group = json!({"type": "group", "groupId": "g", "traits": {"unsubscribed": true}});
    assert_eq!(in_signs(&parsed(&group).0), "..", "the traits are the group's");
}

#[test]
fn what_is_unclear_is_a_no_to_marketing_that_a_clear_answer_lifts() {
    let (traits, warnings) = traits_of(&json!({"email_marketing_consent": "perhaps"}));
    assert_eq!(traits.email_consent, Some(false), "for versions that know no difference");
    assert_eq!(warnings, ["traits.email_marketing_consent"]);
    let left_out =
        json!([{"field": "traits.email_marketing_consent", "reason": "unclear_email_consent", "value": "perhaps"}]);
    assert_eq!(json!(traits.left_out), left_out);
    let rules = &Policy::built_in().consent;
    let at = |second| Timestamp::from_second(second).expect("an instant");
    let mut permissions = Permissions::default();
    permissions.apply_traits(&traits, at(1));
    assert!(!permissions.allow(rules, Channel::Email, Purpose::Marketing));
    assert!(permissions.allow(rules, Channel::Email, Purpose::Survey));
    permissions.apply_traits(&traits_of(&json!({"email_marketing_consent": "ja"})).0, at(2));
    assert!(permissions.allow(rules, Channel::Email, Purpose::Marketing));
}

/// Fields and values of other systems, from a folder that is not part of the repository.
#[test]
fn the_fields_of_other_systems_are_read_as_they_are_meant() {
    let Some(cases) = std::env::var_os("REKINDLE_CASES") else {
        println!("skipped: REKINDLE_CASES names no folder");
        return;
    };
    let path = std::path::Path::new(&cases).join("cases/consent-fields.tsv");
    let table = std::fs::read_to_string(path).expect("the table");
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    let mut not_foreign = Vec::new();
    for line in table.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [count, field, text] = columns[..] else { panic!("{line}") };
        // Long values are cut in the table.
        let Ok(value) = serde_json::from_str::<Value>(text) else { continue };
        let nested = field.split('.').rev().fold(value, |inner, name| json!({ name: inner }));
        let Value::Object(mut event) = nested else { panic!("{line}") };
        let kind = if event.contains_key("traits") { "identify" } else { "track" };
        event.insert("type".to_owned(), kind.into());
        let signs = in_signs(&parsed(&Value::Object(event)).0);
        println!("{signs} {field} {text}");
        let name = field.to_lowercase();
        let foreign =
            ["plan", "id", "type", "name", "fee", "length", "source", "alias", "storage", "ad_", "push", "whatsapp"];
        if foreign.iter().any(|word| name.ends_with(word) || name.contains(&format!("_{word}"))) && signs != ".." {
            not_foreign.push(field.to_owned());
        }
        *counts.entry(signs).or_default() += count.parse::<u32>().expect("a count");
    }
    assert_eq!(not_foreign, Vec::<String>::new());
    let counted =
        |sign: char| counts.iter().filter(|(signs, _)| signs.contains(sign)).map(|(_, count)| count).sum::<u32>();
    assert_eq!([counted('-'), counted('+'), counted('?')], [93, 74, 2], "no, yes, unclear of {counts:?}");
}
