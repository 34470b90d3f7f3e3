//! A shop's own template, and the trial that it passes before it is stored.

use crate::brand::Brand;
use crate::built_in;
use crate::jinja::{self, JinjaError, expressions};
use crate::language::Language;
use crate::message_context::{CouponOffer, MessageContext, MessageLinks, ReferralOffer, View};
use crate::template::{EmailSource, PartError, Template, TemplatePart};
use crate::templates::TemplateChannel;
use minijinja::value::{Serde, Value};
use serde::{Deserialize, Serialize};

/// A template as a shop writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateOverride {
    /// The template's name: of a built-in one to replace it, or a new one for a journey of the shop's own.
    /// 1 to 64 characters of `a-z`, `0-9` and `-`.
    pub name: String,
    /// The language it is written in.
    pub language: Language,
    /// What it says.
    #[serde(flatten)]
    pub content: TemplateContent,
}

/// What a template says, by channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "channel", rename_all = "lowercase")]
pub enum TemplateContent {
    /// A mail.
    Email {
        /// One line.
        subject: String,
        /// One line, shown by inboxes after the subject.
        preheader: String,
        /// The content of the built-in layout's card (elements of an `mj-column`), or a whole document
        /// beginning with `<mjml`, which then needs an unsubscribe link and the postal address itself.
        mjml: String,
        /// The plain-text part; the footer with the unsubscribe link is put below it.
        text: String,
    },
    /// A text message.
    Sms {
        /// The whole message, with the brand's name and the word STOP.
        sms: String,
    },
}

/// Why a template is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The name is not one.
    #[error("the name of a template may contain only lower-case letters, digits and hyphens, 1 to 64 of them")]
    Name,
    /// More than a part may have.
    #[error("the {part} has {bytes} bytes; at most {limit} are allowed", part = part.name())]
    TooLarge {
        /// The part.
        part: TemplatePart,
        /// Bytes found.
        bytes: usize,
        /// Most bytes allowed.
        limit: usize,
    },
    /// A part that must say something is empty.
    #[error("the {part} is empty", part = part.name())]
    Empty {
        /// The part.
        part: TemplatePart,
    },
    /// A control character; in a subject or preheader also a line break.
    #[error("the {part} contains a control character, or a line break where none may be", part = part.name())]
    ControlCharacter {
        /// The part.
        part: TemplatePart,
    },
    /// A mistake in the template itself.
    #[error("{part}, line {line}: {problem}", part = part.name())]
    Mistake {
        /// The part.
        part: TemplatePart,
        /// The line in that part, from 1.
        line: usize,
        /// What is wrong, as a sentence.
        problem: String,
    },
    /// A text message of so many parts that carriers refuse it.
    #[error("the text message has {parts} parts when filled; at most {limit} are allowed")]
    TooManyParts {
        /// Parts found.
        parts: u32,
        /// Most parts allowed.
        limit: u32,
    },
    /// Rendered for some customer, it lacks what the law or the recipient needs.
    #[error("the {part} lacks {lacks}", part = part.name())]
    Lacks {
        /// The part.
        part: TemplatePart,
        /// What has to be added, with the expression to use.
        lacks: &'static str,
    },
}

/// Gmail cuts mails off, and with them the unsubscribe link, at 102 KB.
const LARGEST_HTML: usize = 100_000;
const LARGEST_SOURCE: usize = 64_000;
const LARGEST_LINE: usize = 1_000;
const LARGEST_SMS: usize = 2_000;
/// A longer text costs more than ten parts would earn, and carriers refuse it.
const MOST_SMS_PARTS: u32 = 10;

pub(crate) fn compile(new: &TemplateOverride) -> Result<(TemplateChannel, Template), TemplateError> {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !(1..=64).contains(&new.name.len()) || !new.name.chars().all(known) {
        return Err(TemplateError::Name);
    }
    match &new.content {
        TemplateContent::Email { subject, preheader, mjml, text } => {
            for (part, source, limit) in [
                (TemplatePart::Subject, subject, LARGEST_LINE),
                (TemplatePart::Preheader, preheader, LARGEST_LINE),
                (TemplatePart::Mjml, mjml, LARGEST_SOURCE),
                (TemplatePart::Text, text, LARGEST_SOURCE),
            ] {
                check_source(part, source, limit)?;
                try_alone(new, part, source)?;
            }
            let footer = built_in::footer(&new.language);
            let source =
                EmailSource { subject, preheader, mjml, text, footer_mjml: footer.mjml, footer_text: footer.text };
            let template = Template::email(&new.name, new.language.clone(), source).map_err(mistake)?;
            for context in sample_contexts(&new.name, &new.language) {
                check_email(&template, &context)?;
            }
            Ok((TemplateChannel::Email, template))
        }
        TemplateContent::Sms { sms } => {
            check_source(TemplatePart::Sms, sms, LARGEST_SMS)?;
            try_alone(new, TemplatePart::Sms, sms)?;
            let template = Template::sms(&new.name, new.language.clone(), sms).map_err(mistake)?;
            for context in sample_contexts(&new.name, &new.language) {
                check_sms(&template, &context)?;
            }
            Ok((TemplateChannel::Sms, template))
        }
    }
}

fn mistake((part, JinjaError { line, problem }): PartError) -> TemplateError {
    TemplateError::Mistake { part, line, problem }
}

fn check_source(part: TemplatePart, source: &str, limit: usize) -> Result<(), TemplateError> {
    if source.len() > limit {
        return Err(TemplateError::TooLarge { part, bytes: source.len(), limit });
    }
    if source.trim().is_empty() && part != TemplatePart::Preheader {
        return Err(TemplateError::Empty { part });
    }
    let one_line = matches!(part, TemplatePart::Subject | TemplatePart::Preheader);
    let bad = |c: char| c.is_control() && (one_line || !matches!(c, '\n' | '\r' | '\t'));
    if source.chars().any(bad) { Err(TemplateError::ControlCharacter { part }) } else { Ok(()) }
}

/// Fills the source as it was written, before it becomes HTML, so that mistakes are reported with the
/// line that the shop sees.
fn try_alone(new: &TemplateOverride, part: TemplatePart, source: &str) -> Result<(), TemplateError> {
    let refuse = |problem: JinjaError| mistake((part, problem));
    expressions(source).map_err(refuse)?;
    let mut engine = jinja::environment();
    engine.add_template("alone", source).map_err(|e| refuse(JinjaError::of(&e, source)))?;
    let template = engine.get_template("alone").map_err(|e| refuse(JinjaError::of(&e, source)))?;
    for context in sample_contexts(&new.name, &new.language) {
        let view = View::new(&context, &new.language).expect("the samples' links are links");
        template.render(Value::from(Serde(&view))).map_err(|e| refuse(JinjaError::of(&e, source)))?;
    }
    Ok(())
}

fn check_email(template: &Template, context: &MessageContext) -> Result<(), TemplateError> {
    let lacks = |part, lacks| Err(TemplateError::Lacks { part, lacks });
    let rendered = template.render_email(context).map_err(|error| TemplateError::Mistake {
        part: TemplatePart::Mjml,
        line: 1,
        problem: error.to_string(),
    })?;
    if rendered.html.len() > LARGEST_HTML {
        let (part, bytes) = (TemplatePart::Mjml, rendered.html.len());
        return Err(TemplateError::TooLarge { part, bytes, limit: LARGEST_HTML });
    }
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
    Ok(())
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
    let rendered = template.render_sms(context).map_err(|error| TemplateError::Mistake {
        part,
        line: 1,
        problem: error.to_string(),
    })?;
    if !rendered.text.contains(&context.brand.settings().name) {
        return Err(TemplateError::Lacks { part, lacks: "the shop's name: {{ brand.name }}" });
    }
    if !rendered.text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "STOP") {
        return Err(TemplateError::Lacks { part, lacks: "how to opt out: Reply STOP to opt out" });
    }
    if rendered.parts > MOST_SMS_PARTS {
        return Err(TemplateError::TooManyParts { parts: rendered.parts, limit: MOST_SMS_PARTS });
    }
    Ok(())
}

/// Every combination of the values that a customer, an offer or a brand may lack.
fn sample_contexts(name: &str, language: &Language) -> Vec<MessageContext> {
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
                        brand: sample_brand(logo, language),
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

fn sample_brand(logo: bool, language: &Language) -> Brand {
    let mut settings = serde_json::json!({
        "name": "Sample Shop", "sender_address": "hello@shop.example.com", "sender_name": "Sample Sender",
        "postal_address": "1 Sample Street, 10115 Sampleton", "shop_url": "https://shop.example.com/",
        "default_language": language,
    });
    if logo {
        settings["logo_url"] = "https://shop.example.com/logo.png".into();
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
