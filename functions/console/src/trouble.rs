//! What can go wrong with a page.

use rekindle_platform::own_api::OwnApiError;

/// Why a page, or a part of it, cannot be shown, or an act was not done. What the API says is for people and names no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    /// The session is over, or its key was withdrawn.
    #[error("the session is over")]
    SignedOut,
    /// The key may not do this.
    #[error("the key may not do this")]
    Forbidden(String),
    /// There is no such thing.
    #[error("there is no such thing")]
    Missing(String),
    /// The API refused what was sent, and says why.
    #[error("the API refused it")]
    Refused(String),
    /// The API did not answer, or could not do it now.
    #[error("the API did not answer")]
    Unavailable,
    /// A template of a page is wrong.
    #[error("a page could not be made")]
    Page(String),
}

impl Trouble {
    /// The status of a page that says so.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::SignedOut => 401,
            Self::Forbidden(_) => 403,
            Self::Missing(_) => 404,
            Self::Refused(_) => 422,
            Self::Unavailable => 503,
            Self::Page(_) => 500,
        }
    }

    /// The section of the texts that explains it.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Forbidden(_) => "forbidden",
            Self::Missing(_) => "missing",
            Self::Refused(_) => "refused",
            Self::Unavailable | Self::Page(_) => "unavailable",
        }
    }

    /// What the API said, in English.
    pub(crate) fn detail(&self) -> &str {
        match self {
            Self::Forbidden(detail) | Self::Missing(detail) | Self::Refused(detail) => detail,
            Self::SignedOut | Self::Unavailable | Self::Page(_) => "",
        }
    }
}

impl From<OwnApiError> for Trouble {
    fn from(error: OwnApiError) -> Self {
        tracing::error!(%error, "the console got no answer");
        Self::Unavailable
    }
}

impl From<minijinja::Error> for Trouble {
    fn from(error: minijinja::Error) -> Self {
        Self::Page(format!("{} {:?}", error.kind(), error.line()))
    }
}
