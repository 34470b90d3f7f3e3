//! A shop's own templates: a template with any content is either refused with the place of the mistake, or mails are
//! sent with it.

use crate::stage::{Stage, order};
use crate::values::{any_json, cases, near_miss, runtime};
use proptest::collection::vec;
use proptest::prelude::*;
use rekindle_emulators::{MailboxFilter, Page};
use serde_json::{Value, json};

/// Pieces out of which templates are put together: each alone is harmless or almost right.
const PIECES: [&str; 34] = [
    "Hello ",
    "{{ customer.first_name }}",
    "{{ brand.name }}",
    "{{ brand.nme }}",
    "{{",
    "}}",
    "{%",
    "{% if customer %}",
    "{% endif %}",
    "{% for i in range(100000000) %}x{% endfor %}",
    "{% for i in range(100) %}{{ i }}{% endfor %}",
    "{{ 'x' * 1000000000 }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% include 'layout.mjml' %}",
    "{% extends 'a' %}",
    "{{ links.unsubscribe }}",
    "{{ links }}",
    "{{ coupon.code }}",
    "{{ 1 / 0 }}",
    "{{ [] | first }}",
    "{{ customer | tojson }}",
    "{# ",
    "<mj-text>",
    "</mj-text>",
    "<mjml>",
    "<mjml><mj-body>",
    "<mj-include path=\"/etc/passwd\" />",
    "<mj-raw><script>alert(1)</script></mj-raw>",
    "<mj-image src=\"javascript:1\" />",
    "&nbsp;",
    "&",
    "\u{0}",
    "\r\nBcc: a@b.example",
    "🎁",
];

fn source() -> impl Strategy<Value = String> {
    prop_oneof![
        5 => vec(proptest::sample::select(PIECES.to_vec()), 0..8).prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
        2 => vec(proptest::sample::select(PIECES.to_vec()), 0..6).prop_map(|pieces| format!("<mj-text>{}</mj-text>", pieces.concat())),
    ]
}

#[test]
fn whatever_is_written_into_a_template_it_is_refused_with_a_reason_or_sent() {
    let runtime = runtime();
    let mut stage = runtime.block_on(Stage::new());
    let shop = runtime.block_on(stage.shop("quartz", "Quartz"));
    let whole = (source(), source(), source(), source()).prop_map(|(subject, preheader, mjml, text)| {
        json!({ "channel": "email", "subject": subject, "preheader": preheader, "mjml": mjml, "text": text })
    });
    let sms = source().prop_map(
        |text| json!({ "channel": "sms", "sms": format!("{{{{ brand.name }}}}: {text} Reply STOP to opt out") }),
    );
    let good = json!({ "channel": "email", "subject": "Thanks", "preheader": "p", "mjml": "<mj-text>Hi</mj-text>", "text": "Hi" });
    let one_part = (proptest::sample::select(vec!["subject", "preheader", "mjml", "text"]), source()).prop_map({
        let good = good.clone();
        move |(part, source)| {
            let mut template = good.clone();
            template[part] = json!(source);
            template
        }
    });
    let template = prop_oneof![4 => one_part, 2 => whole, 2 => sms, 2 => near_miss(good), 1 => any_json()];
    cases(250)
        .run(&template, |template: Value| {
            let path = "/v1/templates/welcome-thanks/en";
            let answer = runtime.block_on(stage.call("PUT", path, &shop.admin, template.to_string()));
            prop_assert!(matches!(answer.status, 200 | 400 | 413 | 422), "{template}: {answer:?}");
            if answer.status != 200 {
                prop_assert!(answer.json()["detail"].as_str().is_some_and(|detail| detail.len() > 5), "{answer:?}");
            }
            Ok(())
        })
        .expect("every template is answered");
    // The last one that was taken is good enough for a mail.
    runtime.block_on(async {
        let mut first = order("anna", "a1", stage.now());
        first["context"] = json!({ "traits": { "email": "anna@x.example", "firstName": "A{{ 7 * 7 }}<b>" } });
        stage.take(&shop, &[first]).await;
        stage.pass(2).await;
        let mails = stage.stack.cloud.mailbox().load(&MailboxFilter::default(), Page::Newest, 10).expect("the mailbox");
        assert_eq!(mails.len(), 1, "the customer was thanked");
        let subject = mails[0].content.subject.clone().unwrap_or_default();
        assert!(!subject.chars().any(char::is_control), "{subject:?}");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_character_that_the_parser_rejects_is_named_with_its_line() {
    let stage = Stage::new().await;
    let shop = stage.shop("quartz", "Quartz").await;
    let store = async |text: &str| {
        let mjml = format!("<mj-text>\n{text}</mj-text>");
        let template = json!({ "channel": "email", "subject": "s", "preheader": "p", "mjml": mjml, "text": "Hi" });
        stage.call("PUT", "/v1/templates/welcome-thanks/ru", &shop.admin, template.to_string()).await
    };
    let answer = store("Скидка > 10 %").await;
    assert_eq!(answer.status, 422, "{answer:?}");
    assert!(answer.body.contains("mjml, line 2: ") && answer.body.contains("&gt;"), "{answer:?}");
    assert_eq!(store("Скидка &gt; 10 %").await.status, 200);
    assert_eq!(store("More > less").await.status, 200);
}

#[test]
fn any_policy_and_any_setting_is_refused_with_a_reason_or_can_be_used() {
    let runtime = runtime();
    let stage = runtime.block_on(Stage::new());
    let shop = runtime.block_on(stage.shop("quartz", "Quartz"));
    let lines: Vec<&str> =
        rekindle_lifecycle::policy::DEFAULT_POLICY.lines().filter(|line| !line.starts_with('#')).collect();
    let policy = prop_oneof![
        vec(proptest::sample::select(lines), 0..12).prop_map(|lines| lines.join("\n")),
        any::<String>(),
        "[a-z_\\[\\]=\" .0-9]{0,60}",
    ];
    let brand = json!({ "name": "Q", "sender_address": "hello@quartz.example", "sender_name": "Q", "postal_address": "1 Q Lane", "shop_url": "https://q.example", "logo_url": "https://q.example/l.png", "accent_colour": "#123456", "default_language": "en" });
    let sending = json!({ "paused": true, "note": "n", "limits": { "emails_per_second": 3.5, "texts_per_second": 1 } });
    let setting = prop_oneof![
        policy.prop_map(|text| ("/v1/policy", text)),
        near_miss(brand).prop_map(|value| ("/v1/brand", value.to_string())),
        near_miss(sending).prop_map(|value| ("/v1/sending", value.to_string())),
    ];
    cases(250)
        .run(&setting, |(path, body)| {
            let answer = runtime.block_on(stage.call("PUT", path, &shop.admin, body.clone()));
            prop_assert!(matches!(answer.status, 200 | 400 | 413 | 422), "{body}: {answer:?}");
            let read = runtime.block_on(stage.call("GET", path, &shop.admin, ""));
            prop_assert_eq!(read.status, 200, "{} {:?}", body, read);
            Ok(())
        })
        .expect("every setting is answered");
}
