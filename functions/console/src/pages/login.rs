//! Signing in with an admin key of the shop; and pages for those who did not.

use crate::Console;
use crate::form::Fields;
use crate::language::Language;
use crate::page::{Answer, style_version};
use crate::session::{LIFETIME, Session};
use crate::shop_api::ShopApi;
use crate::texts::texts;
use crate::trouble::Trouble;
use futures::join;
use minijinja::{Value, context};

/// The longest key that is tried, in bytes.
const MAX_KEY_BYTES: usize = 200;
/// The longest name of a person, in characters.
const MAX_NAME_CHARS: usize = 60;

/// The page, or after the right key the way on and the session.
pub(crate) async fn page(
    console: &Console,
    language: Language,
    query: &Fields,
    form: Option<&Fields>,
) -> (Answer, Option<Session>) {
    let fields = form.unwrap_or(query);
    let next = own_page(fields.text("next"));
    let Some(form) = form else { return (show(language, 200, query.text("done"), next), None) };
    match sign_in(console, form).await {
        Ok(session) => (Answer::Redirect(next.unwrap_or("/console").to_owned()), Some(session)),
        Err(trouble) => {
            let code = match trouble {
                Trouble::SignedOut | Trouble::Missing(_) | Trouble::Refused(_) => "wrong_key",
                Trouble::Forbidden(_) => "other_key",
                Trouble::Unavailable | Trouble::Page(_) => "unavailable",
            };
            let status = if code == "unavailable" { 503 } else { 401 };
            (show(language, status, code, next), None)
        }
    }
}

/// A session, if the API knows the key and the key may read.
async fn sign_in(console: &Console, form: &Fields) -> Result<Session, Trouble> {
    let key = form.text("key");
    if key.is_empty() || key.len() > MAX_KEY_BYTES || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Trouble::SignedOut);
    }
    let api = ShopApi { api: &console.api, key };
    // Whoever may read settings may sign in; a shop without a brand as well.
    let (policy, brand) = join!(api.text("/v1/policy"), api.get("/v1/brand"));
    let policy: toml::Table = policy?.parse().unwrap_or_default();
    let zone = policy.get("time_zone").and_then(toml::Value::as_str).unwrap_or("UTC");
    let shop = brand.ok().and_then(|brand| brand["name"].as_str().map(str::to_owned));
    let person = form.text("person").chars().filter(|c| !c.is_control()).take(MAX_NAME_CHARS).collect();
    Ok(Session {
        key: key.to_owned(),
        person,
        shop: shop.unwrap_or_default(),
        zone: zone.to_owned(),
        until: console.clock.now() + LIFETIME,
    })
}

/// A page of the console that somebody wanted to see; nothing else is led to.
fn own_page(next: &str) -> Option<&str> {
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let of_console = next == "/console" || next.starts_with("/console/") || next.starts_with("/console?");
    (plain && of_console).then_some(next)
}

fn show(language: Language, status: u16, code: &str, next: Option<&str>) -> Answer {
    let known = ["out", "over", "wrong_key", "other_key", "unavailable"].contains(&code);
    let values = context! { code => if known { code } else { "" }, next => next.unwrap_or_default() };
    let page = Answer::render(status, "login.html", &context! { ..values, ..common(language) });
    page.unwrap_or_else(|_| Answer::Page { status: 503, html: String::new() })
}

/// A page that needs no session and says one thing.
pub(crate) fn bare(language: Language, status: u16, code: &str) -> Result<Answer, Trouble> {
    Answer::render(status, "bare.html", &context! { code => code, ..common(language) })
}

fn common(language: Language) -> Value {
    context! { t => texts(language), language => language.code(), style => style_version() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_to_pages_of_the_console_only() {
        for next in ["/console", "/console/customers?stage=new", "/console?lang=ru"] {
            assert_eq!(own_page(next), Some(next));
        }
        for next in [
            "",
            "/",
            "//evil.example",
            "/console.evil.example",
            "https://evil.example/console/",
            "/\\evil.example",
            "/consolex",
            "/console/\r\nx: y",
        ] {
            assert_eq!(own_page(next), None, "{next}");
        }
    }
}
