//! How to address a customer.

use crate::fields::clean;
use crate::limits::MAX_NAME_LEN;

/// What software writes where it has no name, in lower case and without signs.
const NO_NAMES: &str = "null undefined none nil nan na nada void empty blank unknown anonymous anonym guest guestuser guestcustomer \
                        visitor customer client user username test tester testuser testname demo dummy sample default admin \
                        administrator firstname fname lastname lname surname givenname forename fullname yourname name vorname \
                        nachname prenom nom nombre apellido cognome unbekannt gast kunde invite inconnu invitado cliente \
                        desconocido гость неизвестно тест имя покупатель клиент objectobject true false noname notprovided \
                        notavailable notspecified notset notapplicable deleted removed redacted privat private asdf qwerty xxx \
                        missingvalue novalue";

/// Titles and forms of address, in lower case and without dots.
const TITLES: &str = "mr mrs ms miss mx dr prof professor sir madam dame rev hon herr frau fr hr dipl ing dipling med phil mag dkfm \
                      monsieur madame mademoiselle mme mlle mm m sr sra srta don dona senor senora signor signora signorina sig \
                      dott dottssa mevrouw meneer dhr mevr pan pani господин госпожа гн гжа г-н г-жа";

/// The name in a field for first names. `None` if it is what software leaves in place of one.
pub(crate) fn from_first_name(text: &str) -> Option<String> {
    let name = cleaned(text)?;
    // Some keep the title with the name; a title alone is none.
    let name = without_titles(&name);
    (!name.is_empty() && is_name(&name)).then_some(name)
}

/// The first name of a full name, without title and surname: *Anna* of `Dr. Anna Müller` and of `Müller, Anna`.
pub(crate) fn from_full_name(text: &str) -> Option<String> {
    let name = cleaned(text).filter(|name| is_name(name))?;
    let given = match name.split_once(',') {
        // What follows the comma of `Anna Müller, MBA` is no name, and neither is it of `Müller, Dr.`.
        Some((before, after)) => {
            let after = without_titles(after.trim());
            let is_degree =
                after.len() > 1 && !after.contains(' ') && after.chars().all(|c| c.is_uppercase() || c == '.');
            if is_degree { without_titles(before.trim()) } else { after }
        }
        None => without_titles(&name),
    };
    let first = given.split_whitespace().next()?.trim_matches([',', ';']).to_owned();
    (!first.is_empty() && is_name(&first)).then_some(first)
}

/// The text with its entities decoded once, without control characters and surrounding quotes.
fn cleaned(text: &str) -> Option<String> {
    let decoded = html_escape::decode_html_entities(text);
    let name = clean(&decoded, MAX_NAME_LEN)?;
    // A placeholder of a mail program, whether or not it stands alone.
    let is_template = ["{{", "}}", "{%", "*|", "|*", "%%", "${", "<%", "[[", "[object", "function("]
        .iter()
        .any(|mark| name.contains(mark));
    let is_variable = name.len() > 2
        && [('%', '%'), ('{', '}'), ('[', ']'), ('<', '>'), ('#', '#'), ('$', '$'), ('_', '_')]
            .iter()
            .any(|(open, close)| name.starts_with(*open) && name.ends_with(*close));
    let name = name.trim_matches(|c: char| "\"'`\u{201c}\u{201d}".contains(c)).trim();
    (!is_template && !is_variable && !name.is_empty()).then(|| name.to_owned())
}

fn without_titles(name: &str) -> String {
    let mut words = name.split_whitespace().peekable();
    while words.next_if(|word| is_title(word)).is_some() {}
    words.collect::<Vec<_>>().join(" ")
}

/// A title: one of the list, or an abbreviation of several letters, with its dot. An initial such as `A.` is none.
fn is_title(word: &str) -> bool {
    let plain: String = word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    // `M` and `Don` are initials and names unless they have the dot, or stand for *Monsieur*.
    let is_listed = TITLES.split_ascii_whitespace().any(|title| title == plain);
    is_listed
        && (word.ends_with('.')
            || !matches!(
                plain.as_str(),
                "m" | "don" | "med" | "mag" | "ing" | "sig" | "pan" | "hon" | "fr" | "sr" | "dame"
            ))
}

/// Whether a text may be a name: it has a letter, and is not what software leaves in place of one.
fn is_name(text: &str) -> bool {
    let plain: String = text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    let is_damaged = text.contains(char::REPLACEMENT_CHARACTER);
    let is_address = text.contains('@') || text.contains("://") || text.to_lowercase().contains("www.");
    let is_leftover = NO_NAMES.split_ascii_whitespace().any(|leftover| leftover == plain);
    // One letter is one unless it is a name of a script where a letter is a syllable.
    let digits = text.chars().filter(|c| c.is_numeric()).count();
    !plain.is_empty() && !is_damaged && !is_address && !is_leftover && digits <= plain.chars().count()
}
