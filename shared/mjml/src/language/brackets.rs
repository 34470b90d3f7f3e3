//! Where a template uses the template language.

use crate::mistake::{Mistake, line_of};
use std::ops::Range;

/// Most expressions, statements and comments in one source.
pub(super) const MAX_CONSTRUCTS: usize = 2_000;

/// What stands in a pair of brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Construct {
    pub(crate) kind: Kind,
    /// The bytes, with the brackets.
    pub(crate) range: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `{{ … }}`
    Expression,
    /// `{% … %}`
    Statement,
    /// `{# … #}`
    Comment,
}

impl Construct {
    /// What is between the brackets, without the signs that take white space away.
    pub(super) fn inside<'s>(&self, source: &'s str) -> &'s str {
        let inside = &source[self.range.start + 2..self.range.end - 2];
        let inside = inside.strip_prefix(['-', '+']).unwrap_or(inside);
        inside.strip_suffix(['-', '+']).unwrap_or(inside).trim_ascii()
    }
}

/// Every pair of brackets in a source, in order.
///
/// # Errors
/// A bracket is not closed, or there are too many.
pub(crate) fn constructs(source: &str) -> Result<Vec<Construct>, Mistake> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = source[from..].find('{').map(|at| from + at) {
        let (kind, close) = match source.as_bytes().get(start + 1) {
            Some(b'{') => (Kind::Expression, "}}"),
            Some(b'%') => (Kind::Statement, "%}"),
            Some(b'#') => (Kind::Comment, "#}"),
            _ => {
                from = start + 1;
                continue;
            }
        };
        let refuse = |problem| Err(Mistake { line: line_of(source, start), problem });
        let Some(length) = length_until(&source[start + 2..], close) else {
            return refuse(format!("{} is not closed by {close}", &source[start..start + 2]));
        };
        if found.len() == MAX_CONSTRUCTS {
            return refuse(format!("there are more than {MAX_CONSTRUCTS} expressions, statements and comments"));
        }
        from = start + 2 + length + 2;
        found.push(Construct { kind, range: start..from });
    }
    Ok(found)
}

/// Bytes before the closing bracket. A bracket inside of a quoted text closes nothing, except in a comment.
fn length_until(source: &str, close: &str) -> Option<usize> {
    if close == "#}" {
        return source.find(close);
    }
    let mut quote = None;
    let mut characters = source.char_indices();
    while let Some((at, c)) = characters.next() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (None, _) if source[at..].starts_with(close) => return Some(at),
            (Some(_), '\\') => _ = characters.next(),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    None
}
