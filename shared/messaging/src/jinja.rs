//! The template language: values, `if` and `for` of Jinja, strict and bounded.
//!
//! Templates come from shops, so the language is kept small enough to be safe: nothing that includes,
//! defines or stores, so that work and memory are bounded by the template's length and its fuel; and no
//! way to switch escaping off.

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior, filters, tests};
use std::ops::Range;

/// Steps of the template engine in one rendering. The longest built-in mail takes fewer than 2,000.
const FUEL: u64 = 50_000;

const TAGS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];

/// The part whose values are escaped for HTML. All other parts are plain text.
pub(crate) const HTML: &str = "html";

/// A mistake in a template, with the line it is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JinjaError {
    pub(crate) line: usize,
    pub(crate) problem: String,
}

impl JinjaError {
    /// The engine's error about this source, with the expression that it is about.
    pub(crate) fn of(error: &Error, source: &str) -> Self {
        let expression = error.range().and_then(|range| source.get(range)).unwrap_or_default().trim();
        let detail = match (error.detail(), expression) {
            (Some(detail), "") => format!(": {detail}"),
            (None, "") => String::new(),
            (Some(detail), expression) => format!(": {expression}: {detail}"),
            (None, expression) => format!(": {expression}"),
        };
        let problem = match error.kind() {
            ErrorKind::OutOfFuel => "it does too much work; make its loops shorter".to_owned(),
            ErrorKind::UndefinedError => format!("a value is missing{detail}"),
            kind => format!("{kind}{detail}"),
        };
        Self { line: error.line().unwrap_or(1), problem }
    }
}

impl From<Error> for JinjaError {
    fn from(error: Error) -> Self {
        Self::of(&error, "")
    }
}

/// An engine without templates: strict about undefined values, limited in work, with a short list of
/// filters.
pub(crate) fn environment() -> Environment<'static> {
    let mut env = Environment::empty();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_fuel(Some(FUEL));
    env.set_debug(false);
    env.set_formatter(format_value);
    env.add_filter("upper", filters::upper);
    env.add_filter("lower", filters::lower);
    env.add_filter("capitalize", filters::capitalize);
    env.add_filter("trim", filters::trim);
    env.add_filter("length", filters::length);
    env.add_filter("default", filters::default);
    env.add_test("defined", tests::is_defined);
    env.add_test("none", tests::is_none);
    env
}

fn format_value(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if value.is_none() {
        let advice = "it is not set for every customer; put it between {% if … %} and {% endif %}";
        return Err(Error::new(ErrorKind::UndefinedError, advice));
    }
    let text = value.to_string();
    if state.name() != HTML {
        return Ok(out.write_str(&text)?);
    }
    for c in text.chars() {
        match c {
            '&' => out.write_str("&amp;")?,
            '<' => out.write_str("&lt;")?,
            '>' => out.write_str("&gt;")?,
            '"' => out.write_str("&quot;")?,
            '\'' => out.write_str("&#39;")?,
            other => out.write_str(other.encode_utf8(&mut [0; 4]))?,
        }
    }
    Ok(())
}

/// Where the template language is used in a source: the byte ranges of `{{ … }}`, `{% … %}` and
/// `{# … #}`, in order. Refuses statements outside of the language and brackets that are not closed.
pub(crate) fn expressions(source: &str) -> Result<Vec<Range<usize>>, JinjaError> {
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
            return Err(JinjaError {
                line,
                problem: format!("{} is not closed by {close}", &source[start..start + 2]),
            });
        };
        let end = start + 2 + length + 2;
        if close == "%}" {
            let inside = source[start + 2..end - 2].trim_start_matches(['-', '+']).trim_start();
            let tag: String = inside.chars().take_while(char::is_ascii_alphabetic).collect();
            if !TAGS.contains(&tag.as_str()) {
                let problem = format!("the statement {tag:?} is not part of templates; use {}", TAGS.join(", "));
                return Err(JinjaError { line, problem });
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

/// The line, from 1, that a byte of the text is on.
pub(crate) fn line_of(text: &str, byte: usize) -> usize {
    1 + text.bytes().take(byte).filter(|b| *b == b'\n').count()
}

#[cfg(test)]
mod tests_of_the_language {
    use super::*;
    use minijinja::context;

    fn render(name: &str, source: &str) -> Result<String, JinjaError> {
        expressions(source)?;
        let mut env = environment();
        env.add_template_owned(name.to_owned(), source.to_owned())?;
        let values = context! { name => "<O'Neil & \"Co\">", nothing => None::<String>, list => vec![1; 300] };
        Ok(env.get_template(name)?.render(values)?)
    }

    #[test]
    fn values_are_escaped_in_html_and_only_there() {
        let escaped = "&lt;O&#39;Neil &amp; &quot;Co&quot;&gt;";
        assert_eq!(render(HTML, "{{ name }}").as_deref(), Ok(escaped));
        assert_eq!(render("text", "{{ name }}").as_deref(), Ok("<O'Neil & \"Co\">"));
    }

    #[test]
    fn nothing_switches_escaping_off() {
        for source in ["{{ name|safe }}", "{% autoescape false %}{{ name }}{% endautoescape %}"] {
            assert!(render(HTML, source).is_err(), "{source}");
        }
    }

    #[test]
    fn undefined_and_absent_values_are_errors_with_their_line() {
        for source in ["\n\n{{ nmae }}", "\n\n{{ name.first }}", "\n\n{{ nothing }}", "\n\n{% if nmae %}{% endif %}"] {
            assert_eq!(render("text", source).map_err(|e| e.line), Err(3), "{source}");
        }
        assert_eq!(render("text", "{% if nothing %}x{% else %}y{% endif %}").as_deref(), Ok("y"));
    }

    #[test]
    fn endless_work_and_growing_memory_are_refused() {
        let nested = "{% for a in list %}{% for b in list %}{% for c in list %}x{% endfor %}{% endfor %}{% endfor %}";
        assert!(render("text", nested).is_err_and(|e| e.problem.contains("too much work")));
        for source in [
            "{% set x = 1 %}",
            "{% macro m() %}{% endmacro %}",
            "{%- include 'html' %}",
            "{{ range(9) }}",
            "{{ '}}{#' }}{% set x = 1 %}{{ '#}' }}",
            "{{ '\\'}}{#' }}{% set x = 1 %}{{ '#}' }}",
        ] {
            assert!(render("text", source).is_err(), "{source}");
        }
        assert!(render("text", "{{ 'x' * 1000000000 }}").is_err());
        assert!(render("text", "a\n{{ name").is_err_and(|e| e.line == 2));
    }
}
