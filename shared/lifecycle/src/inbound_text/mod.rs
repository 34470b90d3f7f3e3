//! What a text that a customer sends us means, given its words and what the number was asked.
//!
//! - `own_words` finds what the writer wrote themselves;
//! - `request` decides whether it asks for no more texts: the words of the law and of carriers, and plain requests;
//! - `vocabulary` has the words of each language, `phrase` the patterns that they are written in, `courtesy` polite words.
//!
//! Everything else counts only as a whole text: "yes" and "start" give a permission, so nothing is read into a longer one.

mod courtesy;
mod own_words;
mod phrase;
mod request;
#[cfg(test)]
mod tests;
mod vocabulary;

use jiff::{SignedDuration, Timestamp};
use own_words::OwnWords;

/// How long after the question a lone number answers the NPS question.
pub const SURVEY_OPEN_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long after the question a "yes" counts as consent to texts.
pub const CONFIRMATION_OPEN_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// No more texts to this number.
    Stop,
    /// Texts to this number again.
    Start,
    /// Yes to the question whether texts are wanted.
    Confirm,
    /// Who is this, and how does it stop?
    Help,
    /// An answer to the NPS question, 0 to 10.
    Score(u8),
    /// Anything else. It says nothing about what the customer wants: a person reads it.
    Reply,
}

/// When the number was last asked something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked {
    /// Whether texts are wanted.
    pub confirmation: Option<Timestamp>,
    /// The NPS question.
    pub survey: Option<Timestamp>,
}

impl Meaning {
    /// Returns the meaning of a text that arrived at `at`. A "yes" to no question, or to one asked too long ago, is START where
    /// carriers take it for that, and otherwise a reply; likewise a number is a reply where no survey is open.
    #[must_use]
    pub fn parse(text: &str, asked: Asked, at: Timestamp) -> Self {
        let is_open = |asked_at: Option<Timestamp>, open_for: SignedDuration| {
            asked_at.is_some_and(|asked_at| at.duration_since(asked_at) <= open_for)
        };
        match Word::parse(text) {
            Word::Stop => Self::Stop,
            Word::Help => Self::Help,
            Word::Yes | Word::YesOrStart if is_open(asked.confirmation, CONFIRMATION_OPEN_FOR) => Self::Confirm,
            Word::Start | Word::YesOrStart => Self::Start,
            Word::Score(score) if is_open(asked.survey, SURVEY_OPEN_FOR) => Self::Score(score),
            Word::Score(_) | Word::Yes | Word::Other => Self::Reply,
        }
    }
}

/// The word that a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Stop,
    Start,
    /// "YES", which carriers also take for START.
    YesOrStart,
    Yes,
    Help,
    /// A lone number, 0 to 10.
    Score(u8),
    Other,
}

impl Word {
    /// Reads a text as one of the words, or as a plain request to stop.
    fn parse(text: &str) -> Self {
        let own = OwnWords::parse(text, request::is_stop_line);
        if request::is_stop(&own) {
            return Self::Stop;
        }
        let word = own.all().join(" ");
        let is_word = |words: &[&str]| words.contains(&word.as_str());
        if vocabulary::any(|words| is_word(words.help)) {
            return Self::Help;
        }
        if own.has_question {
            // Somebody who asks has not agreed.
            return Self::Other;
        }
        if word == "yes" {
            Self::YesOrStart
        } else if vocabulary::any(|words| is_word(words.start)) {
            Self::Start
        } else if vocabulary::any(|words| is_word(words.yes)) {
            Self::Yes
        } else {
            score(text).map_or(Self::Other, Self::Score)
        }
    }
}

/// The score that a text is, without the white space and punctuation around it. A sign belongs to a number, so "-5" is no
/// score.
fn score(text: &str) -> Option<u8> {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    let plain =
        (1..=2).contains(&bare.len()) && bare.bytes().all(|b| b.is_ascii_digit()) && !text.contains(['-', '−', '%']);
    bare.parse().ok().filter(|score| plain && *score <= 10)
}
