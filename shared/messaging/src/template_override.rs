//! A shop's own template as the shop writes it, and why one is refused.

use crate::language::Language;
use crate::template::TemplatePart;
use rekindle_lifecycle::channel::Channel;
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

impl TemplateOverride {
    /// The channel that it is for.
    #[must_use]
    pub fn channel(&self) -> Channel {
        match self.content {
            TemplateContent::Email { .. } => Channel::Email,
            TemplateContent::Sms { .. } => Channel::Sms,
        }
    }
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
    /// A part is too long.
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
    /// A text message of more parts than carriers accept.
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
