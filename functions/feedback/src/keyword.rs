//! What a text says, if it is one of the words that mean something to us: always the whole text, never a part of it.
//! "Please stop sending the blue one" is no STOP.

/// What a text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyword {
    /// No more texts.
    Stop,
    /// Texts again.
    Start,
    /// Yes, which also opts in again if nothing was asked.
    YesOrStart,
    /// Yes, to a question.
    Yes,
    /// Who is this?
    Help,
    /// A lone number, 0 to 10.
    Score(u8),
    /// Anything else.
    Other,
}

/// The words that carriers and SNS take, in upper case.
const STOP: [&str; 12] = [
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
const START: [&str; 2] = ["START", "UNSTOP"];
const YES: [&str; 3] = ["Y", "JA", "ДА"];
const HELP: [&str; 3] = ["HELP", "INFO", "ПОМОЩЬ"];

/// Longest text that can be one of the words, in bytes; what is longer is not looked at.
const LONGEST: usize = 64;

impl Keyword {
    /// What a text says: without the white space and punctuation around it, in whatever case.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
        if bare.len() > LONGEST {
            return Self::Other;
        }
        let word = bare.to_uppercase();
        match word.as_str() {
            "YES" => Self::YesOrStart,
            word if STOP.contains(&word) => Self::Stop,
            word if START.contains(&word) => Self::Start,
            word if YES.contains(&word) => Self::Yes,
            word if HELP.contains(&word) => Self::Help,
            word => score(word, text).map_or(Self::Other, Self::Score),
        }
    }
}

/// A sign belongs to a number, so "-5" is none of ours.
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
            ("STOP", Keyword::Stop),
            (" stop. ", Keyword::Stop),
            ("«Стоп!»", Keyword::Stop),
            ("opt-out", Keyword::Stop),
            ("отписаться", Keyword::Stop),
            ("td", Keyword::Stop),
            ("Arret", Keyword::Stop),
            ("stopp", Keyword::Other),
            ("please stop", Keyword::Other),
            ("stop it", Keyword::Other),
            ("don't stop", Keyword::Other),
            ("Start", Keyword::Start),
            ("UNSTOP", Keyword::Start),
            ("Yes!", Keyword::YesOrStart),
            ("y", Keyword::Yes),
            ("ja", Keyword::Yes),
            ("Да.", Keyword::Yes),
            ("help?", Keyword::Help),
            ("Помощь", Keyword::Help),
            ("9", Keyword::Score(9)),
            (" 10!\n", Keyword::Score(10)),
            ("0", Keyword::Score(0)),
            ("07", Keyword::Score(7)),
            ("11", Keyword::Other),
            ("-5", Keyword::Other),
            ("9/10", Keyword::Other),
            ("10 %", Keyword::Other),
            ("9 because it was great", Keyword::Other),
            ("007", Keyword::Other),
            ("", Keyword::Other),
            ("🎁", Keyword::Other),
        ] {
            assert_eq!(Keyword::of(text), word, "{text:?}");
        }
        assert_eq!(Keyword::of(&"stop ".repeat(200_000)), Keyword::Other);
        assert_eq!(Keyword::of(&format!("STOP{}", ".".repeat(1_000_000))), Keyword::Stop);
    }
}
