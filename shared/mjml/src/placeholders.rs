//! MJML's parser knows nothing of the template language: `{% if a < b %}` would be a broken element to it. So every use of the
//! language is replaced by a word of letters and digits while MJML is compiled, and put back after.

use crate::language::brackets::constructs;
use crate::mistake::{Mistake, line_of};
use std::collections::BTreeSet;

const WORD: &str = "jinja";

/// A source in which words stand for the uses of the template language.
pub(crate) struct Protected<'s> {
    pub(crate) text: String,
    originals: Vec<Original<'s>>,
    /// What each of the words begins with: it stands nowhere in the source.
    prefix: String,
}

struct Original<'s> {
    text: &'s str,
    protected_at: usize,
}

impl<'s> Protected<'s> {
    /// Replaces every use of the template language.
    ///
    /// # Errors
    /// A bracket is not closed.
    pub(crate) fn new(source: &'s str) -> Result<Self, Mistake> {
        let prefix = unused_prefix(source);
        let mut text = String::with_capacity(source.len());
        let mut originals = Vec::new();
        let mut from = 0;
        for (index, construct) in constructs(source)?.into_iter().enumerate() {
            text.push_str(&source[from..construct.range.start]);
            from = construct.range.end;
            originals.push(Original { text: &source[construct.range], protected_at: text.len() });
            text.push_str(&format!("{prefix}{index}x"));
        }
        text.push_str(&source[from..]);
        Ok(Self { text, originals, prefix })
    }

    /// The line of the source that a byte of the text is on.
    pub(crate) fn line(&self, byte: usize) -> usize {
        // Lines inside of the replaced expressions before this byte were lost.
        let before = self.originals.iter().filter(|original| original.protected_at < byte);
        let lost: usize = before.map(|original| original.text.bytes().filter(|b| *b == b'\n').count()).sum();
        line_of(&self.text, byte) + lost
    }

    /// Puts the template language back into what was made of the text, from its beginning to its end, so that nothing that was put
    /// in is replaced again. Returns nothing if it would have more than `limit` bytes.
    pub(crate) fn restore(&self, made: &str, limit: usize) -> Option<String> {
        let mut restored = String::with_capacity(made.len());
        let mut rest = made;
        while let Some((before, after)) = rest.split_once(&self.prefix) {
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            let original = after[..digits].parse().ok().and_then(|index: usize| self.originals.get(index));
            let (put, behind) = match (original, after[digits..].strip_prefix('x')) {
                (Some(original), Some(behind)) => (original.text, behind),
                _ => (self.prefix.as_str(), after),
            };
            if restored.len() + before.len() + put.len() > limit {
                return None;
            }
            restored.push_str(before);
            restored.push_str(put);
            rest = behind;
        }
        restored.push_str(rest);
        (restored.len() <= limit).then_some(restored)
    }
}

/// A beginning of words that stands nowhere in the source.
fn unused_prefix(source: &str) -> String {
    let number = |after: &str| -> Option<usize> {
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        after[..digits].parse().ok()
    };
    let used: BTreeSet<usize> =
        source.match_indices(WORD).filter_map(|(at, _)| number(&source[at + WORD.len()..])).collect();
    let unused = (0..).find(|candidate| !used.contains(candidate)).unwrap_or_default();
    format!("{WORD}{unused}x")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(source: &str) -> Option<String> {
        let protected = Protected::new(source).expect("brackets that are closed");
        assert!(!protected.text.contains("{{"), "{}", protected.text);
        protected.restore(&protected.text, 1_000)
    }

    #[test]
    fn words_of_the_source_that_look_like_placeholders_stay() {
        for source in [
            "jinja0x0x {{ a }} jinja0x1x {{ b }}",
            "jinjax0001x {{ a }}",
            "{{ 'jinja0x1x' }}{{ 'jinja1x0x' }} jinja0x jinja1x jinja2",
            "jinja00x0x {{ a }}",
            "jinja99999999999999999999999999x {{ a }}",
        ] {
            assert_eq!(round(source).as_deref(), Some(source));
        }
    }

    #[test]
    fn what_becomes_too_long_is_given_up_while_it_is_made() {
        let long = format!("{{{{ '{}' }}}}", "x".repeat(400));
        let protected = Protected::new(&long).expect("brackets that are closed");
        assert_eq!(protected.restore(&protected.text.repeat(1_000_000), 10_000), None);
        assert_eq!(protected.restore(&"x".repeat(10_001), 10_000), None);
    }
}
