//! One request: which page, who asks, and whether what they send is their own form.

use crate::form::Fields;
use crate::language::{self, Language};
use crate::page::Answer;
use crate::pages::{
    customer, customers, erase, events, home, journey, journeys, learned, login, settings, tasks, versions,
};
use crate::routes::{PageId, ROUTES};
use crate::session::{self, Session};
use crate::shop_api::in_query;
use crate::trouble::Trouble;
use crate::visit::Visit;
use crate::{Console, origin};
use http::{Method, Response};
use rekindle_platform::gateway::{self, Body, Request};
use rekindle_platform::{NoRoute, Route, spans};
use tracing::Instrument;

/// The longest body that is read, in bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Answers one request, always with a page.
pub async fn handle(console: &Console, request: Request) -> Response<Body> {
    gateway::secured(respond(console, &request).instrument(spans::http_call()).await)
}

async fn respond(console: &Console, request: &Request) -> Response<Body> {
    let query = Fields::parse(request.uri().query().unwrap_or_default().as_bytes());
    let (language, was_asked) = Language::of_request(request, &query);
    let mut cookies = Vec::new();
    if was_asked {
        cookies.push(set_cookie(request, language::COOKIE, language.code(), 31_536_000));
    }
    let (page, allow) = match Route::for_request(&ROUTES, request.method().as_str(), request.uri().path()) {
        Ok((route, _)) => (route.id, None),
        Err(NoRoute::Path) => return bare(language, 404, "no_page").into_response(&cookies, None),
        Err(NoRoute::Method { allow }) => (PageId::ConsoleStyle, Some(allow)),
    };
    if allow.is_some() {
        return bare(language, 405, "no_page").into_response(&cookies, allow);
    }
    let asked = Asked { console, request, page, language, query };
    let answer = asked.answer(&mut cookies).await;
    answer.into_response(&cookies, None)
}

/// A request with a route.
struct Asked<'a> {
    console: &'a Console,
    request: &'a Request,
    page: PageId,
    language: Language,
    query: Fields,
}

impl Asked<'_> {
    async fn answer(self, cookies: &mut Vec<String>) -> Answer {
        let (console, request, language) = (self.console, self.request, self.language);
        let acts = *request.method() == Method::POST;
        let body: &[u8] = request.body();
        if body.len() > MAX_BODY_BYTES {
            return bare(language, 413, "too_large");
        }
        if acts && !origin::is_own(request) {
            return bare(language, 403, "foreign_form");
        }
        let form = acts.then(|| Fields::parse(body));
        match self.page {
            PageId::ConsoleStyle => return Answer::Style,
            PageId::ConsoleLogIn => {
                let (answer, session) = login::page(console, language, &self.query, form.as_ref()).await;
                if let Some(session) = session {
                    let sealed = session.seal(&console.link_keys);
                    cookies.push(set_cookie(request, session::COOKIE, &sealed, session::LIFETIME.as_secs()));
                }
                return answer;
            }
            _ => {}
        }
        let now = console.clock.now();
        let sealed = session::cookie(request, session::COOKIE).unwrap_or_default();
        let Some(session) = Session::open(sealed, &console.link_keys, now) else { return self.sign_in() };
        let token = session::form_token(sealed, &console.link_keys);
        if form.as_ref().is_some_and(|form| !session::is_token(form.text("token"), &token)) {
            return bare(language, 403, "foreign_form");
        }
        if self.page == PageId::ConsoleLogOut {
            cookies.push(set_cookie(request, session::COOKIE, "", 0));
            return Answer::Redirect("/console/login?done=out".to_owned());
        }
        let page = self.page;
        let (path, query) = (request.uri().path(), self.query);
        let visit = Visit { console, page, session, token, language, path, query, form, now };
        let answer = match page {
            PageId::ConsoleHome => home::page(&visit).await,
            PageId::ConsoleCustomers => customers::page(&visit).await,
            PageId::ConsoleCustomer => customer::page(&visit).await,
            PageId::ConsoleExport => customer::export(&visit).await,
            PageId::ConsoleErase => erase::page(&visit).await,
            PageId::ConsoleJourneys => journeys::page(&visit).await,
            PageId::ConsoleJourney => journey::page(&visit).await,
            PageId::ConsoleLearned => learned::page(&visit).await,
            PageId::ConsoleVersions => versions::page(&visit).await,
            PageId::ConsoleTasks => tasks::page(&visit).await,
            PageId::ConsoleEvents => events::page(&visit).await,
            PageId::ConsoleSettings => settings::page(&visit).await,
            PageId::ConsoleStyle | PageId::ConsoleLogIn | PageId::ConsoleLogOut => Err(Trouble::Missing(String::new())),
        };
        match answer.or_else(|trouble| told(&visit, trouble)) {
            Ok(answer) => answer,
            Err(Trouble::SignedOut) => {
                cookies.push(set_cookie(request, session::COOKIE, "", 0));
                Answer::Redirect("/console/login?done=over".to_owned())
            }
            Err(_) => bare(language, 503, "unavailable"),
        }
    }

    /// Leads to the page for signing in, and from there back to a page that was only looked at.
    fn sign_in(&self) -> Answer {
        let looked_at = *self.request.method() == Method::GET && self.page != PageId::ConsoleHome;
        let next = looked_at.then(|| self.request.uri().path_and_query().map_or("", |path| path.as_str()));
        let next = next.map(|next| format!("?next={}", in_query(next))).unwrap_or_default();
        Answer::Redirect(format!("/console/login{next}"))
    }
}

/// The page about a trouble; a session that is over has none.
fn told(visit: &Visit<'_>, trouble: Trouble) -> Result<Answer, Trouble> {
    match trouble {
        Trouble::SignedOut => Err(Trouble::SignedOut),
        trouble => {
            if let Trouble::Page(place) = &trouble {
                tracing::error!(place, "a page could not be made");
            }
            visit.trouble(&trouble)
        }
    }
}

/// A page for somebody who did not sign in.
fn bare(language: Language, status: u16, code: &str) -> Answer {
    let html = login::bare(language, status, code);
    html.unwrap_or(Answer::Page { status, html: String::new() })
}

/// A cookie of the console alone, out of reach of scripts and of other pages' links. It travels without TLS only on this machine.
fn set_cookie(request: &Request, name: &str, value: &str, max_age: i64) -> String {
    let secure = if origin::is_loopback(request) { "" } else { "; Secure" };
    format!("{name}={value}; Path=/console; Max-Age={max_age}; HttpOnly; SameSite=Strict{secure}")
}
