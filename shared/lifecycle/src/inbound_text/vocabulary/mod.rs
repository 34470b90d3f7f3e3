//! The words of each language in which customers ask for no more texts, agree, or ask for help. A file for each language;
//! all are tried on every text, because nobody knows which language a customer writes in.
//!
//! All words are in lower case, without accents and apostrophes, and without polite words, as texts are compared.

mod dutch;
mod english;
mod french;
mod german;
mod italian;
mod polish;
mod portuguese;
mod russian;
mod spanish;

/// The words of a language.
#[derive(Debug)]
pub(super) struct Vocabulary {
    /// Words that mean STOP as a whole text, as a clause of their own, and as the first line.
    pub(super) stop: &'static [&'static str],
    /// Words that mean STOP as a whole text only: within a longer one they may be about an order.
    pub(super) stop_alone: &'static [&'static str],
    /// What a shop sends, with `|` between the words; the `@` of patterns.
    pub(super) nouns: &'static str,
    /// Patterns of plain requests to stop (see [`Phrase`](super::phrase::Phrase)). One that begins with `!` is none after
    /// "you", "they" or "I", who are told about instead of asked.
    pub(super) requests: &'static [&'static str],
    /// How a question begins that asks somebody to do something: what follows may be a request.
    pub(super) asks_to: &'static [&'static str],
    /// How a question begins that asks to know something.
    pub(super) asks_about: &'static [&'static str],
    /// Words that turn what follows into its opposite.
    pub(super) negations: &'static [&'static str],
    /// Words that stand between a negation and what it turns: "I do not *want to* unsubscribe".
    pub(super) between: &'static [&'static str],
    /// Words that mean START as a whole text.
    pub(super) start: &'static [&'static str],
    /// Words that mean yes as a whole text.
    pub(super) yes: &'static [&'static str],
    /// Words that mean HELP as a whole text.
    pub(super) help: &'static [&'static str],
}

/// Every language.
pub(super) const ALL: [&Vocabulary; 9] = [
    &english::WORDS,
    &russian::WORDS,
    &german::WORDS,
    &french::WORDS,
    &spanish::WORDS,
    &italian::WORDS,
    &dutch::WORDS,
    &portuguese::WORDS,
    &polish::WORDS,
];

/// A fact about all languages together.
pub(super) fn any(of: impl Fn(&Vocabulary) -> bool) -> bool {
    ALL.iter().any(|vocabulary| of(vocabulary))
}
