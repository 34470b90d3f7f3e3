//! One request of somebody who signed in: who they are, what they ask for, in which language.

use crate::Console;
use crate::form::Fields;
use crate::language::Language;
use crate::page::{Answer, style_version};
use crate::routes::PageId;
use crate::session::Session;
use crate::shop_api::ShopApi;
use crate::texts::texts;
use crate::trouble::Trouble;
use jiff::Timestamp;
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde_json::{Value as Json, json};

/// A request of a person with a session.
pub(crate) struct Visit<'a> {
    pub(crate) console: &'a Console,
    pub(crate) page: PageId,
    pub(crate) session: Session,
    /// What the forms of the page have to come with.
    pub(crate) token: String,
    pub(crate) language: Language,
    /// The page's path.
    pub(crate) path: &'a str,
    pub(crate) query: Fields,
    /// The fields of a form that was sent with the right token; nothing for a page that is only looked at.
    pub(crate) form: Option<Fields>,
    pub(crate) now: Timestamp,
}

impl Visit<'_> {
    /// The API with this person's key.
    pub(crate) fn api(&self) -> ShopApi<'_> {
        ShopApi { api: &self.console.api, key: &self.session.key }
    }

    /// A page of a template. `values` are its own.
    pub(crate) fn render(&self, template: &str, values: &Json) -> Result<Answer, Trouble> {
        self.render_with(200, template, values)
    }

    /// A page with a status of its own.
    pub(crate) fn render_with(&self, status: u16, template: &str, values: &Json) -> Result<Answer, Trouble> {
        let common = context! {
            t => texts(self.language),
            language => self.language.code(),
            style => style_version(),
            shop => self.session.shop.as_str(),
            person => self.session.person.as_str(),
            zone => self.session.zone.as_str(),
            token => self.token.as_str(),
            here => section(self.page),
            now => self.now.to_string(),
            other_language => format!("{}?{}", self.path, self.query.with("lang", self.language.other().code())),
            done => self.query.text("done"),
        };
        Answer::render(status, template, &context! { ..Value::from(Serde(values)), ..common })
    }

    /// The page that says why another one is not shown.
    pub(crate) fn trouble(&self, trouble: &Trouble) -> Result<Answer, Trouble> {
        let values = json!({ "code": trouble.code(), "detail": trouble.detail() });
        self.render_with(trouble.status(), "trouble.html", &values)
    }
}

/// The entry of the menu that a page belongs to.
fn section(page: PageId) -> &'static str {
    match page {
        PageId::ConsoleStyle | PageId::ConsoleLogIn | PageId::ConsoleLogOut => "",
        PageId::ConsoleHome => "home",
        PageId::ConsoleCustomers | PageId::ConsoleCustomer | PageId::ConsoleExport | PageId::ConsoleErase => {
            "customers"
        }
        PageId::ConsoleJourneys | PageId::ConsoleJourney => "journeys",
        PageId::ConsoleLearned => "learned",
        PageId::ConsoleVersions => "versions",
        PageId::ConsoleTasks => "tasks",
        PageId::ConsoleEvents => "events",
        PageId::ConsoleSettings => "settings",
    }
}
