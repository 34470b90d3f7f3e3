//! The language of the pages: the one asked for by `?lang`, else the one chosen before, else the first of the browser's that the
//! console speaks.

use crate::form::Fields;
use crate::session::cookie;
use http::header;
use rekindle_platform::gateway::Request;

/// The cookie of a language that was chosen.
pub(crate) const COOKIE: &str = "rekindle_language";

/// A language that the console speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Russian,
}

impl Language {
    /// Its code, as `lang` of a page has it.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Russian => "ru",
        }
    }

    /// The language to change to.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::English => Self::Russian,
            Self::Russian => Self::English,
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::English, Self::Russian].into_iter().find(|language| language.code() == code)
    }

    /// The language of a request, and whether it was asked for now.
    pub(crate) fn of_request(request: &Request, query: &Fields) -> (Self, bool) {
        if let Some(asked) = query.get("lang").and_then(Self::from_code) {
            return (asked, true);
        }
        let chosen = cookie(request, COOKIE).and_then(Self::from_code);
        let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|accepted| accepted.to_str().ok());
        let browsers = || accepted.and_then(first_known);
        (chosen.or_else(browsers).unwrap_or(Self::English), false)
    }
}

/// The first language of a list such as `ru-RU,ru;q=0.9,en;q=0.8` that is known. Browsers list the preferred one first.
fn first_known(accepted: &str) -> Option<Language> {
    accepted.split(',').find_map(|range| Language::from_code(range.trim().split(['-', ';']).next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_of_the_browser_that_the_console_speaks_is_taken() {
        for (accepted, expected) in [
            ("ru-RU,ru;q=0.9,en;q=0.8", Some(Language::Russian)),
            ("de-DE,de;q=0.9,en;q=0.8,ru;q=0.7", Some(Language::English)),
            ("fr", None),
            ("", None),
        ] {
            assert_eq!(first_known(accepted), expected, "{accepted}");
        }
    }
}
