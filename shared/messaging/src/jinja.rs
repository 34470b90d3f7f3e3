//! The template engine, strict and bounded.
//!
//! Templates come from shops, so [`rekindle_mjml::check_language`] passes a small language only, before the engine sees a source. Here
//! the engine has nothing beside it: no way to switch escaping off, a limited number of steps, and an output that ends at a
//! limit while it is made.

use crate::message_context::View;
use minijinja::value::{Serde, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior, filters, tests};
use rekindle_mjml::Mistake;
use std::io::{self, Write};

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

/// Fills a template of the engine. The result has at most `limit` bytes: what would have more ends while it is made.
pub(crate) fn fill(
    engine: &Environment<'_>,
    name: &str,
    view: &View<'_>,
    limit: usize,
    source: &str,
) -> Result<String, Mistake> {
    let mut output = BoundedOutput { bytes: Vec::new(), limit, is_full: false };
    let filled = engine
        .get_template(name)
        .and_then(|template| template.render_captured_to(Value::from(Serde(view)), &mut output).map(|_| ()));
    if output.is_full {
        return Err(Mistake { line: 1, problem: format!("filled, it has more than {limit} bytes") });
    }
    filled.map_err(|error| mistake(&error, source))?;
    String::from_utf8(output.bytes).map_err(|error| Mistake { line: 1, problem: error.to_string() })
}

struct BoundedOutput {
    bytes: Vec<u8>,
    limit: usize,
    is_full: bool,
}

impl Write for BoundedOutput {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + more.len() > self.limit {
            self.is_full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn format_value(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if value.is_none() {
        let advice = "it is not set for every customer; put it between {% if … %} and {% endif %}";
        return Err(Error::new(ErrorKind::UndefinedError, advice));
    }
    if !matches!(value.kind(), ValueKind::Undefined | ValueKind::Bool | ValueKind::Number | ValueKind::String) {
        return Err(Error::new(ErrorKind::InvalidOperation, "it has several values; name one of them"));
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
    use rekindle_mjml::check_language;

    fn render(name: &str, source: &str) -> Result<String, Mistake> {
        check_language(source)?;
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
    fn every_filter_of_the_language_is_one_of_the_engine() {
        for filter in rekindle_mjml::FILTERS {
            assert!(render("text", &format!("{{{{ name|{filter} }}}}")).is_ok(), "{filter}");
        }
    }

    #[test]
    fn endless_work_is_refused_also_where_the_language_would_allow_it() {
        let mut env = environment();
        let nested = "{% for a in list %}{% for b in list %}{% for c in list %}x{% endfor %}{% endfor %}{% endfor %}";
        env.add_template("text", nested).expect("a template");
        let error =
            env.get_template("text").and_then(|t| t.render(context! { list => vec![1; 300] })).expect_err("endless");
        assert!(mistake(&error, "").problem.contains("too much work"));
    }
}
