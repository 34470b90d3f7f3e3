//! Every message as its reader sees it, for every kind of customer.

mod bounded_templates;
mod hostile_templates;
mod own_templates;

use rekindle_lifecycle::channel::TemplateForm;
use rekindle_messaging::{
    Brand, CouponOffer, Language, MessageContext, MessageLinks, ReferralOffer, RenderError, Templates,
};

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
        for name in Templates::names(TemplateForm::Mail) {
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
        for name in Templates::names(TemplateForm::Text) {
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
        for name in Templates::names(TemplateForm::Mail) {
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
            for template in Templates::names(TemplateForm::Mail) {
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

#[test]
fn every_text_names_its_sender_and_how_to_stop() {
    let templates = Templates::built_in();
    for language in ["en", "ru"] {
        for (name, full) in Templates::names(TemplateForm::Text).flat_map(|name| [(name, true), (name, false)]) {
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
        for name in Templates::names(TemplateForm::Mail) {
            let mail = templates.render_email(name, &hostile).expect("any code can be rendered");
            assert!(!mail.html.contains("<b>") && !mail.html.contains("49"), "{name}: {}", mail.html);
            assert!(!mail.subject.contains(char::is_control) && !mail.preheader.contains(char::is_control));
            assert!(!mail.text.contains("\nBcc") && !mail.text.contains("\r"), "{name}: {}", mail.text);
        }
        for name in Templates::names(TemplateForm::Text) {
            let sms = templates.render_sms(name, &hostile).expect("any code can be rendered");
            assert!(!sms.text.contains(char::is_control), "{name}: {}", sms.text);
        }
    }
}

#[test]
fn a_request_for_consent_without_its_link_is_refused() {
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
