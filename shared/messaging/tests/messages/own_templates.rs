//! A shop's own templates: what is refused, what is stored, and how they are filled.

use crate::context;
use rekindle_lifecycle::channel::TemplateForm;
use rekindle_messaging::{
    CheckedTemplate, Language, SmsEncoding, TemplateContent, TemplateError, TemplateOverride, TemplatePart, Templates,
};
use std::collections::BTreeSet;

pub(crate) fn email_override(change: impl FnOnce(&mut [String; 4])) -> TemplateOverride {
    let mut parts = [
        "Hello{% if first_name %} {{ first_name }}{% endif %}".to_owned(),
        "A line".to_owned(),
        "<mj-text>Our own words</mj-text>\n<mj-button href=\"{{ links.shop }}\">Go</mj-button>".to_owned(),
        "Our own words\n{{ links.shop }}".to_owned(),
    ];
    change(&mut parts);
    let [subject, preheader, mjml, text] = parts;
    TemplateOverride {
        name: "welcome-thanks".to_owned(),
        language: Language::english(),
        content: TemplateContent::Email { subject, preheader, mjml, text },
    }
}

/// Checks a template, stores it as text and reads it back.
pub(crate) fn checked(own: TemplateOverride) -> CheckedTemplate {
    let stored = serde_json::to_string(&own.check().expect("a good override")).expect("JSON");
    serde_json::from_str(&stored).expect("what was stored")
}

pub(crate) fn sms_override(sms: &str) -> TemplateOverride {
    TemplateOverride {
        name: "welcome-text".to_owned(),
        language: Language::english(),
        content: TemplateContent::Sms { sms: sms.to_owned() },
    }
}

#[test]
fn an_override_takes_the_place_of_the_built_in_template_in_its_language_only() {
    let built_in = Templates::built_in();
    let templates = built_in.with(&checked(email_override(|_| ()))).expect("a good override");
    let mail = templates.render_email("welcome-thanks", &context("en", true)).expect("an override");
    assert_eq!(mail.subject, "Hello Anna");
    assert!(mail.html.contains("Our own words") && mail.html.contains("https://l.example.com/u/TOKEN"));
    assert!(mail.text.contains("Our own words") && mail.text.contains("https://l.example.com/u/TOKEN"));
    let russian = templates.render_email("welcome-thanks", &context("ru", true)).expect("a built-in mail");
    assert_eq!(russian.subject, "Анна, спасибо за первый заказ");
    let before = built_in.render_email("welcome-thanks", &context("en", true)).expect("a built-in mail");
    assert_eq!(before.subject, "Thank you for your first order, Anna");
}

#[test]
fn a_new_name_and_a_new_language_can_be_added() {
    let mut new = email_override(|_| ());
    new.name = "birthday".to_owned();
    new.language = Language::parse("de").expect("a tag");
    let templates = Templates::built_in().with(&checked(new)).expect("a good override");
    let german = templates.render_email("birthday", &context("de-AT", true)).expect("the new template");
    assert!(german.html.contains("<html lang=\"de\""));
    assert!(templates.render_email("birthday", &context("en", true)).is_err(), "there is no English one");
}

#[test]
fn a_broken_override_is_refused_with_the_part_and_the_line() {
    let refusal = |new: TemplateOverride| match new.check() {
        Ok(_) => "accepted".to_owned(),
        Err(error) => error.to_string(),
    };
    let mut refusals = Vec::new();
    for change in [
        (|p| p[0] = "Hello\r\nBcc: x".into()) as fn(&mut [String; 4]),
        |p| p[0] = " ".into(),
        |p| p[0] = "{{ first_name }}".into(),
        |p| p[0] = "Hello {{ frist_name }}".into(),
        |p| p[0] = "{% if coupon %}x{% endif %}".into(),
        |p| p[1] = "{{ coupon.expires_on }}".into(),
        |p| p[2] = "<mj-text>a</mj-text>\n<mj-txet>b</mj-txet>".into(),
        |p| p[2] = "<mj-text>\na\n{{ coupon.code }}\n</mj-text>".into(),
        |p| p[2] = "<mj-text>a</mj-text>\n{% if coupon %}".into(),
        |p| p[2] = "<mj-text>a</mj-text>\n\n<mj-raw colour=\"red\">b</mj-raw>".into(),
        |p| {
            p[2] = "<mj-text>{% for a in links.nps %}{% for b in links.nps %}{% for c in links.nps %}{% for d in links.nps %}{{ d }}{% endfor %}{% endfor %}{% endfor %}{% endfor %}</mj-text>".into();
        },
        |p| {
            p[2] = "<mjml><mj-body><mj-section><mj-column><mj-text>{{ brand.postal_address }}</mj-text></mj-column></mj-section></mj-body></mjml>".into();
        },
        |p| {
            p[2] = "<mjml><mj-body><mj-section><mj-column><mj-text><a href=\"{{ links.unsubscribe }}\">x</a></mj-text></mj-column></mj-section></mj-body></mjml>".into();
        },
        |p| {
            p[2] = "<mjml><mj-body><!-- <a href=\"{{ links.unsubscribe }}\">x</a> --><mj-section><mj-column><mj-text>{{ brand.postal_address }}</mj-text></mj-column></mj-section></mj-body></mjml>".into();
        },
        |p| p[2] = format!("<mj-text>{}</mj-text>", "x".repeat(64_000)),
        |p| p[2] = "<mj-include path=\"/etc/passwd\" />".into(),
        |p| p[3] = "one\ntwo {{ links.referral }}".into(),
        |p| p[3] = "one\ntwo\n{% include 'html' %}".into(),
        |p| p[3] = "one {{ first_name|safe }}".into(),
        |p| p[3] = "a\u{0}b".into(),
    ] {
        refusals.push(refusal(email_override(change)));
    }
    for sms in [
        "Hello! Reply STOP to opt out",
        "{{ brand.name }}: hello",
        "{{ brand.name }}: hello {{ first_name }}. Reply STOP to opt out",
        &format!("{{{{ brand.name }}}}: {} Reply STOP to opt out", "ж".repeat(900)),
    ] {
        refusals.push(refusal(sms_override(sms)));
    }
    let mut misnamed = email_override(|_| ());
    misnamed.name = "../welcome".to_owned();
    refusals.push(refusal(misnamed));
    assert!(!refusals.contains(&"accepted".to_owned()));
    insta::assert_snapshot!(refusals.join("\n"));
}

#[test]
fn an_override_too_large_to_be_stored_is_refused_even_if_most_of_it_is_never_shown() {
    let hidden = |times: usize| {
        let rows = "<mj-text>x</mj-text>\n".repeat(times);
        email_override(|parts| {
            let more =
                format!("<mj-raw>{{% if coupon and not coupon %}}</mj-raw>\n{rows}<mj-raw>{{% endif %}}</mj-raw>");
            parts[2].push_str(&more);
        })
    };
    assert!(hidden(100).check().is_ok());
    let refused = hidden(1_000).check().expect_err("too large");
    assert!(matches!(refused, TemplateError::TooLarge { part: TemplatePart::Mjml, .. }), "{refused}");
}

#[test]
fn a_referral_override_may_count_on_its_link() {
    let mut new = email_override(|p| p[3] = "Share {{ links.referral }}".into());
    new.name = "referral-invitation".to_owned();
    assert!(new.check().is_ok());
}

#[test]
fn a_step_that_falls_back_to_the_other_channel_finds_a_template_of_the_same_name_there() {
    let mut text = sms_override("{{ brand.name }}: thank you! Reply STOP to opt out");
    text.name = "welcome-thanks".to_owned();
    let templates = Templates::built_in().with(&checked(text)).expect("a good override");
    let context = context("en", true);
    let sms = templates.render_sms("welcome-thanks", &context).expect("the shop's text");
    assert_eq!(sms.text, "Groove & Co: thank you! Reply STOP to opt out");
    let mail = templates.render_email("welcome-thanks", &context).expect("the built-in mail");
    assert_eq!(mail.subject, "Thank you for your first order, Anna");
}

#[test]
fn an_sms_override_is_counted_in_parts() {
    let text = "{{ brand.name }}: {{ coupon.discount if coupon else 'news' }}! Reply STOP to opt out";
    let templates = Templates::built_in().with(&checked(sms_override(text))).expect("a good override");
    let sms = templates.render_sms("welcome-text", &context("en", true)).expect("an override");
    assert_eq!(sms.text, "Groove & Co: 15%! Reply STOP to opt out");
    assert_eq!((sms.encoding, sms.parts), (SmsEncoding::Gsm7, 1));
}

#[test]
fn an_override_is_json_that_a_shop_can_write() {
    let json = r#"{"name":"welcome-text","language":"ru","channel":"sms","sms":"{{ brand.name }}: привет! STOP"}"#;
    let new: TemplateOverride = serde_json::from_str(json).expect("an override");
    assert!(new.check().is_ok());
    let missing = r#"{"name":"x","language":"ru","channel":"email","subject":"x"}"#;
    assert!(serde_json::from_str::<TemplateOverride>(missing).is_err());
    let error = TemplateError::Empty { part: TemplatePart::Text };
    assert_eq!(error.to_string(), "the text is empty");
}

#[test]
fn links_that_answer_skip_the_providers_tracking_and_two_others_do_not() {
    let own = checked(email_override(|parts| {
        parts[2] = "<mj-text><a class=\"x\" href=\"{{ links.unsubscribe }}\">u</a> <a href=\"{{ links.shop }}\">s</a></mj-text>".into();
    }));
    let templates = Templates::built_in().with(&own).expect("a good override");
    for name in Templates::names(TemplateForm::Mail) {
        let mail = templates.render_email(name, &context("en", true)).expect("a mail");
        let links: Vec<&str> =
            mail.html.split("<a").skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag).collect();
        let answers = |link: &&str| ["/u/", "/n/", "/c/"].iter().any(|page| link.contains(page));
        for link in &links {
            assert_eq!(answers(link), link.contains(" ses:no-track href="), "{name}: {link}");
        }
        let address =
            |link: &&str| link.split("href=\"").nth(1).and_then(|rest| rest.split('"').next().map(str::to_owned));
        let tracked: BTreeSet<String> = links.iter().filter(|link| !answers(link)).filter_map(address).collect();
        assert!(links.iter().any(answers) && tracked.len() >= 2, "{name}: {links:?}");
    }
}

fn refusal(mjml: &str) -> Option<String> {
    email_override(|parts| parts[2] = mjml.to_owned()).check().err().map(|error| error.to_string())
}

#[test]
fn a_text_that_cannot_be_read_in_light_or_dark_mode_is_refused_with_its_line_its_element_and_its_contrast() {
    for (mjml, expected) in [
        (
            "<mj-text>Hello</mj-text>\n<mj-text container-background-color=\"#fff8dc\">Spring <b>sale</b></mj-text>",
            "mjml, line 2: the text \"Spring\" in <div> has a contrast of 1.1 in dark mode (#ececec on #fff8dc)",
        ),
        (
            "<mj-table><tr style=\"background:#f0f0f0\"><td>Kind of Blue</td></tr></mj-table>",
            "in <td> has a contrast of 1 in dark mode (#ececec on #f0f0f0)",
        ),
        ("<mj-text><a href=\"{{ links.shop }}\" style=\"color:navy\">list</a></mj-text>", "in <a> has a contrast of 1"),
        ("<mj-text color=\"#bbbbbb\">small print</mj-text>", "in light mode (#bbbbbb on #ffffff)"),
        (
            "<mj-button href=\"{{ links.shop }}\" background-color=\"#ffd700\" color=\"white\">Go</mj-button>",
            "in <a> has a contrast of 1.4 in light mode (#ffffff on #ffd700)",
        ),
    ] {
        let refusal = refusal(mjml).expect("refused");
        assert!(refusal.contains(expected), "{refusal}");
    }
    // A document of the shop's own, by its own rules for dark mode.
    let own = |style: &str| {
        format!(
            "<mjml><mj-head><mj-style>{style}</mj-style></mj-head><mj-body><mj-section><mj-column>\n\
             <mj-text css-class=\"news\" color=\"#333333\">Spring</mj-text>\
             <mj-text><a href=\"{{{{ links.unsubscribe }}}}\">Leave</a> {{{{ brand.postal_address }}}}</mj-text>\
             </mj-column></mj-section></mj-body></mjml>"
        )
    };
    let dark = |rules: &str| own(&format!("@media (prefers-color-scheme: dark) {{ {rules} }}"));
    assert_eq!(refusal(&own("p { margin: 0 }")), None);
    assert_eq!(
        refusal(&dark("body, body > div { background: #111111 !important } div, a { color: #eeeeee !important }")),
        None
    );
    for (mjml, expected) in [
        (
            dark("body { background: #111111 !important }"),
            "line 2: the text \"Spring\" in <div> has a contrast of 1.4 in dark mode (#333333 on #111111)",
        ),
        (dark(".news div { color: #ffffff !important }"), "(#ffffff on #ffffff)"),
        (own(".news div { color: #bbbbbb !important }"), "in light mode (#bbbbbb on #ffffff)"),
    ] {
        let refusal = refusal(&mjml).expect("refused");
        assert!(refusal.contains(expected), "{refusal}");
    }
    for mjml in [
        "<mj-text css-class=\"offer\" container-background-color=\"#fff8dc\">A box</mj-text>",
        "<mj-text><div class=\"offer\" style=\"background-color:#fff8dc;padding:8px\"><p>A box</p></div></mj-text>",
        "<mj-table><tr><td>Kind of Blue</td><td>19.00 EUR</td></tr></mj-table>",
        "<mj-button href=\"{{ links.shop }}\" background-color=\"#7a1f3d\" color=\"#ffffff\">Go</mj-button>",
    ] {
        assert_eq!(refusal(mjml), None, "{mjml}");
    }
}

#[test]
fn every_built_in_mail_passes_the_trial_of_a_shops_own() {
    for language in ["en", "ru"] {
        for name in Templates::names(TemplateForm::Mail) {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(language);
            let mjml = std::fs::read_to_string(folder.join(format!("{name}.mjml"))).expect("a template");
            let mut own = email_override(|parts| parts[2] = mjml);
            own.name = name.to_owned();
            own.language = Language::parse(language).expect("a tag");
            assert_eq!(own.check().err().map(|error| error.to_string()), None, "{language}/{name}");
        }
    }
}

#[test]
fn the_light_box_of_the_cases_is_refused() {
    let Some(cases) = std::env::var_os("REKINDLE_CASES") else {
        println!("skipped: REKINDLE_CASES does not name the folder with cases");
        return;
    };
    let path = std::path::Path::new(&cases).join("cases/events/template-with-a-light-box.json");
    let case: serde_json::Value = serde_json::from_slice(&std::fs::read(path).expect("the case")).expect("JSON");
    let refusal = refusal(case["mjml"].as_str().expect("a text")).expect("refused");
    assert!(refusal.contains("in dark mode"), "{refusal}");
}

#[test]
fn a_template_that_an_earlier_version_took_and_this_one_does_not_is_not_used() {
    for (part, source) in [
        ("subject", "Hello {{ brand.name ~ '!' }}"),
        ("sms", "{{ brand.name ~ ': hi' }} STOP"),
        ("html", "<p>{{ [1, 2]|length }}</p>"),
    ] {
        let mut stored = if part == "sms" {
            serde_json::to_value(checked(sms_override("{{ brand.name }}: hi. STOP")))
        } else {
            serde_json::to_value(checked(email_override(|_| ())))
        }
        .expect("JSON");
        let place = if part == "html" { &mut stored["compiled"]["html"] } else { &mut stored[part] };
        *place = source.into();
        let earlier: CheckedTemplate = serde_json::from_value(stored).expect("what an earlier version stored");
        let refused = Templates::built_in().with(&earlier).expect_err("it is outside of the language");
        assert!(matches!(refused, TemplateError::Mistake { .. }), "{refused}");
    }
}

#[test]
fn the_lists_of_the_language_are_the_lists_that_templates_see() {
    for list in rekindle_mjml::LISTS {
        let mut nps = email_override(|parts| parts[3] = format!("{{% for x in {list} %}}{{{{ x }}}}{{% endfor %}}"));
        nps.name = "nps-question".to_owned();
        assert!(nps.check().is_ok(), "{list}");
    }
}
