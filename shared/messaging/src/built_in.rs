//! The templates that every shop has from the start, in English and Russian. `build.rs` compiles their MJML to HTML.

use crate::language::Language;
use crate::template::{EmailParts, Template};
use rekindle_lifecycle::channel::TemplateForm;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// One language's templates, as they lie in `templates/`.
struct Edition {
    language: &'static str,
    subjects: &'static str,
    /// What the HTML of all mails begins and ends with.
    before: &'static str,
    after: &'static str,
    footer_mjml: &'static str,
    footer_text: &'static str,
    /// Name, what is between in the HTML, plain text without footer.
    emails: &'static [(&'static str, &'static str, &'static str)],
    texts: &'static [(&'static str, &'static str)],
}

/// What `build.rs` made.
macro_rules! html {
    ($language:literal, $name:expr) => {
        include_str!(concat!(env!("OUT_DIR"), "/", $language, "/", $name, ".html"))
    };
}

macro_rules! edition {
    ($language:literal, emails: [$($email:literal),+], texts: [$($text:literal),+]) => {
        Edition {
            language: $language,
            subjects: include_str!(concat!(env!("OUT_DIR"), "/", $language, "/subjects.json")),
            before: html!($language, "before"),
            after: html!($language, "after"),
            footer_mjml: include_str!(concat!("../templates/", $language, "/footer.mjml")),
            footer_text: include_str!(concat!("../templates/", $language, "/footer.txt")),
            emails: &[$((
                $email,
                html!($language, $email),
                include_str!(concat!("../templates/", $language, "/", $email, ".txt")),
            )),+],
            texts: &[$(($text, include_str!(concat!("../templates/", $language, "/", $text, ".sms.txt")))),+],
        }
    };
}

macro_rules! editions {
    ($($language:literal),+) => {
        [$(edition!(
            $language,
            emails: ["confirm-email", "welcome-thanks", "welcome-guide", "welcome-nudge", "nps-question", "nps-passive",
                "nps-apology", "referral-invitation", "referral-reward", "reengage-reminder", "reengage-offer",
                "winback-offer"],
            texts: ["confirm-sms", "welcome-text", "nps-question", "referral-reward", "reengage-text"]
        )),+]
    };
}

static EDITIONS: [Edition; 2] = editions!["en", "ru"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lines {
    subject: String,
    preheader: String,
}

/// The footers of one language, for its own templates and for shops' overrides.
#[derive(Clone, Copy)]
pub(crate) struct Footer {
    pub(crate) mjml: &'static str,
    text: &'static str,
}

impl Footer {
    fn from_edition(edition: &Edition) -> Self {
        Self { mjml: edition.footer_mjml, text: edition.footer_text }
    }

    /// The plain-text part with this footer below it.
    pub(crate) fn below(self, text: &str) -> String {
        format!("{}{}", text.trim_end(), self.text)
    }
}

/// The footer in a language, or else in English.
pub(crate) fn footer(language: &Language) -> Footer {
    let base = language.base();
    Footer::from_edition(EDITIONS.iter().find(|e| e.language == base.as_str()).unwrap_or(&EDITIONS[0]))
}

/// Every built-in mail's subject and preheader, by language and name.
static SUBJECTS: LazyLock<BTreeMap<&'static str, BTreeMap<String, Lines>>> = LazyLock::new(|| {
    let read = |e: &Edition| serde_json::from_str(e.subjects).expect("built-in subjects are tested");
    EDITIONS.iter().map(|e| (e.language, read(e))).collect()
});

/// Compiles one built-in template.
pub(crate) fn template(form: TemplateForm, language: &Language, name: &str) -> Option<Template> {
    let edition = EDITIONS.iter().find(|e| e.language == language.as_str())?;
    match form {
        TemplateForm::Mail => mail(edition, language, name),
        TemplateForm::Text => text(edition, language, name),
        TemplateForm::Title => None,
    }
}

fn mail(edition: &Edition, language: &Language, name: &str) -> Option<Template> {
    let (_, html, text) = edition.emails.iter().find(|(known, ..)| *known == name)?;
    let lines = &SUBJECTS[edition.language][name];
    let parts = EmailParts {
        subject: lines.subject.clone(),
        preheader: lines.preheader.clone(),
        html: [edition.before, html, edition.after].concat(),
        text: Footer::from_edition(edition).below(text),
    };
    Some(Template::email(name, language.clone(), parts).expect("built-in templates are tested"))
}

fn text(edition: &Edition, language: &Language, name: &str) -> Option<Template> {
    let (_, source) = edition.texts.iter().find(|(known, _)| *known == name)?;
    Some(Template::sms(name, language.clone(), source).expect("built-in templates are tested"))
}

/// The names of the built-in templates of a form.
pub(crate) fn names(form: TemplateForm) -> impl Iterator<Item = &'static str> {
    let edition = &EDITIONS[0];
    let names: Vec<&'static str> = match form {
        TemplateForm::Mail => edition.emails.iter().map(|(name, ..)| *name).collect(),
        TemplateForm::Text => edition.texts.iter().map(|(name, _)| *name).collect(),
        TemplateForm::Title => Vec::new(),
    };
    names.into_iter()
}

/// The languages of the built-in templates.
pub(crate) fn languages() -> impl Iterator<Item = Language> {
    EDITIONS.iter().filter_map(|e| Language::parse(e.language).ok())
}
