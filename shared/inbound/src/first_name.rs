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
                        missingvalue novalue namen nome имени аноним invité ospite convidado hóspede gość";

/// Words that stand beside those: *Valued Customer*, *guest-checkout*, *ohne Namen*. Alone they may be names.
const FILLERS: &str = "valued dear our new web website site online shop store checkout order account bestellung konto the my no not \
                       without ohne sin sans senza sem bez без first last full";

/// Abbreviations for *no name* and *no answer*, in lower case. Without their dots they are names.
const ABBREVIATED_NO_NAMES: [&str; 4] = ["n.n.", "k.a.", "s.n.", "n.v.t."];

/// Titles and forms of address, in lower case and without dots.
const TITLES: &str = "mr mrs ms miss mx dr prof professor sir madam dame rev hon herr frau fr hr dipl ing dipling med phil mag dkfm \
                      monsieur madame mademoiselle mme mlle mm m sr sra srta don dona senor senora signor signora signorina sig \
                      dott dottssa mevrouw meneer dhr mevr pan pani господин госпожа гн гжа г-н г-жа herrn doktor doctor doc capt captain col lt sgt lady lord univprof hc mult dring \
                      mgr ingenieur judr mudr phdr rndr lic ingeniero familie family famille famiglia familia";

/// Degrees and other words behind a name, in lower case and without dots.
const DEGREES: &str = "mba phd md msc bsc ba ma mphil dphil dds dvm jd esq cpa llm llb rn pe csc drsc jr jun junior sr sen senior ii \
                       iii iv dipling ret";

/// The name in a field for first names. `None` if it is what software leaves in place of one.
pub(crate) fn from_first_name(text: &str) -> Option<String> {
    let name = cleaned(text)?;
    if name.contains(',') {
        // A full name in the wrong field: *Müller, Anna*.
        return from_full_name(text);
    }
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
            if are_degrees(&after, before) { without_titles(before.trim()) } else { after }
        }
        None => {
            let rest = without_titles(&name);
            // Of `Herr Müller` only the surname is known.
            let is_surname = rest.len() < name.len() && !rest.contains(char::is_whitespace);
            if is_surname { return None } else { rest }
        }
    };
    let first =
        given.split_whitespace().next()?.trim_matches(|c: char| ",;()\"'\u{201c}\u{201d}".contains(c)).to_owned();
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

/// Whether what follows the comma of a name are degrees: words of the list, or one abbreviation in capitals behind a name that is
/// not in capitals itself.
fn are_degrees(after: &str, name: &str) -> bool {
    let is_degree = |word: &str| {
        let plain: String = word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        DEGREES.split_ascii_whitespace().any(|degree| degree == plain)
    };
    let is_in_capitals = |text: &str| text.chars().all(|c| c.is_uppercase() || !c.is_alphabetic());
    let is_abbreviation =
        after.len() > 1 && !after.contains([' ', '-']) && is_in_capitals(after) && !is_in_capitals(name);
    let mut words = after.split([',', ' ']).filter(|word| !word.is_empty()).peekable();
    is_abbreviation || words.peek().is_some() && words.all(is_degree)
}

fn without_titles(name: &str) -> String {
    let mut words = name.split_whitespace().flat_map(apart).peekable();
    while words.next_if(|word| is_title(word)).is_some() {}
    words.collect::<Vec<_>>().join(" ")
}

/// A title that is written without a space before the name, and the name: `Dr.Anna`.
fn apart(word: &str) -> impl Iterator<Item = &str> {
    let dot = word.find('.').map(|dot| dot + 1);
    let parts = dot
        .map(|end| word.split_at(end))
        .filter(|(title, name)| name.chars().count() > 1 && name.chars().all(char::is_alphabetic) && is_title(title));
    let (first, second) = parts.map_or((word, None), |(title, name)| (title, Some(name)));
    std::iter::once(first).chain(second)
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
    let is_leftover = is_leftover(&plain) || are_leftovers(text);
    let is_formula = text.starts_with(['=', '#']);
    // One letter is one unless it is a name of a script where a letter is a syllable.
    let digits = text.chars().filter(|c| c.is_numeric()).count();
    !plain.is_empty() && !is_damaged && !is_address && !is_leftover && !is_formula && digits <= plain.chars().count()
}

fn is_leftover(plain: &str) -> bool {
    NO_NAMES.split_ascii_whitespace().any(|leftover| leftover == plain)
}

/// Whether a text is made of nothing but leftovers and the words that stand beside them: *null null*, *Valued Customer*.
fn are_leftovers(text: &str) -> bool {
    let lower = text.to_lowercase();
    if ABBREVIATED_NO_NAMES.contains(&lower.as_str()) {
        return true;
    }
    let plain = |word: &str| word.chars().filter(|c| c.is_alphabetic()).collect::<String>();
    let words: Vec<String> = lower.split([' ', '-', '_']).map(plain).filter(|word| !word.is_empty()).collect();
    let is_filler = |word: &String| FILLERS.split_ascii_whitespace().any(|filler| filler == word);
    words.iter().any(|word| is_leftover(word)) && words.iter().all(|word| is_leftover(word) || is_filler(word))
}
