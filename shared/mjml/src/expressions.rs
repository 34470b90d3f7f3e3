//! Where a template uses the template language.

use crate::mistake::{Mistake, line_of};
use std::ops::Range;

/// The statements that templates may have: nothing that includes, defines or stores.
const TAGS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];

/// Where the template language is used in a source: the byte ranges of `{{ … }}`, `{% … %}` and
/// `{# … #}`, in order.
///
/// # Errors
/// A statement is outside of the language, or a bracket is not closed.
pub fn expressions(source: &str) -> Result<Vec<Range<usize>>, Mistake> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = source[from..].find('{').map(|at| from + at) {
        let close = match source.as_bytes().get(start + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            _ => {
                from = start + 1;
                continue;
            }
        };
        let line = line_of(source, start);
        let Some(length) = length_until(&source[start + 2..], close) else {
            return Err(Mistake { line, problem: format!("{} is not closed by {close}", &source[start..start + 2]) });
        };
        let end = start + 2 + length + 2;
        if close == "%}" {
            let inside = source[start + 2..end - 2].trim_start_matches(['-', '+']).trim_start();
            let tag: String = inside.chars().take_while(char::is_ascii_alphabetic).collect();
            if !TAGS.contains(&tag.as_str()) {
                let problem = format!("the statement {tag:?} is not part of templates; use {}", TAGS.join(", "));
                return Err(Mistake { line, problem });
            }
        }
        found.push(start..end);
        from = end;
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
