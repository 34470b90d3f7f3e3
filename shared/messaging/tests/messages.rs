//! Every message as its reader sees it, for every kind of customer.

use rekindle_messaging::{
    Brand, CheckedTemplate, CouponOffer, Language, MessageContext, MessageLinks, ReferralOffer, RenderError,
    SmsEncoding, TemplateContent, TemplateError, TemplateOverride, TemplatePart, Templates,
};
use std::collections::BTreeSet;

fn brand(name: &str) -> Brand {
    serde_json::from_value(serde_json::json!({
        "name": name,
        "sender_address": "hello@groove.example.com",
        "sender_name": format!("Maya, {name}"),
        "postal_address": "12 Garden Street, Leeds LS1 4AB",
        "shop_url": "https://groove.example.com/",
    }))
    .expect("a valid brand")
}

fn context(language: &str, full: bool) -> MessageContext {
    let page = |kind: &str| format!("https://l.example.com/{kind}/TOKEN");
    MessageContext {
        brand: brand(if language == "ru" { "Пластинка" } else { "Groove & Co" }),
        first_name: full.then(|| if language == "ru" { "Анна" } else { "Anna" }.to_owned()),
        language: Language::parse(language).expect("a tag"),
        coupon: full.then(|| CouponOffer {
            code: "BACK-7KQ2".to_owned(),
            percent: 15,
            expires_on: Some(jiff::civil::date(2026, 12, 5)),
        }),
        referral: full.then(|| ReferralOffer {
            code: "7KQ2MX4H".to_owned(),
            friend_percent: Some(10),
            reward_percent: Some(15),
        }),
        links: MessageLinks {
            shop: "https://groove.example.com/".to_owned(),
            unsubscribe: page("u"),
            preferences: page("p"),
            nps: (0..=10).map(|score| format!("https://l.example.com/n/TOKEN{score}")).collect(),
            referral: Some("https://l.example.com/r/7KQ2MX4H".to_owned()),
            confirm: Some(page("c")),
        },
    }
}

#[test]
fn every_mail_reads_as_it_was_written() {
    let templates = Templates::built_in();
    for language in ["en", "ru"] {
        for name in Templates::email_names() {
            let mut page = String::new();
            for (customer, full) in [("known customer, with a coupon", true), ("unknown name, no coupon", false)] {
                let mail = templates.render_email(name, &context(language, full)).expect("a built-in mail");
                page.push_str(&format!(
                    "===== {customer}\nSubject: {}\nPreheader: {}\n\n{}\n",
                    mail.subject, mail.preheader, mail.text
                ));
            }
            insta::assert_snapshot!(format!("{name}.{language}"), page);
        }
        for name in Templates::sms_names() {
            let mut page = String::new();
            for full in [true, false] {
                let sms = templates.render_sms(name, &context(language, full)).expect("a built-in text");
                page.push_str(&format!("{} [{} × {:?}]\n", sms.text, sms.parts, sms.encoding));
            }
            insta::assert_snapshot!(format!("{name}.{language}.sms"), page);
        }
    }
}

#[test]
fn the_html_of_two_mails_is_as_it_was_looked_at() {
    let templates = Templates::built_in();
    for (name, language) in [("welcome-nudge", "en"), ("nps-question", "ru")] {
        let mail = templates.render_email(name, &context(language, true)).expect("a built-in mail");
        insta::assert_snapshot!(format!("{name}.{language}.html"), mail.html.replace("><", ">\n<"));
    }
}

#[test]
fn every_mail_has_what_the_law_and_the_reader_need() {
    let templates = Templates::built_in();
    for language in ["en", "ru"] {
        for name in Templates::email_names() {
            for full in [true, false] {
                let context = context(language, full);
                let mail = templates.render_email(name, &context).expect("a built-in mail");
                for part in [&mail.html, &mail.text] {
                    for needed in ["https://l.example.com/u/TOKEN", "https://l.example.com/p/TOKEN", "12 Garden Street"]
                    {
                        assert!(part.contains(needed), "{name} ({language}) lacks {needed}");
                    }
                }
                assert!(mail.html.contains(&format!("<html lang=\"{language}\"")), "{name}: no language");
                assert!(
                    !mail.html.contains("{{") && !mail.html.contains("{%") && !mail.html.contains("jinjax"),
                    "{name}"
                );
                assert!(mail.html.len() < 30_000, "{name} has {} bytes", mail.html.len());
                assert!(
                    !mail.html.contains("<img") && !mail.html.contains("@import") && !mail.html.contains("<link"),
                    "{name} loads something"
                );
                assert!(!mail.subject.is_empty() && mail.subject.chars().count() <= 60, "{name}: {}", mail.subject);
                let longest = mail.text.lines().filter(|l| !l.contains("https://")).map(|l| l.chars().count()).max();
                assert!(longest <= Some(98), "{name} ({language}) has a line of {longest:?}");
            }
        }
    }
}

#[test]
fn links_that_answer_are_not_led_over_the_providers_address_and_two_others_are() {
    let own = checked(email_override(|parts| {
        parts[2] = "<mj-text><a class=\"x\" href=\"{{ links.unsubscribe }}\">u</a> <a href=\"{{ links.shop }}\">s</a></mj-text>".into();
    }));
    let templates = Templates::built_in().with(&own).expect("a good override");
    for name in Templates::email_names() {
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

#[test]
fn a_logo_is_an_image_with_a_text_for_those_who_do_not_load_it() {
    let mut context = context("en", true);
    let mut settings = context.brand.settings().clone();
    settings.logo_url = Some("https://groove.example.com/logo.png?a=1&b=2".to_owned());
    context.brand = Brand::new(settings).expect("a valid brand");
    let mail = Templates::built_in().render_email("welcome-thanks", &context).expect("a built-in mail");
    assert!(mail.html.contains("src=\"https://groove.example.com/logo.png?a=1&amp;b=2\""));
    assert!(mail.html.contains("alt=\"Groove &amp; Co\""));
}

#[test]
fn whatever_a_name_contains_it_stays_text() {
    let templates = Templates::built_in();
    for name in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "{{ 7 * 7 }}{% for x in y %}",
        "Anna\r\nBcc: victim@example.com",
        "Anna\u{0}\u{1b}[31m\u{202e}",
        "Zoë 👩‍🚀",
        "O'Neil & \"Co\"",
        "jinjax0001x",
        "</title><b>",
        &"x".repeat(100_000),
    ] {
        for language in ["en", "ru"] {
            for template in Templates::email_names() {
                let mut hostile = context(language, true);
                hostile.first_name = Some(name.to_owned());
                let mail = templates.render_email(template, &hostile).expect("any name can be rendered");
                assert!(!mail.subject.contains(char::is_control), "{name:?} in the subject of {template}");
                assert!(!mail.preheader.contains(char::is_control));
                for forbidden in ["<script", "<img", "</title><b", "\u{0}", "\u{1b}", "\u{202e}", "victim@"] {
                    assert!(!mail.html.contains(forbidden), "{name:?} puts {forbidden:?} into {template}");
                }
                assert!(!mail.html.contains("49{") && !mail.text.contains("49{"), "the name was run as a template");
                assert!(mail.text.len() < 10_000);
            }
        }
    }
    let mut hostile = context("en", true);
    hostile.first_name = Some("O'Neil & <i>".to_owned());
    let mail = templates.render_email("welcome-thanks", &hostile).expect("any name can be rendered");
    assert!(mail.html.contains("Thank you, O&#39;Neil &amp; &lt;i&gt;."));
    assert!(mail.text.contains("Thank you, O'Neil & <i>."));
    assert!(mail.subject.ends_with("O'Neil & <i>"));
}

#[test]
fn the_language_falls_back_from_region_to_base_to_the_brand_to_english() {
    let templates = Templates::built_in();
    let subject = |customer: &str, default: &str| {
        let mut context = context("en", false);
        context.language = Language::parse(customer).expect("a tag");
        let mut settings = context.brand.settings().clone();
        settings.default_language = Language::parse(default).expect("a tag");
        context.brand = Brand::new(settings).expect("a valid brand");
        templates.render_email("reengage-reminder", &context).expect("a built-in mail").subject
    };
    assert_eq!(subject("ru", "en"), "Давно не виделись");
    assert_eq!(subject("ru-RU", "en"), "Давно не виделись");
    assert_eq!(subject("de", "ru-RU"), "Давно не виделись");
    assert_eq!(subject("en-GB", "ru"), "It's been a while");
    assert_eq!(subject("de", "fr"), "It's been a while");
}

#[test]
fn links_that_are_not_links_are_refused() {
    let templates = Templates::built_in();
    for bad in ["javascript:alert(1)", "", "https://x.com/\"><b>", "https://x.com/\r\nX: y"] {
        let mut context = context("en", true);
        context.links.shop = bad.to_owned();
        assert_eq!(templates.render_email("welcome-thanks", &context), Err(RenderError::BadLink("shop")), "{bad:?}");
    }
    let mut context = context("en", true);
    context.links.nps.pop();
    assert_eq!(templates.render_email("nps-question", &context), Err(RenderError::NpsLinks(10)));
    context.links.nps.clear();
    context.links.referral = None;
    let unfilled = templates.render_email("referral-invitation", &context);
    assert!(matches!(unfilled, Err(RenderError::Fill { .. })), "{unfilled:?}");
    let unfilled = templates.render_email("no-such", &context);
    assert!(matches!(unfilled, Err(RenderError::NoSuchTemplate { .. })), "{unfilled:?}");
}

#[test]
fn an_nps_question_without_links_is_refused() {
    let mut context = context("en", true);
    context.links.nps.clear();
    let unfilled = Templates::built_in().render_email("nps-question", &context);
    assert!(matches!(unfilled, Err(RenderError::Fill { .. })), "{unfilled:?}");
}

#[test]
fn debug_output_shows_neither_links_nor_names() {
    let context = context("en", true);
    let mail = Templates::built_in().render_email("welcome-thanks", &context).expect("a built-in mail");
    let shown = format!("{context:?} {mail:?}");
    assert!(!shown.contains("TOKEN") && !shown.contains("Anna"), "{shown}");
}

fn email_override(change: impl FnOnce(&mut [String; 4])) -> TemplateOverride {
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

/// As it is stored, and read again.
fn checked(own: TemplateOverride) -> CheckedTemplate {
    let stored = serde_json::to_string(&own.check().expect("a good override")).expect("JSON");
    serde_json::from_str(&stored).expect("what was stored")
}

fn sms_override(sms: &str) -> TemplateOverride {
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
fn an_override_that_is_too_large_to_be_stored_is_refused_although_nobody_sees_all_of_it() {
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
fn every_text_says_who_writes_and_how_to_stop() {
    let templates = Templates::built_in();
    for language in ["en", "ru"] {
        for (name, full) in Templates::sms_names().flat_map(|name| [(name, true), (name, false)]) {
            let context = context(language, full);
            let sms = templates.render_sms(name, &context).expect("a built-in text");
            let brand = &context.brand.settings().name;
            assert!(sms.text.starts_with(&format!("{brand}: ")), "{name} ({language}): {}", sms.text);
            assert!(sms.text.ends_with("STOP") || sms.text.ends_with("Reply STOP to opt out"), "{}", sms.text);
            assert!(sms.parts <= 4, "{name} ({language}) takes {} parts", sms.parts);
        }
    }
}

#[test]
fn whatever_a_coupon_or_a_code_contains_it_stays_text() {
    let templates = Templates::built_in();
    let evil = "<b>\r\nBcc: x@example.com {{ 7 * 7 }}";
    for language in ["en", "ru"] {
        let mut hostile = context(language, true);
        hostile.coupon.as_mut().expect("a coupon").code = evil.to_owned();
        hostile.referral.as_mut().expect("a code").code = evil.to_owned();
        for name in Templates::email_names() {
            let mail = templates.render_email(name, &hostile).expect("any code can be rendered");
            assert!(!mail.html.contains("<b>") && !mail.html.contains("49"), "{name}: {}", mail.html);
            assert!(!mail.subject.contains(char::is_control) && !mail.preheader.contains(char::is_control));
            assert!(!mail.text.contains("\nBcc") && !mail.text.contains("\r"), "{name}: {}", mail.text);
        }
        for name in Templates::sms_names() {
            let sms = templates.render_sms(name, &hostile).expect("any code can be rendered");
            assert!(!sms.text.contains(char::is_control), "{name}: {}", sms.text);
        }
    }
}

#[test]
fn a_question_for_a_yes_without_its_link_is_refused() {
    let mut context = context("en", true);
    context.links.confirm = None;
    let unfilled = Templates::built_in().render_email("confirm-email", &context);
    assert!(matches!(unfilled, Err(RenderError::Fill { .. })), "{unfilled:?}");
    let unfilled = Templates::built_in().render_sms("confirm-sms", &context);
    assert!(matches!(unfilled, Err(RenderError::Fill { .. })), "{unfilled:?}");
    context.links.confirm = Some("javascript:alert(1)".to_owned());
    let refused = Templates::built_in().render_email("welcome-thanks", &context);
    assert_eq!(refused, Err(RenderError::BadLink("confirm")));
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
