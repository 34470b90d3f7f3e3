//! The trial that a shop's own template passes before it is stored, and what is stored of it.

use crate::brand::{Brand, MAX_WEB_ADDRESS_BYTES};
use crate::built_in;
use crate::jinja;
use crate::language::Language;
use crate::legibility::Judge;
use crate::message_context::{CouponOffer, MessageContext, MessageLinks, ReferralOffer, RenderError, View};
use crate::template::{EmailParts, PartError, RenderedEmail, Template, TemplatePart};
use crate::template_override::{TemplateContent, TemplateError, TemplateOverride};
use rekindle_lifecycle::channel::TemplateForm;
use rekindle_mjml::{Mistake, check_language};
use serde::{Deserialize, Serialize};

/// Most bytes of a filled mail. Gmail cuts mails off, and with them the unsubscribe link, at 102 KB.
const MAX_HTML_BYTES: usize = 100_000;
/// Most bytes of a compiled mail, with everything that is filled in for some customers only. It is stored in one item with
/// its sources; DynamoDB takes 400 KB.
const MAX_COMPILED_BYTES: usize = 150_000;
/// Most bytes of the MJML or the plain text of a mail.
const MAX_SOURCE_BYTES: usize = 64_000;
/// Most bytes of a subject or a preheader.
const MAX_LINE_BYTES: usize = 1_000;
/// Most bytes of a text message's template.
const MAX_SMS_BYTES: usize = 2_000;
/// Most parts of a text message. A longer one costs more than it earns, and carriers refuse it.
const MAX_SMS_PARTS: u32 = 10;

/// A shop's own template that can be filled for every customer. It is stored in this form, so that `send` neither tries it
/// again nor needs a compiler of MJML. Its JSON is that of [`TemplateOverride`], with the compiled mail beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedTemplate {
    /// As the shop wrote it.
    #[serde(flatten)]
    pub written: TemplateOverride,
    /// What a mail is filled from; a text message is filled as it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    compiled: Option<CompiledEmail>,
}

/// A mail's parts with everything around them, in the template language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct CompiledEmail {
    html: String,
    text: String,
}

impl TemplateOverride {
    /// Compiles the template and fills it for sample customers, with and without every value that a customer may lack, so
    /// that what is accepted here can be sent.
    ///
    /// # Errors
    /// Says which part is wrong, on which line, and why.
    pub fn check(self) -> Result<CheckedTemplate, TemplateError> {
        self.check_with_accent(None)
    }

    /// The same, with the colour that the shop's brand has for its buttons in place of the usual one.
    ///
    /// # Errors
    /// Says which part is wrong, on which line, and why.
    pub fn check_with_accent(self, accent_colour: Option<&str>) -> Result<CheckedTemplate, TemplateError> {
        let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !(1..=64).contains(&self.name.len()) || !self.name.chars().all(known) {
            return Err(TemplateError::Name);
        }
        let samples = sample_contexts(&self.name, &self.language, accent_colour);
        let compiled = match &self.content {
            TemplateContent::Email { subject, preheader, mjml, text } => {
                for (part, source, limit) in [
                    (TemplatePart::Subject, subject, MAX_LINE_BYTES),
                    (TemplatePart::Preheader, preheader, MAX_LINE_BYTES),
                    (TemplatePart::Mjml, mjml, MAX_SOURCE_BYTES),
                    (TemplatePart::Text, text, MAX_SOURCE_BYTES),
                ] {
                    check_source(part, source, limit)?;
                    try_alone(part, source, &self.language, &samples)?;
                }
                let footer = built_in::footer(&self.language);
                let html = rekindle_mjml::compile(mjml, footer.mjml)
                    .map_err(|problem| mistake((TemplatePart::Mjml, problem)))?;
                at_most(MAX_COMPILED_BYTES, TemplatePart::Mjml, &html)?;
                Some(CompiledEmail { html, text: footer.below(text) })
            }
            TemplateContent::Sms { sms } => {
                check_source(TemplatePart::Sms, sms, MAX_SMS_BYTES)?;
                try_alone(TemplatePart::Sms, sms, &self.language, &samples)?;
                None
            }
        };
        let checked = CheckedTemplate { written: self, compiled };
        let (form, template) = checked.template()?;
        let mut judge = Judge::default();
        for context in &samples {
            match &checked.written.content {
                TemplateContent::Email { mjml, .. } => {
                    let rendered = check_email(&template, context)?;
                    check_colours(&mut judge, mjml, &rendered.html)?;
                }
                TemplateContent::Sms { .. } => check_sms(&template, context)?,
            }
        }
        // What can be filled with the longest values can be filled with all.
        let longest = longest_context(&checked.written.language);
        let filled = match &checked.written.content {
            TemplateContent::Email { .. } => template.render_email(&longest).err(),
            TemplateContent::Sms { .. } => template.render_sms(&longest).err(),
        };
        filled.map_or(Ok(checked), |error| Err(unfilled(form, &error)))
    }
}

impl CheckedTemplate {
    /// The template, compiled, and its form.
    ///
    /// # Errors
    /// It was checked by a version with another template language.
    pub(crate) fn template(&self) -> Result<(TemplateForm, Template), TemplateError> {
        let TemplateOverride { name, language, content } = &self.written;
        match (content, &self.compiled) {
            (TemplateContent::Email { subject, preheader, .. }, Some(CompiledEmail { html, text })) => {
                let parts = EmailParts {
                    subject: subject.clone(),
                    preheader: preheader.clone(),
                    html: html.clone(),
                    text: text.clone(),
                };
                let template = Template::email(name, language.clone(), parts).map_err(mistake)?;
                Ok((TemplateForm::Mail, template))
            }
            (TemplateContent::Email { .. }, None) => Err(TemplateError::Empty { part: TemplatePart::Mjml }),
            (TemplateContent::Sms { sms }, _) => {
                let template = Template::sms(name, language.clone(), sms).map_err(mistake)?;
                Ok((TemplateForm::Text, template))
            }
        }
    }
}

fn mistake((part, Mistake { line, problem }): PartError) -> TemplateError {
    TemplateError::Mistake { part, line, problem }
}

fn at_most(limit: usize, part: TemplatePart, text: &str) -> Result<(), TemplateError> {
    let bytes = text.len();
    if bytes > limit { Err(TemplateError::TooLarge { part, bytes, limit }) } else { Ok(()) }
}

fn check_source(part: TemplatePart, source: &str, limit: usize) -> Result<(), TemplateError> {
    at_most(limit, part, source)?;
    if source.trim().is_empty() && part != TemplatePart::Preheader {
        return Err(TemplateError::Empty { part });
    }
    let one_line = matches!(part, TemplatePart::Subject | TemplatePart::Preheader);
    let bad = |c: char| c.is_control() && (one_line || !matches!(c, '\n' | '\r' | '\t'));
    if source.chars().any(bad) { Err(TemplateError::ControlCharacter { part }) } else { Ok(()) }
}

/// Fills the source as it was written, before it becomes HTML, so that mistakes are reported with the
/// line that the shop sees.
fn try_alone(
    part: TemplatePart,
    source: &str,
    language: &Language,
    samples: &[MessageContext],
) -> Result<(), TemplateError> {
    let refuse = |problem: Mistake| mistake((part, problem));
    check_language(source).map_err(refuse)?;
    let mut engine = jinja::environment();
    engine.add_template("alone", source).map_err(|e| refuse(jinja::mistake(&e, source)))?;
    for context in samples {
        let view = View::new(context, language).expect("the samples' links are links");
        jinja::fill(&engine, "alone", &view, part.max_filled_bytes(), source).map_err(refuse)?;
    }
    Ok(())
}

fn unfilled(form: TemplateForm, error: &RenderError) -> TemplateError {
    let part = if form == TemplateForm::Text { TemplatePart::Sms } else { TemplatePart::Mjml };
    TemplateError::Mistake { part, line: 1, problem: error.to_string() }
}

fn check_email(template: &Template, context: &MessageContext) -> Result<RenderedEmail, TemplateError> {
    let lacks = |part, lacks| Err(TemplateError::Lacks { part, lacks });
    let rendered = template.render_email(context).map_err(|error| unfilled(TemplateForm::Mail, &error))?;
    at_most(MAX_HTML_BYTES, TemplatePart::Mjml, &rendered.html)?;
    if rendered.subject.is_empty() {
        return Err(TemplateError::Empty { part: TemplatePart::Subject });
    }
    let body = visible(&rendered.html);
    if !body.contains(&format!("href=\"{}\"", context.links.unsubscribe)) {
        return lacks(TemplatePart::Mjml, "an unsubscribe link: <a href=\"{{ links.unsubscribe }}\">");
    }
    if !body.contains(&context.brand.settings().postal_address) {
        return lacks(TemplatePart::Mjml, "the postal address: {{ brand.postal_address }}");
    }
    Ok(rendered)
}

/// Refuses a mail with a text that cannot be read.
fn check_colours(judge: &mut Judge, mjml: &str, html: &str) -> Result<(), TemplateError> {
    let Some(objection) = judge.first_objection(html) else { return Ok(()) };
    let place = objection.text().and_then(|text| mjml.lines().position(|line| line.contains(text)));
    let line = place.map_or(1, |place| place + 1);
    Err(TemplateError::Mistake { part: TemplatePart::Mjml, line, problem: objection.to_string() })
}

/// The HTML without its comments, in which a link would not be one.
fn visible(html: &str) -> String {
    let mut shown = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<!--") {
        shown.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, after)| after);
    }
    shown + rest
}

fn check_sms(template: &Template, context: &MessageContext) -> Result<(), TemplateError> {
    let part = TemplatePart::Sms;
    let rendered = template.render_sms(context).map_err(|error| unfilled(TemplateForm::Text, &error))?;
    if !rendered.text.contains(&context.brand.settings().name) {
        return Err(TemplateError::Lacks { part, lacks: "the shop's name: {{ brand.name }}" });
    }
    if !rendered.text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "STOP") {
        return Err(TemplateError::Lacks { part, lacks: "how to opt out: Reply STOP to opt out" });
    }
    if rendered.parts > MAX_SMS_PARTS {
        return Err(TemplateError::TooManyParts { parts: rendered.parts, limit: MAX_SMS_PARTS });
    }
    Ok(())
}

/// Every combination of the values that a customer, an offer or a brand may lack.
fn sample_contexts(name: &str, language: &Language, accent_colour: Option<&str>) -> Vec<MessageContext> {
    let date = jiff::civil::date(2026, 12, 5);
    let coupon = |expires_on| Some(CouponOffer { code: "SAMPLE15".to_owned(), percent: 15, expires_on });
    // These are never sent without their links, which other messages may lack.
    let either = |always: &str| if name == always { vec![true] } else { vec![true, false] };
    let confirms = if name.starts_with("confirm-") { vec![true] } else { vec![true, false] };
    let mut links = Vec::new();
    for referral in either("referral-invitation") {
        for nps in either("nps-question") {
            links.extend(confirms.iter().map(|confirm| sample_links(referral, nps, *confirm)));
        }
    }
    let referral = |friend_percent, reward_percent| {
        Some(ReferralOffer { code: "7KQ2MX4H".to_owned(), friend_percent, reward_percent })
    };
    let mut contexts = Vec::new();
    for first_name in [None, Some("Anna"), Some("<Zoë & \"Co\"> 🎷")] {
        for coupon in [None, coupon(None), coupon(Some(date))] {
            for referral in [None, referral(None, None), referral(Some(10), None), referral(None, Some(15))] {
                for (links, logo) in links.iter().flat_map(|links| [(links, false), (links, true)]) {
                    contexts.push(MessageContext {
                        brand: sample_brand(logo, language, accent_colour),
                        first_name: first_name.map(str::to_owned),
                        language: language.clone(),
                        coupon: coupon.clone(),
                        referral: referral.clone(),
                        links: links.clone(),
                    });
                }
            }
        }
    }
    contexts
}

/// Every value as long as it can be, in the bytes that it takes in HTML.
fn longest_context(language: &Language) -> MessageContext {
    let link = format!("https://x{}", "&".repeat(MAX_WEB_ADDRESS_BYTES - "https://x".len()));
    let brand = serde_json::json!({
        "name": "&".repeat(60), "sender_address": "hello@shop.example.com", "sender_name": "&".repeat(60),
        "postal_address": "&".repeat(200), "shop_url": link, "logo_url": link, "default_language": language,
    });
    MessageContext {
        brand: serde_json::from_value(brand).expect("the longest brand is valid"),
        first_name: Some(format!("a{}", "&".repeat(39))),
        language: language.clone(),
        coupon: Some(CouponOffer {
            code: "&".repeat(40),
            percent: 100,
            expires_on: Some(jiff::civil::date(2026, 9, 30)),
        }),
        referral: Some(ReferralOffer { code: "&".repeat(40), friend_percent: Some(100), reward_percent: Some(100) }),
        links: MessageLinks {
            shop: link.clone(),
            unsubscribe: link.clone(),
            preferences: link.clone(),
            nps: vec![link.clone(); 11],
            referral: Some(link.clone()),
            confirm: Some(link),
        },
    }
}

fn sample_brand(logo: bool, language: &Language, accent_colour: Option<&str>) -> Brand {
    let mut settings = serde_json::json!({
        "name": "Sample Shop", "sender_address": "hello@shop.example.com", "sender_name": "Sample Sender",
        "postal_address": "1 Sample Street, 10115 Sampleton", "shop_url": "https://shop.example.com/",
        "default_language": language,
    });
    if logo {
        settings["logo_url"] = "https://shop.example.com/logo.png".into();
    }
    if let Some(colour) = accent_colour {
        settings["accent_colour"] = colour.into();
    }
    serde_json::from_value(settings).expect("the sample brand is valid")
}

fn sample_links(referral: bool, nps: bool, confirm: bool) -> MessageLinks {
    MessageLinks {
        shop: "https://shop.example.com/".to_owned(),
        unsubscribe: "https://links.example.com/u/sample".to_owned(),
        preferences: "https://links.example.com/p/sample".to_owned(),
        nps: (0..=10).filter(|_| nps).map(|score| format!("https://links.example.com/n/sample-{score}")).collect(),
        referral: referral.then(|| "https://links.example.com/r/7KQ2MX4H".to_owned()),
        confirm: confirm.then(|| "https://links.example.com/c/sample".to_owned()),
    }
}
