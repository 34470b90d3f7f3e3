//! Rendering: light pages in the customer's language and the shop's colours, without scripts, cookies or
//! anything from another host.

use crate::error::LinksError;
use http::Response;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use rekindle_messaging::{Brand, Language};
use rekindle_platform::gateway::Body;
use std::sync::LazyLock;
use url::Url;

const TEMPLATES: [(&str, &str); 7] = [
    ("base.html", include_str!("../pages/base.html")),
    ("unsubscribe.html", include_str!("../pages/unsubscribe.html")),
    ("preferences.html", include_str!("../pages/preferences.html")),
    ("nps.html", include_str!("../pages/nps.html")),
    ("referral.html", include_str!("../pages/referral.html")),
    ("confirm.html", include_str!("../pages/confirm.html")),
    ("plain.html", include_str!("../pages/plain.html")),
];
pub(crate) const ENGLISH: &str = include_str!("../pages/en.toml");
pub(crate) const RUSSIAN: &str = include_str!("../pages/ru.toml");

/// A page, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// HTTP status.
    pub(crate) status: u16,
    /// The document.
    pub(crate) html: String,
    /// Where the visitor is redirected to.
    location: Option<String>,
    /// An origin beside this host to which a form of this page may redirect.
    form_to: Option<String>,
    /// The methods of the page, if another one was used.
    allow: Option<String>,
}

/// How a shop's pages look, in a language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look<'a> {
    /// The shop as its customers see it.
    pub(crate) brand: &'a Brand,
    /// The language of the page; English if the pages are not written in it.
    pub(crate) language: &'a Language,
}

impl Page {
    fn new(status: u16, html: String) -> Self {
        Self { status, html, location: None, form_to: None, allow: None }
    }

    /// A redirect to another page.
    pub(crate) fn redirect(location: String) -> Self {
        Self { location: Some(location), ..Self::new(303, String::new()) }
    }

    /// The same page, whose form may redirect to another host: browsers ask for that in the content security policy. Of an address
    /// that has no plain host the form stays on this one.
    pub(crate) fn with_form_to(self, url: &str) -> Self {
        Self { form_to: policy_source(url), ..self }
    }

    pub(crate) fn into_response(self, without_body: bool) -> Response<Body> {
        let body = if without_body { Body::Empty } else { Body::Text(self.html) };
        let form_to = self.form_to.map(|origin| format!(" {origin}")).unwrap_or_default();
        let mut response = Response::builder();
        if let Some(location) = self.location {
            response = response.header("location", location);
        }
        if let Some(allow) = self.allow {
            response = response.header("allow", allow);
        }
        response
            .status(self.status)
            .header("content-type", "text/html; charset=utf-8")
            .header("cache-control", "no-store")
            .header("referrer-policy", "no-referrer")
            .header("x-robots-tag", "noindex, nofollow")
            .header("x-content-type-options", "nosniff")
            .header(
                "content-security-policy",
                format!(
                    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'{form_to}; base-uri 'none'; \
                     frame-ancestors 'none'"
                ),
            )
            .body(body)
            .expect("the parts of the answer are fixed and valid")
    }
}

/// The origin of a web address, as a content security policy names it. The name of a host may have signs that begin another
/// directive, or stand for any host; no name in DNS has them.
fn policy_source(url: &str) -> Option<String> {
    let url = Url::parse(url).ok().filter(|url| ["http", "https"].contains(&url.scheme()))?;
    let is_plain = |host: &str| host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b));
    url.host_str().filter(|host| is_plain(host))?;
    Some(url.origin().ascii_serialization())
}

impl Look<'_> {
    /// The language that the page is written in.
    pub(crate) fn language_of_page(self) -> &'static str {
        if self.language.base().as_str() == "ru" { "ru" } else { "en" }
    }

    /// Renders a page. `values` are its own.
    pub(crate) fn render(self, template: &str, values: Value) -> Result<Page, LinksError> {
        let brand = self.brand.settings();
        let html = environment().get_template(template)?.render(context! {
            t => texts(self.language_of_page()),
            language => self.language_of_page(),
            shop => brand.name.clone(),
            shop_url => brand.shop_url.clone(),
            postal_address => brand.postal_address.clone(),
            accent => brand.accent_colour.clone(),
            on_accent => self.brand.on_accent(),
            ..values
        })?;
        Ok(Page::new(200, html))
    }
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
    Value::from_pairs(texts.map(|(name, text)| (name.clone(), Value::from(minijinja::value::Serde(text)))))
}

/// The number with the form of a word that agrees with it: one and many in English; one, few and many in Russian.
#[allow(clippy::needless_pass_by_value, reason = "the template engine hands lists over by value")]
fn counted(number: u64, forms: Vec<String>) -> String {
    let (tens, ones) = (number % 100, number % 10);
    let form = match forms.len() {
        3 if ones == 1 && tens != 11 => 0,
        3 if (2..=4).contains(&ones) && !(12..=14).contains(&tens) => 1,
        3 => 2,
        _ => usize::from(number != 1),
    };
    format!("{number}\u{a0}{}", forms.get(form).map_or("", String::as_str))
}

fn environment() -> &'static Environment<'static> {
    static PAGES: LazyLock<Environment<'static>> = LazyLock::new(|| {
        let mut pages = Environment::new();
        pages.set_undefined_behavior(UndefinedBehavior::Strict);
        pages.set_auto_escape_callback(|_| AutoEscape::Html);
        pages.add_filter("counted", counted);
        for (name, source) in TEMPLATES {
            pages.add_template(name, source).expect("the pages are valid; a test renders each");
        }
        pages
    });
    &PAGES
}

/// For a link that is damaged, expired, foreign or unknown: one page, which does not distinguish them.
pub(crate) fn no_such_link() -> Page {
    plain(404, "no_such_link")
}

/// For somebody who wants to leave and of whom nothing is stored.
pub(crate) fn nothing_stored() -> Page {
    plain(200, "nothing_stored")
}

/// For a method that the page does not have.
pub(crate) fn wrong_method(allow: String) -> Page {
    Page { allow: Some(allow), ..plain(405, "no_such_link") }
}

/// For a body that is too long.
pub(crate) fn too_large() -> Page {
    plain(413, "too_large")
}

/// For a referral code with a mistake in it.
pub(crate) fn mistyped_code() -> Page {
    plain(404, "mistyped_code")
}

/// For a referral code that does not exist.
pub(crate) fn unknown_code() -> Page {
    plain(404, "unknown_code")
}

/// For a client that asks again and again.
pub(crate) fn too_often() -> Page {
    plain(429, "too_often")
}

/// For a failure on our side.
pub(crate) fn come_back() -> Page {
    plain(503, "come_back")
}

/// A page without a shop, because the request names none. It is in both languages.
fn plain(status: u16, section: &str) -> Page {
    let both = ["en", "ru"].map(|language| {
        let texts = texts(language).get_attr(section).unwrap_or_default();
        context! { language => language, title => texts.get_attr("title").unwrap_or_default(), text => texts.get_attr("text").unwrap_or_default() }
    });
    let html = environment().get_template("plain.html").and_then(|page| page.render(context! { both => both }));
    Page::new(status, html.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_shop_adds_its_origin_to_the_policy_and_nothing_else() {
        let policy = |url: &str| {
            let page = Page::new(200, String::new()).with_form_to(url);
            let policy =
                page.into_response(false).headers()["content-security-policy"].to_str().expect("text").to_owned();
            policy
                .split_once("form-action ")
                .and_then(|(_, rest)| rest.split_once("; base-uri"))
                .expect("both")
                .0
                .to_owned()
        };
        for (url, sources) in [
            ("https://shop.example/a;b?c=d,e#f", "'self' https://shop.example"),
            ("https://Shop.Example:8443", "'self' https://shop.example:8443"),
            ("https://user:secret@shop.example/", "'self' https://shop.example"),
            ("https://bücher.example", "'self' https://xn--bcher-kva.example"),
            ("http://[::1]:80/", "'self' http://[::1]"),
            ("https://shop.example\\@evil.example", "'self' https://shop.example"),
        ] {
            assert_eq!(policy(url), sources, "{url}");
        }
        for url in [
            "https://shop.example;script-src",
            "https://shop.example;script-src%20*",
            "https://shop.example,default-src",
            "https://shop.example; script-src *",
            "https://shop.example'unsafe-inline'",
            "https://*.example",
            "https://*",
            "https://shop.example\r\nset-cookie: a=b",
            "javascript://shop.example/%0aalert(1)",
            "data:text/html,hi",
            "shop.example",
            "",
        ] {
            let found = policy(url);
            assert!(!found.contains([';', ',', '*', '\n']) && found.matches('\'').count() == 2, "{url}: {found}");
        }
    }

    #[test]
    fn a_word_agrees_with_its_number() {
        let english = || ["day", "days"].map(str::to_owned).to_vec();
        let russian = || ["день", "дня", "дней"].map(str::to_owned).to_vec();
        for (number, expected) in
            [(1, "день"), (2, "дня"), (5, "дней"), (11, "дней"), (12, "дней"), (21, "день"), (90, "дней")]
        {
            assert_eq!(counted(number, russian()), format!("{number}\u{a0}{expected}"));
        }
        assert_eq!(counted(1, english()), "1\u{a0}day");
        assert_eq!(counted(21, english()), "21\u{a0}days");
    }

    #[test]
    fn both_languages_have_the_same_texts() {
        let shape = |text: &str| -> Vec<String> {
            let table: toml::Table = text.parse().expect("TOML");
            let section = |(name, texts): (&String, &toml::Value)| -> Vec<String> {
                texts.as_table().expect("a section").keys().map(|key| format!("{name}.{key}")).collect()
            };
            table.iter().flat_map(section).collect()
        };
        assert_eq!(shape(ENGLISH), shape(RUSSIAN));
    }
}
