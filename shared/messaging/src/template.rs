//! One compiled template: the parts of a mail, or a text message, ready to be filled.

use crate::greeting_name::printable;
use crate::jinja;
use crate::language::Language;
use crate::message_context::{MessageContext, MessageLinks, RenderError, View};
use crate::sms_parts::{SmsEncoding, sms_parts};
use minijinja::Environment;
use rekindle_mjml::{Mistake, check_language};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A mail as the customer will see it. `Debug` shows its size only: its links open the customer's pages.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderedEmail {
    /// One line, without control characters, at most 200 characters.
    pub subject: String,
    /// The line that an inbox shows after the subject. Hidden at the top of the HTML part.
    pub preheader: String,
    /// The HTML part: a whole document, its values escaped.
    pub html: String,
    /// The plain-text part, made for reading.
    pub text: String,
}

/// A text message as the customer will see it. `Debug` shows its size only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderedSms {
    /// The whole text.
    pub text: String,
    /// The alphabet it travels in.
    pub encoding: SmsEncoding,
    /// The parts it is sent and paid in.
    pub parts: u32,
}

impl fmt::Debug for RenderedEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RenderedEmail({} bytes of HTML, {} of text)", self.html.len(), self.text.len())
    }
}

impl fmt::Debug for RenderedSms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RenderedSms({} parts, {:?})", self.parts, self.encoding)
    }
}

/// A part of a template, as error messages name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TemplatePart {
    /// The subject line.
    Subject,
    /// The line that an inbox shows after the subject.
    Preheader,
    /// The MJML, from which the HTML part is made.
    Mjml,
    /// The plain-text part.
    Text,
    /// The text message.
    Sms,
}

impl TemplatePart {
    /// The part's name, as in [`crate::TemplateOverride`].
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Preheader => "preheader",
            Self::Mjml => "mjml",
            Self::Text => "text",
            Self::Sms => "sms",
        }
    }

    /// The name inside of the engine: MJML is filled as the HTML it was compiled to.
    fn engine_name(self) -> &'static str {
        if self == Self::Mjml { jinja::HTML } else { self.name() }
    }

    /// Most bytes of the part when it is filled. They are more than a message should have, so that one with long values, such as
    /// the name of a shop, still goes out; and few enough for a hundred messages that are filled at once.
    pub(crate) fn max_filled_bytes(self) -> usize {
        match self {
            Self::Subject | Self::Preheader => 40_000,
            Self::Mjml => 1_000_000,
            Self::Text => 200_000,
            Self::Sms => 40_000,
        }
    }
}

/// The parts of a mail, whole, in the template language; the HTML is already made of its MJML.
pub(crate) struct EmailParts {
    pub(crate) subject: String,
    pub(crate) preheader: String,
    pub(crate) html: String,
    pub(crate) text: String,
}

/// A mail or a text message in one language, compiled.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) name: String,
    pub(crate) language: Language,
    engine: Environment<'static>,
}

/// The part that something is wrong with, and what.
pub(crate) type PartError = (TemplatePart, Mistake);

impl Template {
    pub(crate) fn email(name: &str, language: Language, parts: EmailParts) -> Result<Self, PartError> {
        let EmailParts { subject, preheader, html, text } = parts;
        let parts = [
            (TemplatePart::Subject, subject),
            (TemplatePart::Preheader, preheader),
            (TemplatePart::Text, text),
            (TemplatePart::Mjml, html),
        ];
        Self::compile(name, language, parts)
    }

    pub(crate) fn sms(name: &str, language: Language, source: &str) -> Result<Self, PartError> {
        Self::compile(name, language, [(TemplatePart::Sms, source.trim().to_owned())])
    }

    fn compile(
        name: &str,
        language: Language,
        parts: impl IntoIterator<Item = (TemplatePart, String)>,
    ) -> Result<Self, PartError> {
        let mut engine = jinja::environment();
        for (part, source) in parts {
            check_language(&source).map_err(|mistake| (part, mistake))?;
            let added = engine.add_template_owned(part.engine_name(), source);
            added.map_err(|error| (part, jinja::mistake(&error, "")))?;
        }
        Ok(Self { name: name.to_owned(), language, engine })
    }

    pub(crate) fn render_email(&self, context: &MessageContext) -> Result<RenderedEmail, RenderError> {
        let mut view = View::new(context, &self.language)?;
        view.subject = printable(&self.fill(TemplatePart::Subject, &view)?, 200);
        view.preheader = printable(&self.fill(TemplatePart::Preheader, &view)?, 200);
        let html = untracked(self.fill(TemplatePart::Mjml, &view)?, &context.links);
        let text = tidy(&self.fill(TemplatePart::Text, &view)?);
        Ok(RenderedEmail { subject: view.subject, preheader: view.preheader, html, text })
    }

    pub(crate) fn render_sms(&self, context: &MessageContext) -> Result<RenderedSms, RenderError> {
        let view = View::new(context, &self.language)?;
        // A no-break space is not in the GSM alphabet and would more than halve what a part holds.
        let text = tidy(&self.fill(TemplatePart::Sms, &view)?).replace('\u{a0}', " ");
        let text = text.trim().to_owned();
        let (encoding, parts) = sms_parts(&text);
        Ok(RenderedSms { text, encoding, parts })
    }

    fn fill(&self, part: TemplatePart, view: &View<'_>) -> Result<String, RenderError> {
        let filled = jinja::fill(&self.engine, part.engine_name(), view, part.max_filled_bytes(), "");
        filled.map_err(|Mistake { line, problem }| {
            let template = format!("{} ({}, {})", self.name, self.language, part.name());
            RenderError::Fill { template, problem: format!("line {line}: {problem}") }
        })
    }
}

/// Makes SES leave the links with which a customer answers as they are, by an attribute that SES removes: it would redirect
/// them through an address of its own, which some browsers block, and our pages know what was answered. The link to the
/// preferences is redirected: programs that check mails follow it together with the shop's link, which shows that they are
/// programs.
fn untracked(html: String, links: &MessageLinks) -> String {
    links.answers().fold(html, |html, link| {
        let link = format!("href=\"{link}\"");
        html.replace(&link, &format!("ses:no-track {link}"))
    })
}

/// Statements leave empty lines behind: no line ends in spaces, no more than one empty line in a row,
/// one line break at the end.
fn tidy(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(|line| line.trim_end_matches([' ', '\t'])) {
        if !(line.is_empty() && lines.last().is_none_or(|last| last.is_empty())) {
            lines.push(line);
        }
    }
    format!("{}\n", lines.join("\n").trim_end())
}
