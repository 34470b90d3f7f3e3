//! What a text that a customer sends us means, given its words and what the number was asked.
//!
//! A word counts only as the whole text, never as a part of it: "Please stop sending the blue one" is no STOP.

use jiff::{SignedDuration, Timestamp};

/// How long after the question a lone number answers the NPS question.
pub const SURVEY_OPEN_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long after the question a "yes" counts as consent to texts.
pub const CONFIRMATION_OPEN_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The words for STOP that carriers and SNS take, in upper case, and their Russian counterparts.
const STOP_WORDS: [&str; 12] = [
    "ARRET",
    "CANCEL",
    "END",
    "OPT-OUT",
    "OPTOUT",
    "QUIT",
    "REMOVE",
    "STOP",
    "TD",
    "UNSUBSCRIBE",
    "СТОП",
    "ОТПИСАТЬСЯ",
];
const START_WORDS: [&str; 2] = ["START", "UNSTOP"];
const YES_WORDS: [&str; 3] = ["Y", "JA", "ДА"];
const HELP_WORDS: [&str; 3] = ["HELP", "INFO", "ПОМОЩЬ"];

/// Longest text that can be one of the words, in bytes; a longer one is not compared.
const MAX_WORD_BYTES: usize = 64;

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
    /// Anything else: for staff to read.
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
    /// Compares a text without the white space and punctuation around it, in any case.
    fn parse(text: &str) -> Self {
        let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
        if bare.len() > MAX_WORD_BYTES {
            return Self::Other;
        }
        let word = bare.to_uppercase();
        match word.as_str() {
            "YES" => Self::YesOrStart,
            word if STOP_WORDS.contains(&word) => Self::Stop,
            word if START_WORDS.contains(&word) => Self::Start,
            word if YES_WORDS.contains(&word) => Self::Yes,
            word if HELP_WORDS.contains(&word) => Self::Help,
            word => score(word, text).map_or(Self::Other, Self::Score),
        }
    }
}

/// A sign belongs to a number, so "-5" is no score.
fn score(word: &str, text: &str) -> Option<u8> {
    let plain = word.bytes().all(|b| b.is_ascii_digit()) && word.len() <= 2 && !text.contains(['-', '−', '%']);
    word.parse().ok().filter(|score| plain && *score <= 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_counts_only_as_the_whole_text() {
        for (text, word) in [
            ("STOP", Word::Stop),
            (" stop. ", Word::Stop),
            ("«Стоп!»", Word::Stop),
            ("opt-out", Word::Stop),
            ("отписаться", Word::Stop),
            ("td", Word::Stop),
            ("Arret", Word::Stop),
            ("stopp", Word::Other),
            ("please stop", Word::Other),
            ("stop it", Word::Other),
            ("don't stop", Word::Other),
            ("Start", Word::Start),
            ("UNSTOP", Word::Start),
            ("Yes!", Word::YesOrStart),
            ("y", Word::Yes),
            ("ja", Word::Yes),
            ("Да.", Word::Yes),
            ("help?", Word::Help),
            ("Помощь", Word::Help),
            ("9", Word::Score(9)),
            (" 10!\n", Word::Score(10)),
            ("0", Word::Score(0)),
            ("07", Word::Score(7)),
            ("11", Word::Other),
            ("-5", Word::Other),
            ("9/10", Word::Other),
            ("10 %", Word::Other),
            ("9 because it was great", Word::Other),
            ("007", Word::Other),
            ("", Word::Other),
            ("🎁", Word::Other),
        ] {
            assert_eq!(Word::parse(text), word, "{text:?}");
        }
        assert_eq!(Word::parse(&"stop ".repeat(200_000)), Word::Other);
        assert_eq!(Word::parse(&format!("STOP{}", ".".repeat(1_000_000))), Word::Stop);
    }

    const DAY: SignedDuration = SignedDuration::from_hours(24);

    fn at(day: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + DAY * i32::try_from(day).expect("small")
    }

    fn meaning(text: &str, confirmation: Option<i64>, survey: Option<i64>) -> Meaning {
        Meaning::parse(text, Asked { confirmation: confirmation.map(at), survey: survey.map(at) }, at(100))
    }

    #[test]
    fn a_yes_confirms_for_thirty_days_after_the_question_and_is_a_start_or_a_reply_otherwise() {
        for (text, otherwise) in [("YES", Meaning::Start), ("ja", Meaning::Reply), ("y", Meaning::Reply)] {
            assert_eq!(meaning(text, Some(99), None), Meaning::Confirm);
            assert_eq!(meaning(text, Some(70), None), Meaning::Confirm);
            assert_eq!(meaning(text, Some(69), None), otherwise, "asked too long ago");
            assert_eq!(meaning(text, None, Some(99)), otherwise, "asked something else");
        }
    }

    #[test]
    fn a_number_is_a_score_for_seven_days_after_the_question_and_a_reply_otherwise() {
        assert_eq!(meaning("9", None, Some(93)), Meaning::Score(9));
        assert_eq!(meaning("9", None, Some(92)), Meaning::Reply);
        assert_eq!(meaning("9", Some(99), None), Meaning::Reply);
        assert_eq!(meaning("11", None, Some(99)), Meaning::Reply);
    }

    #[test]
    fn stop_start_and_help_mean_the_same_whatever_was_asked() {
        for (confirmation, survey) in [(None, None), (Some(99), Some(99))] {
            for (text, expected) in [
                ("Stop!", Meaning::Stop),
                ("start", Meaning::Start),
                ("help", Meaning::Help),
                ("please stop", Meaning::Reply),
            ] {
                assert_eq!(meaning(text, confirmation, survey), expected, "{text}");
            }
        }
    }
}
