//! Rendering: light pages in the customer's language and the shop's colours, without scripts, cookies or
//! anything from another host.

use crate::visit::{LinksError, Visit};
use lambda_http::{Body, Response};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use std::sync::LazyLock;

const TEMPLATES: [(&str, &str); 5] = [
    ("base.html", include_str!("../pages/base.html")),
    ("unsubscribe.html", include_str!("../pages/unsubscribe.html")),
    ("preferences.html", include_str!("../pages/preferences.html")),
    ("nps.html", include_str!("../pages/nps.html")),
    ("plain.html", include_str!("../pages/plain.html")),
];
const ENGLISH: &str = include_str!("../pages/en.toml");
const RUSSIAN: &str = include_str!("../pages/ru.toml");

/// A page, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// HTTP status.
    pub(crate) status: u16,
    /// The document.
    pub(crate) html: String,
}

impl Page {
    pub(crate) fn into_response(self, without_body: bool) -> Response<Body> {
        let body = if without_body { Body::Empty } else { Body::Text(self.html) };
        Response::builder()
            .status(self.status)
            .header("content-type", "text/html; charset=utf-8")
            .header("cache-control", "no-store")
            .header("referrer-policy", "no-referrer")
            .header("x-robots-tag", "noindex, nofollow")
            .header("x-content-type-options", "nosniff")
            .header(
                "content-security-policy",
                "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            )
            .body(body)
            .expect("the parts of the answer are fixed and valid")
    }
}

/// Renders a page for a visitor. `values` are the page's own.
pub(crate) fn render(visit: &Visit, template: &str, values: Value) -> Result<Page, LinksError> {
    let brand = visit.brand.settings();
    let html = environment().get_template(template)?.render(context! {
        t => texts(visit.language.base().as_str()),
        language => language_of_page(visit.language.base().as_str()),
        shop => brand.name.clone(),
        shop_url => brand.shop_url.clone(),
        postal_address => brand.postal_address.clone(),
        accent => brand.accent_colour.clone(),
        on_accent => visit.brand.on_accent(),
        ..values
    })?;
    Ok(Page { status: 200, html })
}

/// The texts of the pages in a language, as a map of maps.
pub(crate) fn texts(language: &str) -> Value {
    static TEXTS: LazyLock<[Value; 2]> = LazyLock::new(|| {
        [ENGLISH, RUSSIAN].map(|text| {
            let table: toml::Table = text.parse().expect("the texts are valid; a test reads them");
            Value::from_pairs(table.into_iter().map(|(section, texts)| (section, section_of(&texts))))
        })
    });
    TEXTS[usize::from(language == "ru")].clone()
}

fn section_of(texts: &toml::Value) -> Value {
    let texts = texts.as_table().into_iter().flatten();
    Value::from_pairs(texts.map(|(name, text)| (name.clone(), text.as_str().unwrap_or_default().to_owned())))
}

fn language_of_page(language: &str) -> &'static str {
    if language == "ru" { "ru" } else { "en" }
}

fn environment() -> &'static Environment<'static> {
    static PAGES: LazyLock<Environment<'static>> = LazyLock::new(|| {
        let mut pages = Environment::new();
        pages.set_undefined_behavior(UndefinedBehavior::Strict);
        pages.set_auto_escape_callback(|_| AutoEscape::Html);
        for (name, source) in TEMPLATES {
            pages.add_template(name, source).expect("the pages are valid; a test renders each");
        }
        pages
    });
    &PAGES
}

/// For a link that is damaged, expired, foreign or unknown: the same page for all of them.
pub(crate) fn no_such_link() -> Page {
    plain(404, "no_such_link")
}

pub(crate) fn wrong_method() -> Page {
    plain(405, "no_such_link")
}

pub(crate) fn too_large() -> Page {
    plain(413, "too_large")
}

/// For trouble on our side.
pub(crate) fn come_back() -> Page {
    plain(503, "come_back")
}

/// A page without a shop: nobody knows whose it would be. It speaks both languages.
fn plain(status: u16, section: &str) -> Page {
    let both = ["en", "ru"].map(|language| {
        let texts = texts(language).get_attr(section).unwrap_or_default();
        context! { language => language, title => texts.get_attr("title").unwrap_or_default(), text => texts.get_attr("text").unwrap_or_default() }
    });
    let html = environment().get_template("plain.html").and_then(|page| page.render(context! { both => both }));
    Page { status, html: html.unwrap_or_default() }
}
