//! Patterns of words, as the vocabularies write them.
//!
//! A pattern is a list of parts with spaces between them. `a|b` is one of these words, `ab~` a word that begins so, `?a|b`
//! one of these words or none, `*` up to three words of any kind, `@` one of the nouns of the language, `^` and `$` the
//! beginning and the end of a clause.

/// Words of any kind that `*` stands for.
const MAX_ANY: usize = 3;

/// A pattern of words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Phrase<'p> {
    parts: &'p str,
    nouns: &'p str,
}

impl<'p> Phrase<'p> {
    /// A pattern, and the words that its `@` stands for.
    pub(super) fn new(parts: &'p str, nouns: &'p str) -> Self {
        Self { parts, nouns }
    }

    /// Where the pattern is found first among words.
    pub(super) fn matches(&self, words: &[String]) -> Option<usize> {
        let parts: Vec<&str> = self.parts.split_ascii_whitespace().collect();
        (0..words.len()).find(|start| self.fits(&parts, words, *start))
    }

    fn fits(&self, parts: &[&str], words: &[String], at: usize) -> bool {
        let Some((part, rest)) = parts.split_first() else { return true };
        let is_one_of = |alternatives: &str| words.get(at).is_some_and(|word| self.has(alternatives, word));
        match *part {
            "^" => at == 0 && self.fits(rest, words, at),
            "$" => at == words.len() && self.fits(rest, words, at),
            "*" => (at..=words.len().min(at + MAX_ANY)).any(|next| self.fits(rest, words, next)),
            part => match part.strip_prefix('?') {
                Some(optional) => (is_one_of(optional) && self.fits(rest, words, at + 1)) || self.fits(rest, words, at),
                // "…|$" also ends there.
                None if part.ends_with("|$") && at == words.len() => self.fits(rest, words, at),
                None => is_one_of(part) && self.fits(rest, words, at + 1),
            },
        }
    }

    fn has(&self, alternatives: &str, word: &str) -> bool {
        alternatives.split('|').any(|wanted| match wanted {
            "@" => self.nouns.split('|').any(|noun| is_word(noun, word)),
            wanted => is_word(wanted, word),
        })
    }
}

/// Whether a word is the wanted one. German umlauts may be written with an "e".
fn is_word(wanted: &str, word: &str) -> bool {
    match wanted.strip_suffix('~') {
        Some(beginning) => word.starts_with(beginning),
        None => wanted == word || without_umlaut_e(wanted).eq(without_umlaut_e(word)),
    }
}

fn without_umlaut_e(word: &str) -> impl Iterator<Item = char> {
    let mut before = ' ';
    word.chars().filter(move |c| {
        let is_part = *c == 'e' && matches!(before, 'a' | 'o' | 'u');
        before = *c;
        !is_part
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str) -> bool {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        Phrase::new(pattern, "texts|sms").matches(&words).is_some()
    }

    #[test]
    fn a_pattern_has_alternatives_options_gaps_nouns_and_ends() {
        assert!(found("stop|end ?the @", "please stop the texts") && found("stop|end ?the @", "end sms"));
        assert!(!found("stop ?the @", "stop all the texts"));
        assert!(
            found("take me * list", "take me off your list") && !found("take me * list", "take me to a new big list")
        );
        assert!(found("^ no @ $", "no sms") && !found("^ no @ $", "oh no sms") && !found("^ no @ $", "no sms yet"));
        assert!(found("dont text me|$", "dont text") && !found("dont text me|$", "dont text him"));
        assert!(found("сообщени~", "эти сообщения"));
        assert!(found("hor auf", "hoer auf"));
    }
}
