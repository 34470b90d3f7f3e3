//! What the writer of a text wrote themselves, as words: without quoted messages, signatures and polite words, in lower case
//! and without accents.

use super::courtesy::{is_polite_word, polite_sequence_length};
use super::phrase::Phrase;

/// How much of a text is read, in characters: a text has at most ten parts of 153.
const MAX_READ_CHARS: usize = 2_000;
/// The longest line that can be a name, in words.
const MAX_NAME_WORDS: usize = 3;
/// The fewest digits of a line that is the writer's number.
const MIN_PHONE_DIGITS: usize = 7;

/// A part of a sentence between commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clause {
    /// Its words, without polite ones.
    pub(super) words: Vec<String>,
    /// It belongs to a sentence with a question mark.
    pub(super) is_question: bool,
}

/// The words of a text, by sentence and clause.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct OwnWords {
    /// The sentences, each a list of clauses.
    pub(super) sentences: Vec<Vec<Clause>>,
    /// Whether there is a question mark.
    pub(super) has_question: bool,
    /// The words of the text, without polite ones, and without anything between them, for "S.T.O.P".
    pub(super) squeezed: String,
}

impl OwnWords {
    /// Reads a text. `keeps_line` says of a line of words that it is more than a signature.
    pub(super) fn parse(text: &str, keeps_line: impl Fn(&[String]) -> bool) -> Self {
        let read: String = text.chars().take(MAX_READ_CHARS).collect();
        let lines = own_lines(&read, keeps_line);
        let mut own = Self::default();
        for line in &lines {
            for (sentence, is_question) in sentences(line) {
                own.has_question |= is_question;
                let clauses: Vec<Clause> = sentence
                    .split(is_clause_end)
                    .flat_map(|clause| clause.split(" - "))
                    .map(|clause| Clause { words: without_politeness(&words(clause)), is_question })
                    .filter(|clause| !clause.words.is_empty())
                    .collect();
                if !clauses.is_empty() {
                    own.sentences.push(clauses);
                }
            }
        }
        own.squeezed = own.all().concat();
        own
    }

    /// All words of the text.
    pub(super) fn all(&self) -> Vec<String> {
        self.sentences.iter().flatten().flat_map(|clause| clause.words.iter().cloned()).collect()
    }
}

/// The words of a text: runs of letters and digits, in lower case, without accents, apostrophes and invisible marks.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_inside_a_word(*c)) {
        if c.is_alphanumeric() {
            c.to_lowercase().filter(|c| !is_inside_a_word(*c)).for_each(|c| fold(c, &mut folded));
        } else {
            folded.push(' ');
        }
    }
    folded.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Marks that do not end a word: apostrophes, accents of their own, soft hyphens, invisible signs.
fn is_inside_a_word(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | '`' | '´' | '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// The plain letter of a letter with an accent, or of its wide form.
fn fold(c: char, out: &mut String) {
    out.push(match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ą' | 'ā' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ē' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => 'o',
        'ś' | 'š' => 's',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        'ё' => 'е',
        'ß' => return out.push_str("ss"),
        'ａ'..='ｚ' => u8::try_from(u32::from(c) - u32::from('ａ')).map_or(c, |place| char::from(b'a' + place)),
        other => other,
    });
}

fn sentences(line: &str) -> Vec<(&str, bool)> {
    let is_end = |c: char| matches!(c, '.' | '!' | '?' | '？' | '！' | '。' | '…' | ';' | '¿' | '¡');
    let mut found = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let end = rest.find(is_end).unwrap_or(rest.len());
        let (sentence, after) = rest.split_at(end);
        let next = after.find(|c| !is_end(c)).unwrap_or(after.len());
        found.push((sentence, after[..next].contains(['?', '？'])));
        rest = &after[next..];
    }
    found
}

fn is_clause_end(c: char) -> bool {
    matches!(c, ',' | ':' | '(' | ')' | '[' | ']' | '"' | '«' | '»' | '“' | '”' | '„' | '—' | '–' | '/' | '|' | '*')
}

fn without_politeness(words: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(words.len());
    let mut rest = words;
    while let Some((first, others)) = rest.split_first() {
        let polite = polite_sequence_length(rest);
        if polite > 0 {
            rest = &rest[polite..];
            continue;
        }
        if !is_polite_word(first) {
            kept.push(first.clone());
        }
        rest = others;
    }
    kept
}

/// The lines of a text without those that its writer did not write, or did not write to say something.
fn own_lines(text: &str, keeps_line: impl Fn(&[String]) -> bool) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words = words(line);
        if ends_own_words(line, &words) && !lines.is_empty() {
            break;
        }
        if !line.starts_with(['>', '|']) && !ends_own_words(line, &words) && !quotes_the_shop(line, &words) {
            lines.push(line.to_owned());
        }
    }
    while lines.len() > 1 {
        let last = lines.last().map(String::as_str).unwrap_or_default();
        if keeps_line(&without_politeness(&words(last))) || !is_name_or_number(last) {
            break;
        }
        lines.pop();
    }
    lines
}

/// Whether a quotation or a signature begins with a line.
fn ends_own_words(line: &str, words: &[String]) -> bool {
    const RULES: [&str; 3] = ["--", "__", "=="];
    if RULES.iter().any(|rule| line.starts_with(rule)) {
        return true;
    }
    const BEGINNINGS: &str = "sent from my|sent via|get outlook|gesendet von|von meinem|envoye de|envoye depuis|enviado desde|\
        enviado do|enviado de|inviato da|verzonden vanaf|verstuurd vanaf|wyslane z|wyslano z|отправлено с|отправлено из|\
        original message|forwarded message";
    const CLOSINGS: &str = "regards|best regards|kind regards|best wishes|best|cheers|sincerely|yours|mit freundlichen grussen|\
        freundliche grusse|viele grusse|liebe grusse|gruss|mfg|lg|vg|cordialement|bien a vous|saludos|un saludo|atentamente|\
        cordiali saluti|distinti saluti|saluti|groeten|groet|met vriendelijke groet|mvg|atenciosamente|abracos|abraco|\
        cumprimentos|pozdrawiam|z powazaniem|с уважением|всего доброго";
    let joined = words.join(" ");
    BEGINNINGS.split('|').any(|beginning| joined.starts_with(beginning.trim_start()))
        || CLOSINGS.split('|').any(|closing| joined == closing.trim_start())
        || introduces_quotation(line, words)
}

/// Whether a line is "On Monday Marta wrote:", in any language.
fn introduces_quotation(line: &str, words: &[String]) -> bool {
    const WROTE: [&str; 12] = [
        "wrote",
        "schrieb",
        "ecrit",
        "escribio",
        "scritto",
        "schreef",
        "escreveu",
        "napisal",
        "napisala",
        "писал",
        "пишет",
        "написал",
    ];
    line.ends_with(':') && words.len() > 2 && words.iter().any(|word| WROTE.contains(&word.as_str()))
}

/// Whether a line repeats what shops write at the end of a text: how to stop it.
fn quotes_the_shop(line: &str, words: &[String]) -> bool {
    const ENDINGS: [&str; 4] = [
        "reply|text|send|txt|respond|answer stop|end|quit to|for",
        "отписаться стоп",
        "antworte|antworten|sende|senden * stop|stopp|abmelden",
        "stop to end|opt|unsubscribe|cancel|stop",
    ];
    let is_more = words.len() > 3 || line.contains("://");
    is_more && ENDINGS.iter().any(|ending| Phrase::new(ending, "").matches(words).is_some())
}

fn is_name_or_number(line: &str) -> bool {
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    let digits = line.chars().filter(char::is_ascii_digit).count();
    if letters == 0 {
        return digits == 0 || digits >= MIN_PHONE_DIGITS;
    }
    let is_polite = |name: &str| words(name).iter().all(|word| is_polite_word(word));
    let names: Vec<&str> = line.split_whitespace().filter(|name| !is_polite(name)).collect();
    digits == 0
        && names.len() <= MAX_NAME_WORDS
        && !line.contains('?')
        && names.iter().all(|name| name.chars().find(|c| c.is_alphabetic()).is_none_or(char::is_uppercase))
}
