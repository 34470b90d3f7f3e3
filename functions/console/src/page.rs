//! A page: its template rendered in the reader's language, and the headers that every answer has.

use crate::formats;
use crate::trouble::Trouble;
use http::Response;
use http::response::Builder;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use rekindle_lifecycle::id::short_digest;
use rekindle_platform::gateway::Body;
use std::sync::LazyLock;

const STYLE: &str = include_str!("../pages/style.css");
const TEMPLATES: [(&str, &str); 17] = [
    ("bare.html", include_str!("../pages/bare.html")),
    ("base.html", include_str!("../pages/base.html")),
    ("customer.html", include_str!("../pages/customer.html")),
    ("customers.html", include_str!("../pages/customers.html")),
    ("erase.html", include_str!("../pages/erase.html")),
    ("events.html", include_str!("../pages/events.html")),
    ("happening.html", include_str!("../pages/happening.html")),
    ("home.html", include_str!("../pages/home.html")),
    ("journey.html", include_str!("../pages/journey.html")),
    ("journeys.html", include_str!("../pages/journeys.html")),
    ("learned.html", include_str!("../pages/learned.html")),
    ("login.html", include_str!("../pages/login.html")),
    ("next.html", include_str!("../pages/next.html")),
    ("settings.html", include_str!("../pages/settings.html")),
    ("tasks.html", include_str!("../pages/tasks.html")),
    ("trouble.html", include_str!("../pages/trouble.html")),
    ("versions.html", include_str!("../pages/versions.html")),
];
/// Only what comes from this host is used: its one style sheet and its forms. There is no script, no picture and no frame.
const CONTENT_POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What a request is answered with.
pub(crate) enum Answer {
    /// A document.
    Page { status: u16, html: String },
    /// Another page, to be asked for with GET.
    Redirect(String),
    /// The style sheet.
    Style,
    /// A file that the browser saves.
    File { name: &'static str, kind: &'static str, body: Vec<u8> },
}

impl Answer {
    /// A page of a template.
    pub(crate) fn render(status: u16, template: &str, values: &Value) -> Result<Self, Trouble> {
        let html = environment().get_template(template)?.render(values)?;
        Ok(Self::Page { status, html })
    }

    /// The response, with these cookies.
    pub(crate) fn into_response(self, cookies: &[String], allow: Option<String>) -> Response<Body> {
        let mut response = Response::builder();
        for cookie in cookies {
            response = response.header("set-cookie", cookie);
        }
        if let Some(allow) = allow {
            response = response.header("allow", allow);
        }
        response = response
            // Forms name their origin only if the page says where it is at all.
            .header("referrer-policy", "same-origin")
            .header("x-frame-options", "DENY")
            .header("x-robots-tag", "noindex, nofollow")
            .header("x-content-type-options", "nosniff")
            .header("cross-origin-opener-policy", "same-origin")
            .header("cross-origin-resource-policy", "same-origin")
            .header("content-security-policy", CONTENT_POLICY);
        let answer = match self {
            Self::Page { status, html } => text(response.status(status), "text/html; charset=utf-8", html),
            Self::Redirect(location) => {
                response.status(303).header("cache-control", "no-store").header("location", location).body(Body::Empty)
            }
            Self::Style => response
                .header("content-type", "text/css; charset=utf-8")
                .header("cache-control", "public, max-age=31536000, immutable")
                .body(Body::from(STYLE)),
            Self::File { name, kind, body } => response
                .header("content-type", kind)
                .header("cache-control", "no-store")
                .header("content-disposition", format!("attachment; filename=\"{name}\""))
                .body(Body::Text(String::from_utf8_lossy(&body).into_owned())),
        };
        answer.unwrap_or_else(|_| Response::new(Body::Empty))
    }
}

fn text(response: Builder, kind: &'static str, body: String) -> http::Result<Response<Body>> {
    response.header("content-type", kind).header("cache-control", "no-store").body(Body::Text(body))
}

/// What the address of the style sheet ends with: another sheet has another.
pub(crate) fn style_version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| short_digest(&["console style", STYLE], 12));
    &VERSION
}

fn environment() -> &'static Environment<'static> {
    static PAGES: LazyLock<Environment<'static>> = LazyLock::new(|| {
        let mut pages = Environment::new();
        // What an answer of the API leaves out is left out of the page. A test looks for words that are missing.
        pages.set_undefined_behavior(UndefinedBehavior::Chainable);
        pages.set_auto_escape_callback(|_| AutoEscape::Html);
        formats::add_to(&mut pages);
        for (name, source) in TEMPLATES {
            pages.add_template(name, source).expect("the pages are valid; a test renders each");
        }
        pages
    });
    &PAGES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::ENGLISH;

    #[test]
    fn every_word_that_a_template_names_is_there() {
        let words: toml::Table = ENGLISH.parse().expect("valid");
        let mut seen = 0;
        for (template, source) in TEMPLATES {
            let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            for (place, _) in source.match_indices("t.") {
                let before = source[..place].chars().next_back();
                if before.is_some_and(|c| is_name(c) || c == '.') {
                    continue;
                }
                let mut parts =
                    source[place + 2..].split(|c: char| !is_name(c) && c != '.').next().unwrap_or("").split('.');
                let (section, word) = (parts.next().unwrap_or_default(), parts.next());
                let Some(found) = words.get(section) else { panic!("{template}: t.{section}") };
                if let Some(word) = word.filter(|word| !word.is_empty()) {
                    assert!(found.get(word).is_some(), "{template}: t.{section}.{word}");
                    seen += 1;
                }
            }
        }
        assert!(seen > 200, "only {seen} were found");
    }
}
