//! A shop's own templates cannot grow without bound, whatever they hold and are filled with.

use crate::context;
use crate::own_templates::{checked, email_override, sms_override};
use rekindle_lifecycle::channel::TemplateForm;
use rekindle_messaging::{
    Brand, CheckedTemplate, MessageLinks, TemplateContent, TemplateError, TemplatePart, Templates,
};

/// A shop's template that is accepted, or the reason why it is not.
fn tried(mjml: &str) -> Result<CheckedTemplate, String> {
    email_override(|parts| parts[2] = mjml.to_owned()).check().map_err(|error| error.to_string())
}

#[test]
fn a_template_that_grows_what_it_holds_behind_a_condition_that_no_sample_meets_is_refused() {
    for grows in [
        "{% for a in [x,x]|list %}{% endfor %}",
        "{{ [coupon.code ~ coupon.code] }}",
        "{{ first_name ~ first_name }}",
        "{{ first_name * 99999 }}",
        "{{ [first_name] * 99999 }}",
        "{{ [[[[[[[[first_name]]]]]]]] }}",
        "{{ first_name[::-1] }}",
        "{{ first_name.upper() }}",
        "{{ links|items }}",
        "{{ 2 ** 99 }}",
    ] {
        let hidden = format!("<mj-text>{{% if first_name == \"Zed\" %}}{grows}{{% endif %}}</mj-text>");
        assert!(tried(&hidden).is_err(), "{grows}");
        let mut subject = email_override(|_| ());
        if let TemplateContent::Email { subject, .. } = &mut subject.content {
            *subject = format!("Hello{{% if first_name == \"Zed\" %}}{grows}{{% endif %}}");
        }
        assert!(matches!(subject.check(), Err(TemplateError::Mistake { part: TemplatePart::Subject, .. })), "{grows}");
        let text = format!("{{{{ brand.name }}}}: {{% if first_name == \"Zed\" %}}{grows}{{% endif %}} Reply STOP");
        assert!(sms_override(&text).check().is_err(), "{grows}");
    }
}

#[test]
fn a_value_that_is_several_cannot_be_put_in() {
    for several in ["{{ links }}", "{{ links.nps }}", "{{ brand }}", "{% for x in [1] %}{{ loop }}{% endfor %}"] {
        let refusal = tried(&format!("<mj-text>{several}</mj-text>")).expect_err("refused");
        assert!(refusal.contains("several values"), "{refusal}");
    }
}

#[test]
fn output_is_bounded_while_it_is_made() {
    // Short for every sample, long for a customer whose name is Zed.
    let loops =
        "{% for a in links.nps %}{% for b in links.nps %}{{ links.shop }}{{ links.shop }}{% endfor %}{% endfor %}";
    let mjml = format!("<mj-text>{{% if first_name == \"Zed\" %}}{}{{% endif %}}</mj-text>", loops.repeat(20));
    let own = checked(email_override(|parts| parts[2] = mjml));
    let templates = Templates::built_in().with(&own).expect("a good override");
    let mut long = context("en", true);
    long.links.shop = format!("https://groove.example.com/{}", "a".repeat(1_900));
    assert!(templates.render_email("welcome-thanks", &long).is_ok());
    long.first_name = Some("Zed".to_owned());
    let refused = templates.render_email("welcome-thanks", &long).expect_err("too long");
    assert!(refused.to_string().ends_with("filled, it has more than 1000000 bytes"), "{refused}");

    let many = format!("<mj-text>{}</mj-text>", "{{ links.shop }}".repeat(300));
    let refusal = tried(&many).expect_err("too long for long links");
    assert!(refusal.contains("filled, it has more than 1000000 bytes"), "{refusal}");
}

#[test]
fn every_built_in_template_can_be_filled_with_the_longest_values() {
    let link = format!("https://x{}", "&".repeat(1_991));
    let templates = Templates::built_in();
    for language in ["en", "ru"] {
        let mut longest = context(language, true);
        let mut settings = longest.brand.settings().clone();
        settings.name = "&".repeat(60);
        settings.sender_name = "&".repeat(60);
        settings.postal_address = "&".repeat(200);
        settings.shop_url.clone_from(&link);
        settings.logo_url = Some(link.clone());
        longest.brand = Brand::new(settings).expect("the longest brand");
        longest.first_name = Some(format!("a{}", "&".repeat(39)));
        longest.links = MessageLinks {
            shop: link.clone(),
            unsubscribe: link.clone(),
            preferences: link.clone(),
            nps: vec![link.clone(); 11],
            referral: Some(link.clone()),
            confirm: Some(link.clone()),
        };
        for name in Templates::names(TemplateForm::Mail) {
            let mail = templates.render_email(name, &longest).expect("a built-in mail");
            assert!(mail.html.len() < 500_000, "{name} has {} bytes", mail.html.len());
        }
        for name in Templates::names(TemplateForm::Text) {
            assert!(templates.render_sms(name, &longest).is_ok(), "{name}");
        }
    }
}
