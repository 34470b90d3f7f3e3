//! Whether a text asks for no more texts: by one of the words of the law, or plainly.
//!
//! - A text that is a word for STOP and nothing else, politeness, signatures and quotations aside, is a STOP.
//! - A clause that is a clear word for it ("Stop.", "unsubscribe") is one within a longer text too, unless it is part of a
//!   question. Words that may be about an order ("cancel", "end") are not.
//! - A clause with a plain request ("take me off your list") is one, unless something before it turns it around ("do not
//!   unsubscribe me") or it belongs to a question. A question that asks somebody to do it ("can you take me off your
//!   list?") is a request.
//!
//! The errors: who asks in words that no pattern has is left to a person, who reads the text. Who writes "Stop." as a
//! sentence about something else is taken at their word; they can text START.

use super::own_words::{Clause, OwnWords};
use super::phrase::Phrase;
use super::vocabulary::{self, Vocabulary};

/// How many words before a request are searched for one that turns it around.
const MAX_WORDS_BETWEEN: usize = 4;

/// Words that are told about, where they stand before what would be a request to them: "you do not text me any more".
const PRONOUNS: [&str; 16] =
    ["i", "you", "u", "they", "we", "he", "she", "it", "who", "if", "why", "when", "ihr", "wir", "ich", "sie"];

/// Letters that mean STOP when everything between them is left out, as in "S.T.O.P" and "STOP-ALL".
const SQUEEZED: [&str; 6] = ["stop", "стоп", "stopall", "unsubscribe", "optout", "отписаться"];

/// Whether the text asks for no more texts.
pub(super) fn is_stop(own: &OwnWords) -> bool {
    if SQUEEZED.contains(&own.squeezed.as_str()) {
        return true;
    }
    let all = own.all();
    if !all.is_empty() && consists_of(&all, |words| words.stop.iter().chain(words.stop_alone)) {
        return true;
    }
    own.sentences.iter().any(|sentence| {
        let whole = Clause {
            words: sentence.iter().flat_map(|clause| clause.words.iter().cloned()).collect(),
            is_question: sentence.iter().any(|clause| clause.is_question),
        };
        sentence.iter().any(|clause| is_clear_word(clause) || is_request(clause)) || is_request(&whole)
    })
}

/// Whether the words of a line, alone, ask for no more texts: then it is no signature, also in capitals.
pub(super) fn is_stop_line(words: &[String]) -> bool {
    let is_word = consists_of(words, |vocabulary| vocabulary.stop.iter().chain(vocabulary.stop_alone));
    let is_squeezed = SQUEEZED.contains(&words.concat().as_str());
    !words.is_empty() && (is_word || is_squeezed || is_request(&Clause { words: words.to_vec(), is_question: false }))
}

fn is_clear_word(clause: &Clause) -> bool {
    !clause.is_question && consists_of(&clause.words, |words| words.stop.iter().chain(&[]))
}

/// Whether words are made of these phrases only, the longest first.
fn consists_of<I>(words: &[String], phrases: impl Fn(&'static Vocabulary) -> I) -> bool
where
    I: Iterator<Item = &'static &'static str>,
{
    let mut rest = words;
    while !rest.is_empty() {
        let lengths = vocabulary::ALL.iter().flat_map(|vocabulary| phrases(vocabulary)).filter_map(|phrase| {
            let length = phrase.split(' ').count();
            let is_it = rest.len() >= length && phrase.split(' ').zip(rest).all(|(wanted, word)| wanted == word);
            is_it.then_some(length)
        });
        let Some(longest) = lengths.max() else { return false };
        rest = &rest[longest..];
    }
    true
}

fn is_request(clause: &Clause) -> bool {
    let words = without_conjunction(&clause.words);
    let begins = |openers: &[&str]| openers.iter().filter_map(|opener| beginning(words, opener)).max();
    let asked = vocabulary::ALL.iter().filter_map(|vocabulary| begins(vocabulary.asks_to)).max();
    let about = vocabulary::ALL.iter().filter_map(|vocabulary| begins(vocabulary.asks_about)).max();
    let asks_to_know = about.is_some() && asked.is_none();
    if asks_to_know || (clause.is_question && asked.is_none()) {
        return false;
    }
    let words = &words[asked.unwrap_or(0)..];
    vocabulary::ALL.iter().any(|vocabulary| vocabulary.requests.iter().any(|request| has(vocabulary, request, words)))
}

/// How many words an opener has, if the words begin with it.
fn beginning(words: &[String], opener: &str) -> Option<usize> {
    let length = opener.split(' ').count();
    let is_it = words.len() >= length && opener.split(' ').zip(words).all(|(wanted, word)| wanted == word);
    is_it.then_some(length)
}

fn without_conjunction(words: &[String]) -> &[String] {
    const CONJUNCTIONS: [&str; 18] = [
        "and", "but", "so", "or", "und", "aber", "et", "mais", "y", "pero", "en", "maar", "и", "но", "а", "e", "ale",
        "ma",
    ];
    match words.split_first() {
        Some((first, rest)) if CONJUNCTIONS.contains(&first.as_str()) => rest,
        _ => words,
    }
}

fn has(vocabulary: &Vocabulary, request: &str, words: &[String]) -> bool {
    let (pattern, is_spoilt_by_pronoun) = match request.strip_prefix("! ") {
        Some(pattern) => (pattern, true),
        None => (request, false),
    };
    let Some(start) = Phrase::new(pattern, vocabulary.nouns).matches(words) else { return false };
    let before = &words[..start];
    let is_told = before.last().is_some_and(|word| PRONOUNS.contains(&word.as_str()));
    let turned = before
        .iter()
        .rev()
        .take(MAX_WORDS_BETWEEN)
        .find(|word| !vocabulary.between.contains(&word.as_str()))
        .is_some_and(|word| vocabulary.negations.contains(&word.as_str()));
    !(turned || is_spoilt_by_pronoun && is_told)
}
