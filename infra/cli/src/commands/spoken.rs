//! The language of sentences.

use clap::ValueEnum;
use rekindle_insight::Language;

/// A language of the sentences.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Spoken {
    /// English
    En,
    /// Russian
    Ru,
}

impl Spoken {
    /// Its code in answers of the API.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
        }
    }
}

impl From<Spoken> for Language {
    fn from(spoken: Spoken) -> Self {
        match spoken {
            Spoken::En => Self::English,
            Spoken::Ru => Self::Russian,
        }
    }
}
