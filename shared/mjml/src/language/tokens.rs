//! The words of an expression.

use std::fmt;

/// Most bytes of an expression, the brackets left out.
pub(super) const MAX_EXPRESSION_BYTES: usize = 500;
/// Most digits before and after the point of a number.
const MAX_DIGITS: usize = 9;

const SYMBOLS: [&str; 15] = ["==", "!=", "<=", ">=", "<", ">", "|", ".", ",", "(", ")", "[", "]", "-", "="];

/// One word of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'s> {
    /// A name or a keyword.
    Name(&'s str),
    /// A text in quotes.
    Text,
    /// A number without a sign.
    Number,
    /// A sign.
    Symbol(&'static str),
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "{name:?}"),
            Self::Text => f.write_str("a text in quotes"),
            Self::Number => f.write_str("a number"),
            Self::Symbol(symbol) => write!(f, "{symbol:?}"),
        }
    }
}

/// The words of a source, or what is none of them.
pub(super) fn tokens(source: &str) -> Result<Vec<Token<'_>>, String> {
    if source.len() > MAX_EXPRESSION_BYTES {
        return Err(format!("it has {} bytes; at most {MAX_EXPRESSION_BYTES} are allowed", source.len()));
    }
    let mut found = Vec::new();
    let mut rest = source;
    loop {
        rest = rest.trim_ascii_start();
        let Some(first) = rest.chars().next() else { return Ok(found) };
        let (token, length) = match first {
            '"' | '\'' => (Token::Text, text(rest, first)?),
            '0'..='9' => (Token::Number, number(rest)?),
            'a'..='z' | 'A'..='Z' | '_' => {
                let length = length_of(rest, |b| b.is_ascii_alphanumeric() || b == b'_');
                (Token::Name(&rest[..length]), length)
            }
            other => match SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
                Some(symbol) => (Token::Symbol(symbol), symbol.len()),
                None => return Err(format!("{:?} is not part of the template language", other.to_string())),
            },
        };
        found.push(token);
        rest = &rest[length..];
    }
}

fn length_of(text: &str, belongs: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|b| belongs(*b)).count()
}

/// The bytes of a text with its quotes.
fn text(rest: &str, quote: char) -> Result<usize, String> {
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        if c == quote {
            return Ok(at + 1);
        }
        if c == '\\' && !matches!(characters.next(), Some((_, '\\' | '\'' | '"' | 'n' | 't'))) {
            return Err("after \\ in a text only \\, quotes, n and t may stand".to_owned());
        }
    }
    Err(format!("a text is not closed by {quote}"))
}

/// The bytes of a number: digits, and a point with digits.
fn number(rest: &str) -> Result<usize, String> {
    let whole = length_of(rest, |b| b.is_ascii_digit());
    let mut length = whole;
    if let Some(after) = rest[length..].strip_prefix('.') {
        let part = length_of(after, |b| b.is_ascii_digit());
        if !(1..=MAX_DIGITS).contains(&part) {
            return Err(format!("a number has 1 to {MAX_DIGITS} digits after its point"));
        }
        length += 1 + part;
    }
    let goes_on = rest[length..].starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
    if goes_on || whole > MAX_DIGITS {
        return Err(format!("a number has at most {MAX_DIGITS} digits, and a point with digits"));
    }
    Ok(length)
}
