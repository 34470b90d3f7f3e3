//! The template language: values, `if` and `for` of Jinja, strict and bounded.
//!
//! Templates come from shops, so the language is kept small enough to be safe: nothing that includes,
//! defines or stores, so that work and memory are bounded by the template's length and its fuel; and no
//! way to switch escaping off.

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior, filters, tests};
use rekindle_mjml::Mistake;

/// Steps of the template engine in one rendering. The longest built-in mail takes fewer than 2,000.
const FUEL: u64 = 50_000;

/// The part whose values are escaped for HTML. All other parts are plain text.
pub(crate) const HTML: &str = "html";

/// What the engine found wrong with this source, with the expression that it is about.
pub(crate) fn mistake(error: &Error, source: &str) -> Mistake {
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
    Mistake { line: error.line().unwrap_or(1), problem }
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

#[cfg(test)]
mod tests_of_the_language {
    use super::*;
    use minijinja::context;
    use rekindle_mjml::expressions;

    fn render(name: &str, source: &str) -> Result<String, Mistake> {
        expressions(source)?;
        let mut env = environment();
        let values = context! { name => "<O'Neil & \"Co\">", nothing => None::<String>, list => vec![1; 300] };
        let added = env.add_template_owned(name.to_owned(), source.to_owned());
        added.and_then(|()| env.get_template(name)?.render(values)).map_err(|error| mistake(&error, ""))
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
